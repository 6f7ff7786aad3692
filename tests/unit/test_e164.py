import pytest
from hypothesis import given, strategies as st

from assistants_api.models.e164 import check_e164, guess_number, read_number
from assistants_api.models.ids import E164

NUMBER = "+14155550101"
CLEAR = [
    NUMBER, "14155550101", " 14155550101", "+1 415 555 0101", "+1-415-555-0101", "+1 (415) 555-0101", "+1.415.555.0101",
    "+1/415/5550101", "+1\u00a0415\u2009555\u20110101", "\uff0b1\uff084155550101\uff09", "\u202a+14155550101\u202c",
    "\ufeff+1415\u200b5550101", "+１４１５５５５０１０１", "+1415555010\u0661", "+14155550101\n", "+1 (0)415 555 0101",
    "tel:+14155550101", "TEL:+1-415-555-0101", "tel:14155550101", "tel:+14155550101;ext=7", "pn_14155550101",
    "sip:+14155550101@carrier.example", "sips:+14155550101@carrier.example:5061;transport=tls",
    "sip:14155550101@10.0.0.1;user=phone", "sip:+14155550101;npdi@carrier.example", "sip:+14155550101:x@10.0.0.1",
    "<sip:+14155550101@carrier.example>;tag=1", '"Caller" <sip:+14155550101@carrier.example?Subject=x>',
]  # fmt: skip
GUESSES = {
    "0014155550101": NUMBER, "00 1 415 555 0101": NUMBER, "+0014155550101": NUMBER, "1-415-555-0101": NUMBER,
    "1 (415) 555-0101": NUMBER, "0044 (0)20 7183 8750": "+442071838750",
}  # fmt: skip
UNCLEAR = [
    "", "+", "+1", "415-555-0101", "(415) 555-0101", "020 7183 8750", "01711234567", "+0123456789", "+1234567890123456",
    "++14155550101", "+1+4155550101", "+1-800-FLOWERS", "+1 415 555 0101 x5", "²14155550101", "pn_", "tel:", "sip:@",
    "sip:sales@carrier.example", "tel:5550101;phone-context=+1415", "https://carrier.example/14155550101",
    "+14155550101" + " " * 300, "x" * 100_000, "<" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", CLEAR)
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    assert read_number(text) == NUMBER
    assert guess_number(text) == NUMBER


@pytest.mark.parametrize(("text", "number"), GUESSES.items())
def test_what_is_not_clear_is_only_suggested(text: str, number: str) -> None:
    assert read_number(text) is None
    assert guess_number(text) == number
    assert guess_number(text, prefix="pn_") == f"pn_{number[1:]}"


@pytest.mark.parametrize("text", UNCLEAR)
def test_of_what_is_no_number_nothing_is_made(text: str) -> None:
    assert (read_number(text), guess_number(text)) == (None, None)


def test_a_number_that_may_lack_its_country_code_is_read_but_not_suggested() -> None:
    assert (read_number("4155550101"), guess_number("4155550101")) == ("+4155550101", None)


TEXTS = st.text(st.sampled_from("+01459() -.:;@<>tel_pnsi\u202a\u0661"), max_size=30) | st.text(max_size=30)


@given(TEXTS)
def test_whatever_is_read_or_suggested_is_a_number_that_an_import_takes(text: str) -> None:
    for each in filter(None, [read_number(text), guess_number(text)]):
        assert check_e164(each) == each
        assert read_number(each) == each


@given(st.from_regex(E164, fullmatch=True), st.data())
def test_punctuation_changes_no_number(number: str, data: st.DataObject) -> None:
    marks = data.draw(st.lists(st.sampled_from(["", " ", "-", ".", "/", "\u200b"]), min_size=15, max_size=15))
    written = "+" + "".join(digit + mark for digit, mark in zip(number[1:], marks, strict=False))
    assert read_number(written) == number
