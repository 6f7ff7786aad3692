"""The sound of a telephone: mu-law (G.711), 8,000 samples a second, one channel."""

import sys
import wave
from array import array
from pathlib import Path

RATE = 8_000  # samples, and bytes, a second
SILENCE = b"\xff"
LOUD = 500  # of 32,767: above the noise that codecs add to silence


def _linear(code: int) -> int:
    """The 16-bit sample that a byte of mu-law stands for."""
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return -magnitude if code & 0x80 else magnitude


LINEAR = [_linear(code) for code in range(256)]
QUIET = bytes(code for code in range(256) if abs(LINEAR[code]) <= LOUD)


def spoken(sound: bytes) -> bytes:
    """The sound without the silence before and after it."""
    return sound.strip(QUIET)


def write_wav(file: Path, sound: bytes) -> None:
    samples = array("h", (LINEAR[code] for code in sound))
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(samples.itemsize)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
