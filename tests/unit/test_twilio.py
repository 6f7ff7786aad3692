"""The first case is Twilio's own example; `make test-calls` compares 10,000 requests with Twilio's library."""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import urlencode

import pytest

from assistants_api.telephony import forms, twilio

URL = "https://api.example.com/telephony/twilio/conn_1/voice"
FORM = [("CallSid", "CA1"), ("From", "+14155550101"), ("To", "+14155550102"), ("Digits", "")]
TOKEN = "token"
SETTINGS = "key=webhooks_sharedkey_01jd5x,algorithm=HMAC_SHA256"


def sign(
    url: str = URL, form: Sequence[tuple[str, str]] = tuple(FORM), secret: str = TOKEN, hash_: str = "sha1"
) -> str:
    text = url + "".join(name + value for name, value in sorted(set(form)))
    return b64encode(hmac.digest(secret.encode(), text.encode(), hash_)).decode()


def is_signed(
    signature: str,
    form: Sequence[tuple[str, str]] = tuple(FORM),
    urls: Sequence[str] = (URL,),
    settings: str | None = None,
    auth_tokens: Sequence[str] = (TOKEN,),
    shared_keys: Sequence[str] = (),
) -> bool:
    headers = {"x-twilio-signature": signature} | ({} if settings is None else {twilio.SETTINGS_HEADER: settings})
    return twilio.is_signed(headers, urls, form, auth_tokens=auth_tokens, shared_keys=shared_keys)


def test_the_example_of_twilios_documentation_is_accepted() -> None:
    form = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", form, [url], auth_tokens=["12345"])
    assert not is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", form, [url], auth_tokens=["12346"])


def test_parameters_may_come_in_any_order_and_any_number() -> None:
    many = [(f"Parameter{number}", "ü" * (number % 3)) for number in range(2_000)]
    assert is_signed(sign(form=many), many[::-1])
    assert is_signed(sign(), FORM[::-1])
    assert is_signed(sign(form=[]), [])


def test_blank_and_repeated_values_count() -> None:
    assert not is_signed(sign(), [*FORM, ("Blank", "")])
    assert not is_signed(sign(), [*FORM, ("From", "+14155550103")])
    repeated = [*FORM, ("To", "b"), ("To", "a"), ("To", "a")]
    assert is_signed(sign(form=repeated), forms.parse(urlencode(repeated).encode()))


def test_a_parameter_that_a_proxy_added_changed_or_dropped_is_refused() -> None:
    for form in ([*FORM, ("Forwarded", "1")], FORM[1:], [("CallSid", "CA2"), *FORM[1:]], []):
        assert not is_signed(sign(), form)


@pytest.mark.parametrize("signature", ["", "x", "=", "Ü", "\ud800", "A" * 100_000])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    assert not is_signed(signature)
    assert not twilio.is_signed({}, [URL], FORM, auth_tokens=["token"])


def test_a_blank_secret_accepts_nothing() -> None:
    assert not is_signed(sign(secret=""), auth_tokens=["", "token"])
    assert not is_signed(sign(), auth_tokens=[])
    assert not is_signed(sign(secret="", hash_="sha256"), settings=SETTINGS, shared_keys=[""])


def test_while_one_secret_replaces_another_both_are_accepted() -> None:
    for secret in ("old", "new"):
        assert is_signed(sign(secret=secret), auth_tokens=["old", "new"])
        signature = sign(secret=secret, hash_="sha256")
        assert is_signed(signature, settings=SETTINGS, shared_keys=["old", "new"])


@pytest.mark.parametrize(
    ("settings", "hash_"),
    [
        (SETTINGS, "sha256"),
        ("algorithm=HMAC_SHA256, key=webhooks_sharedkey_01jd5x", "sha256"),
        ("key=a,algorithm=hmac_sha256", "sha256"),
        ("key=a, algorithm = HMAC_SHA256", "sha256"),
        ("key=a,algorithm=HMAC_SHA1", "sha1"),
        ("key=a", "sha1"),
    ],
)
def test_what_a_webhook_rule_signs_is_accepted_under_its_shared_key_alone(settings: str, hash_: str) -> None:
    signature = sign(secret="shared", hash_=hash_)
    assert is_signed(signature, settings=settings, shared_keys=["shared"])
    assert not is_signed(signature, settings=settings, auth_tokens=["shared"])
    assert not is_signed(signature, shared_keys=["shared"])


@pytest.mark.parametrize("algorithm", ["HMAC_MD5", "none", "sha256", "HMAC_SHA256 HMAC_SHA1"])
def test_an_algorithm_that_is_unknown_accepts_nothing(algorithm: str) -> None:
    for hash_ in ("sha1", "sha256", "md5"):
        signature = sign(secret="shared", hash_=hash_)
        assert not is_signed(signature, settings=f"key=a,algorithm={algorithm}", shared_keys=["shared"])


PATH = "/telephony/twilio/conn_1/voice"
GATEWAY = {"domain": "api.example.com", "stage": "$default", "path": PATH, "query": ""}
PUBLIC = "https://calls.example.org/v1"


@pytest.mark.parametrize(
    ("url", "request_", "public_base_url"),
    [
        (URL, {}, ""),
        (f"https://api.example.com:443{PATH}", {}, ""),
        (f"https://api.example.com/prod{PATH}", {"stage": "prod", "path": f"/prod{PATH}"}, ""),
        (URL, {"stage": "prod", "path": f"/prod{PATH}"}, ""),
        (f"{URL}?a=1&b=", {"query": "a=1&b="}, ""),
        (URL, {"query": "added=by-a-proxy"}, ""),
        (PUBLIC + PATH, {}, PUBLIC),
        (PUBLIC + PATH, {}, PUBLIC + "/"),
        (PUBLIC + PATH, {"stage": "prod", "path": f"/prod{PATH}"}, PUBLIC),
        (f"{PUBLIC}{PATH}?a=1", {"query": "a=1"}, PUBLIC),
        (PUBLIC + PATH, {"query": "added=by-a-proxy"}, PUBLIC),
        (f"https://calls.example.org:8443{PATH}", {}, "https://calls.example.org:8443"),
        (f"https://calls.example.org{PATH}", {}, "https://calls.example.org:8443"),
        (f"http://calls.example.org{PATH}", {}, "http://calls.example.org"),
        (f"http://calls.example.org:80{PATH}", {}, "http://calls.example.org"),
        (f"http://[::1]:3000{PATH}", {}, "http://[::1]:3000"),
        (URL, {}, PUBLIC),
    ],
)
def test_the_public_url_is_among_those_that_may_be_signed(
    url: str, request_: dict[str, str], public_base_url: str
) -> None:
    urls = twilio.signed_urls(**(GATEWAY | request_), public_base_url=public_base_url)
    assert is_signed(sign(url), urls=urls)
    assert len(urls) == len(set(urls)) <= 12


@pytest.mark.parametrize(
    ("url", "public_base_url"),
    [
        (f"https://other.example.com{PATH}", ""),
        (f"http://api.example.com{PATH}", ""),
        (f"https://api.example.com:8443{PATH}", ""),
        (f"https://api.example.com/prod{PATH}", ""),
        (f"{URL}?a=1", ""),
        (f"{URL}/", ""),
        ("https://api.example.com/telephony/twilio/conn_2/voice", ""),
        (f"http://calls.example.org/v1{PATH}", PUBLIC),
        (f"https://calls.example.org{PATH}", PUBLIC),
        (f"https://calls.example.org:8443/v1{PATH}", PUBLIC),
        (f"javascript:{PATH}", "javascript:"),
    ],
)
def test_a_signature_for_another_url_is_refused(url: str, public_base_url: str) -> None:
    assert not is_signed(sign(url), urls=twilio.signed_urls(**GATEWAY, public_base_url=public_base_url))
