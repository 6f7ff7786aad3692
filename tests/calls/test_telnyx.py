"""10,000 random requests, signed as Telnyx does and then perhaps tampered with: its own library and we say the same."""

import random
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from nacl.signing import SigningKey
from telnyx.lib.webhook_verification import WebhookVerificationError, verify_webhook_signature

from assistants_api.telephony import telnyx

REQUESTS = 1_000
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


class Request:
    """What arrives, with the public key of whoever receives it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        key = SigningKey(chance.randbytes(32))
        self.public_key = b64encode(bytes(key.verify_key)).decode()
        self.body = "&".join(
            f"{chance.choice('abc')}={chance.choice(['', 'é', '%2B1'])}" for _ in range(chance.randrange(9))
        )
        self.timestamp = str(int(datetime.now(UTC).timestamp()) + chance.randint(-290, 290))
        self.signature = b64encode(key.sign(f"{self.timestamp}|{self.body}".encode()).signature).decode()

    def is_signed_says_telnyx(self) -> bool:
        headers = {"Telnyx-Signature-Ed25519": self.signature, "Telnyx-Timestamp": self.timestamp}
        try:
            verify_webhook_signature(self.body, headers, self.public_key)
        except WebhookVerificationError:
            return False
        return True

    def is_signed_say_we(self) -> bool:
        headers = {"telnyx-signature-ed25519": self.signature, "telnyx-timestamp": self.timestamp}
        return telnyx.is_signed(headers, self.body.encode(), public_key=self.public_key, now=datetime.now(UTC))


def change_the_body(request: Request) -> None:
    request.body += request.chance.choice(["&", " ", "a", "\0"])


def change_the_timestamp(request: Request) -> None:
    request.timestamp = str(int(request.timestamp) + request.chance.choice([-1, 1, -10, 10, -600, 600]))


def change_the_signature(request: Request) -> None:
    request.signature = replaced(request.signature, request.chance)


def change_the_public_key(request: Request) -> None:
    request.public_key = replaced(request.public_key, request.chance)


def cut_the_signature(request: Request) -> None:
    request.signature = request.signature[: request.chance.randrange(0, 88, 4)]


def replaced(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) - 2)
    return text[:place] + chance.choice(BASE64) + text[place + 1 :]


TAMPERINGS: list[Callable[[Request], None]] = [
    change_the_body,
    change_the_timestamp,
    change_the_signature,
    change_the_public_key,
    cut_the_signature,
]


@pytest.mark.parametrize("seed", range(10))
def test_we_accept_what_telnyxs_library_accepts_and_nothing_else(seed: int) -> None:
    chance, seen = random.Random(seed), Counter[bool]()  # noqa: S311
    for number in range(REQUESTS):
        request = Request(chance)
        if number % 2:
            chance.choice(TAMPERINGS)(request)
        expected = request.is_signed_says_telnyx()
        assert request.is_signed_say_we() is expected, vars(request)
        assert expected or number % 2, "Telnyx's library refuses what was signed as it says."
        seen[expected] += 1
    assert min(seen[True], seen[False]) > REQUESTS / 10
