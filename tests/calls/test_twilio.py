"""10,000 random requests, signed by Twilio's own library and then perhaps tampered with: it and we say the same."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator, get_signature_algorithm

from assistants_api.telephony import forms, twilio

REQUESTS = 1_000
CHARACTERS = "aAzZ09 +&=%?/#\"'<>\n\0é٣😀-_.~"
SETTINGS = ["", "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "key=webhooks_sharedkey_1,algorithm=HMAC_SHA1"]
Pairs = list[tuple[str, str]]


class MultiDict(dict[str, list[str]]):
    """A form with several values for a name, as Twilio's library takes it from aiohttp."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__({name: [value for key, value in pairs if key == name] for name, _ in pairs})

    def getall(self, name: str) -> list[str]:
        return self[name]


class Request:
    """What arrives, with the secret of whoever receives it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        port, path = chance.choice(["", "", ":443", ":8443"]), chance.choice(["/voice", "/", "/stage/telephony/voice"])
        self.url = (
            f"https://calls{chance.randrange(9)}.example.com{port}{path}{chance.choice(['', '?a=1&b=', '?x=%20'])}"
        )
        self.form = [(self.text(), self.text()) for _ in range(chance.randrange(12))]
        self.form += chance.sample(self.form, chance.randrange(len(self.form) + 1))
        self.form += [(name, self.text()) for name, _ in self.form[: chance.randrange(3)]]
        self.secret, self.settings = self.text() + "secret", chance.choice(SETTINGS)
        signed = chance.choice([self.url, *twilio.with_and_without_port(self.url)])
        self.signature = self.validator.compute_signature(signed, MultiDict(self.form), self.algorithm)

    def text(self) -> str:
        return "".join(self.chance.choices(CHARACTERS, k=self.chance.randrange(6)))

    @property
    def validator(self) -> Any:
        return RequestValidator(self.secret)

    @property
    def algorithm(self) -> str:
        return str(get_signature_algorithm(self.settings))

    def is_signed_says_twilio(self) -> bool:
        return bool(self.validator.validate(self.url, MultiDict(self.form), self.signature, self.algorithm))

    def is_signed_say_we(self) -> bool:
        self.chance.shuffle(self.form)
        headers = {"x-twilio-signature": self.signature} | (
            {twilio.SETTINGS_HEADER: self.settings} if self.settings else {}
        )
        form, urls = forms.parse(urlencode(self.form).encode()), twilio.with_and_without_port(self.url)
        secrets = ([], [self.secret]) if self.settings else ([self.secret], [])
        return twilio.is_signed(headers, urls, form, auth_tokens=secrets[0], shared_keys=secrets[1])


def change_a_value(request: Request) -> None:
    request.form = [(name, value + request.text()) for name, value in request.form]


def move_a_border(request: Request) -> None:
    """Which nobody can notice, since nothing separates a name from its value."""
    request.form = [(name + value[:1], value[1:]) for name, value in request.form]


def add_a_parameter(request: Request) -> None:
    request.form.append((request.text(), request.text()))


def drop_a_parameter(request: Request) -> None:
    request.form = request.form[1:]


def change_the_url(request: Request) -> None:
    part, other = request.chance.choice([(".com", ".org"), ("/voice", "/voice/"), ("?a=1", "?a=2"), (":8443", "")])
    request.url = request.url.replace(part, other)


def change_the_secret(request: Request) -> None:
    request.secret += request.text()


def change_the_signature(request: Request) -> None:
    place = request.chance.randrange(len(request.signature))
    request.signature = request.signature[:place] + request.chance.choice("Aa0+/=") + request.signature[place + 1 :]


def change_the_algorithm(request: Request) -> None:
    request.settings = request.chance.choice([*SETTINGS, "key=a,algorithm=HMAC_MD5", "key=a, algorithm = HMAC_SHA256"])


TAMPERINGS: list[Callable[[Request], None]] = [
    change_a_value,
    move_a_border,
    add_a_parameter,
    drop_a_parameter,
    change_the_url,
    change_the_secret,
    change_the_signature,
    change_the_algorithm,
]


@pytest.mark.parametrize("seed", range(10))
def test_we_accept_what_twilios_library_accepts_and_nothing_else(seed: int) -> None:
    chance, seen = random.Random(seed), Counter[bool]()  # noqa: S311
    for number in range(REQUESTS):
        request = Request(chance)
        if number % 2:
            chance.choice(TAMPERINGS)(request)
        expected = request.is_signed_says_twilio()
        assert request.is_signed_say_we() is expected, vars(request)
        assert expected or number % 2, "Twilio's library refuses what it signed itself."
        seen[expected] += 1
    assert min(seen[True], seen[False]) > REQUESTS / 10
