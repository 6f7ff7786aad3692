"""A carrier's side of a media stream, as Twilio has it.

https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

import asyncio
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from local.call.errors import CallError
from local.call.sound import RATE, SILENCE, spoken

PACKET_SECONDS = 0.02
PACKET = int(RATE * PACKET_SECONDS)  # bytes
FIRST_WORD = 20  # seconds that the caller waits for it
PAUSE = 3  # seconds of silence after which the caller hangs up
LONGEST_CALL = 120  # seconds


@dataclass(frozen=True)
class Stream:
    """What the markup opens."""

    url: str
    parameters: dict[str, str]

    @property
    def token(self) -> str:
        return self.url.rpartition("/")[2]


async def listen(stream: Stream, account_sid: str, call_sid: str, says: bytes = b"") -> bytes:
    """Opens the stream, listens until nobody speaks, says what there is to say, listens again, and hangs up.

    Gives what the other side said; all sound is mu-law. Raises CallError if it says nothing.
    """
    ids = {"accountSid": account_sid, "callSid": call_sid}
    stream_sid, microphone = f"MZ{secrets.token_hex(16)}", bytearray()
    try:
        async with connect(stream.url, proxy=None) as socket:
            await open_stream(socket, stream_sid, ids, stream.parameters)
            speaking = asyncio.create_task(speak(socket, stream_sid, microphone))
            try:
                heard = await hear(socket)
                if heard and says:
                    microphone += says
                    heard += await hear(socket)
            finally:
                speaking.cancel()
            if heard:
                await send(socket, event="stop", streamSid=stream_sid, stop=ids)
    except (ConnectionClosed, InvalidHandshake, OSError) as error:
        raise CallError(f"The worker broke off the call, with its reason above: {error}") from error
    if not heard:
        raise CallError(f"The worker said nothing for {FIRST_WORD} seconds. Has the assistant a first_message?")
    return heard


async def open_stream(
    socket: ClientConnection, stream_sid: str, ids: Mapping[str, str], parameters: Mapping[str, str]
) -> None:
    sound = {"encoding": "audio/x-mulaw", "sampleRate": RATE, "channels": 1}
    start = {
        **ids,
        "streamSid": stream_sid,
        "tracks": ["inbound"],
        "mediaFormat": sound,
        "customParameters": parameters,
    }
    await send(socket, event="connected", protocol="Call", version="1.0.0")
    await send(socket, event="start", sequenceNumber="1", streamSid=stream_sid, start=start)


async def send(socket: ClientConnection, **message: object) -> None:
    await socket.send(json.dumps(message))


async def speak(socket: ClientConnection, stream_sid: str, microphone: bytearray) -> None:
    """Sends what comes into the microphone, and silence between, until it is cancelled or the connection closes."""
    with suppress(ConnectionClosed):
        for chunk in count(1):
            packet = bytes(microphone[:PACKET]).ljust(PACKET, SILENCE)
            del microphone[:PACKET]
            media = {"track": "inbound", "chunk": str(chunk), "timestamp": str(int(chunk * PACKET_SECONDS * 1000))}
            media["payload"] = b64encode(packet).decode()
            await send(socket, event="media", sequenceNumber=str(chunk + 1), streamSid=stream_sid, media=media)
            await asyncio.sleep(PACKET_SECONDS)


async def hear(socket: ClientConnection) -> bytes:
    """What is said until nobody speaks any more, or until the other side closes the connection."""
    clock = asyncio.get_running_loop().time
    end, sound = clock() + LONGEST_CALL, bytearray()
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_WORD) as patience:
            async for message in socket:
                packet = payload(json.loads(message))
                sound += packet
                if spoken(packet):
                    patience.reschedule(min(clock() + PAUSE, end))
    return spoken(bytes(sound))


def payload(message: dict[str, dict[str, str]]) -> bytes:
    return b64decode(message["media"]["payload"]) if "media" in message else b""
