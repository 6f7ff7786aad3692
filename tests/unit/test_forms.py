from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from assistants_api.errors import BodyTooLarge, InvalidRequest
from assistants_api.telephony import forms

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=40))
def test_what_was_encoded_is_read_in_its_order_with_blank_and_repeated_values(pairs: list[tuple[str, str]]) -> None:
    assert forms.parse(urlencode(pairs).encode()) == pairs


def test_a_name_without_a_value_is_blank() -> None:
    assert forms.parse(b"Digits=&SpeechResult&From=%2B14155550101") == [
        ("Digits", ""),
        ("SpeechResult", ""),
        ("From", "+14155550101"),
    ]


def test_a_body_of_64_kib_is_read_whatever_it_holds() -> None:
    for body in (b"a=" + b"b" * 65_534, b"a&" * 32_768, b"&" * 65_536, b"%41=" * 16_384):
        assert len(body) == 65_536
        forms.parse(body)
    assert len(forms.parse(b"a&" * 32_768)) == 32_768


def test_a_larger_body_is_refused() -> None:
    with pytest.raises(BodyTooLarge, match="65,537 bytes; at most 65,536"):
        forms.parse(b"a" * 65_537)


@pytest.mark.parametrize("body", [b"From=\xff", b"From=%FF", b"%C3=a", b"a=%ED%A0%80"])
def test_what_is_not_utf_8_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="form-encoded UTF-8"):
        forms.parse(body)


def test_a_value_is_that_of_a_name_that_is_there_once() -> None:
    form = forms.parse(b"To=1&From=2&To=3")
    assert [forms.only(form, name) for name in ("From", "To", "CallSid")] == ["2", "", ""]
