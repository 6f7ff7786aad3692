"""A voice that needs no key and no network: espeak-ng, which Debian has as a package."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, AsyncIterator

from pipecat.frames.frames import ErrorFrame, Frame
from pipecat.services.settings import TTSSettings
from pipecat.services.tts_service import TTSService

PIECE = 4_096  # bytes


class LocalVoice(TTSService):
    """Speaks a BCP-47 language, English in place of `multi`."""

    def __init__(self, language: str) -> None:
        spoken = "en" if language == "multi" else language.partition("-")[0]
        settings = TTSSettings(model=None, voice=spoken, language=None)
        super().__init__(push_start_frame=True, push_stop_frames=True, settings=settings)

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        command = ("espeak-ng", "--stdin", "--stdout", "-v", str(self._settings.voice))
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        sound, _ = await process.communicate(text.encode())
        if process.returncode:
            yield ErrorFrame(f"espeak-ng has no voice for {self._settings.voice}.")
            return
        async for frame in self._stream_audio_frames_from_iterator(
            pieces(sound), strip_wav_header=True, context_id=context_id
        ):
            yield frame


async def pieces(sound: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(sound), PIECE):
        yield sound[start : start + PIECE]
