from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assistants_api.telephony import telnyx

PRIVATE = Ed25519PrivateKey.generate()
PUBLIC_KEY = b64encode(PRIVATE.public_key().public_bytes_raw()).decode()
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BODY = b"CallSid=v3%3Aabc&From=%2B14155550101&To=%2B14155550102&Digits="


def signed(body: bytes = BODY, timestamp: str = str(int(NOW.timestamp()))) -> dict[str, str]:
    signature = b64encode(PRIVATE.sign(timestamp.encode() + b"|" + body)).decode()
    return {"telnyx-signature-ed25519": signature, "telnyx-timestamp": timestamp}


def is_signed(headers: dict[str, str], body: bytes = BODY, public_key: str = PUBLIC_KEY, now: datetime = NOW) -> bool:
    return telnyx.is_signed(headers, body, public_key=public_key, now=now)


def test_what_telnyx_signed_is_accepted_byte_for_byte() -> None:
    assert is_signed(signed())
    assert is_signed(signed(b"\xff\x00"), b"\xff\x00")
    assert is_signed(signed(b""), b"")


def test_another_body_is_refused() -> None:
    parts = BODY.split(b"&")
    for body in (BODY + b"&a=b", BODY + b" ", b"&".join(reversed(parts)), b"&".join(parts[:-1]), b""):
        assert not is_signed(signed(), body)


@pytest.mark.parametrize("seconds", [-300, -299, 0, 300])
def test_a_signature_is_good_for_five_minutes(seconds: int) -> None:
    assert is_signed(signed(), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-86_400, -301, 301, 86_400])
def test_a_signature_that_is_late_or_early_is_refused(seconds: int) -> None:
    assert not is_signed(signed(), now=NOW + timedelta(seconds=seconds))


def test_a_late_request_with_a_new_timestamp_is_refused() -> None:
    late = NOW + timedelta(hours=1)
    assert not is_signed(signed() | {"telnyx-timestamp": str(int(late.timestamp()))}, now=late)


@pytest.mark.parametrize("form", ["", " {}", "+{}", "{}.0", "{}_0", "-{}", "0x{}", "{}\n", "١٧٦٤", "9" * 5_000])
def test_a_timestamp_in_another_form_is_refused_though_it_is_signed(form: str) -> None:
    assert not is_signed(signed(timestamp=form.format(int(NOW.timestamp()))))


@pytest.mark.parametrize("header", ["telnyx-signature-ed25519", "telnyx-timestamp"])
def test_a_request_without_one_of_the_headers_is_refused(header: str) -> None:
    headers = signed()
    del headers[header]
    assert not is_signed(headers)


@pytest.mark.parametrize("text", ["", "?", "A", "Ü", "AAAA", "A" * 88, " " * 88, "\ud800"])
def test_what_is_no_signature_or_no_key_is_refused(text: str) -> None:
    assert not is_signed(signed() | {"telnyx-signature-ed25519": text})
    assert not is_signed(signed(), public_key=text)


def test_the_key_of_another_account_is_refused() -> None:
    other = b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    assert not is_signed(signed(), public_key=other)
