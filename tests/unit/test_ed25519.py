"""Test vectors of RFC 8032, section 7.1; signatures of OpenSSL; and what a lenient verification would accept."""

import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assistants_api.telephony import ed25519

VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2"
        "4655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302ae"
        "eb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28"
        "dc027beceea1ec40a",
    ),
]
PRIVATE = Ed25519PrivateKey.generate()
PUBLIC = PRIVATE.public_key().public_bytes_raw()
MESSAGE = b"1764115200|CallSid=CA1"
SIGNATURE = PRIVATE.sign(MESSAGE)
SMALL_ORDER = [
    (1).to_bytes(32, "little"),
    (0).to_bytes(32, "little"),
    (1 << 255).to_bytes(32, "little"),
    (ed25519.P - 1).to_bytes(32, "little"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
]


@pytest.mark.parametrize(("public_key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_are_verified(public_key: str, message: str, signature: str) -> None:
    key, text, signed = (bytes.fromhex(each) for each in (public_key, message, signature))
    assert ed25519.verify(key, signed, text)
    assert not ed25519.verify(key, signed, text + b"x")


def test_what_openssl_signs_is_verified() -> None:
    for size in (0, 1, 63, 64, 1_000, 65_536):
        private, message = Ed25519PrivateKey.generate(), secrets.token_bytes(size)
        assert ed25519.verify(private.public_key().public_bytes_raw(), private.sign(message), message)


@pytest.mark.parametrize("bit", [*range(0, 512, 37), 255, 256, 511])
def test_a_signature_with_any_bit_changed_is_refused(bit: int) -> None:
    changed = (int.from_bytes(SIGNATURE, "little") ^ 1 << bit).to_bytes(64, "little")
    assert not ed25519.verify(PUBLIC, changed, MESSAGE)


@pytest.mark.parametrize("bit", [0, 1, 100, 254, 255])
def test_another_key_is_refused(bit: int) -> None:
    changed = (int.from_bytes(PUBLIC, "little") ^ 1 << bit).to_bytes(32, "little")
    assert not ed25519.verify(changed, SIGNATURE, MESSAGE)


def test_a_signature_cannot_be_written_in_another_way() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little") + ed25519.ORDER
    assert not ed25519.verify(PUBLIC, SIGNATURE[:32] + s.to_bytes(32, "little"), MESSAGE)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 63, 65, 96])
def test_what_has_not_the_length_of_a_signature_is_refused(length: int) -> None:
    assert not ed25519.verify(PUBLIC, (SIGNATURE + SIGNATURE)[:length], MESSAGE)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_what_has_not_the_length_of_a_key_is_refused(length: int) -> None:
    assert not ed25519.verify((PUBLIC + PUBLIC)[:length], SIGNATURE, MESSAGE)


@pytest.mark.parametrize("key", SMALL_ORDER)
def test_a_key_under_which_anybody_can_sign_is_refused(key: bytes) -> None:
    """Under the neutral point as key, R = sB holds for every message."""
    signed_by_anybody = ed25519._encode(ed25519.BASE) + (1).to_bytes(32, "little")
    assert not ed25519.verify(key, signed_by_anybody, MESSAGE)


def test_a_key_that_is_not_written_canonically_is_refused() -> None:
    points = [y for y in range(19) if ed25519._decode(y.to_bytes(32, "little"))]
    assert len(points) > 5
    for y in points:
        assert ed25519._decode((ed25519.P + y).to_bytes(32, "little")) is None
