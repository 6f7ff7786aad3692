from typing import Any
from unicodedata import category

import pytest
from pydantic import TypeAdapter, ValidationError

from assistants_api.models.text import BCP47, LANGUAGES, Label, Language, Name, Slug

NAME, LABEL, LANGUAGE, SLUG = (TypeAdapter[str](kind) for kind in (Name, Label, Language, Slug))
# Without what is no character: surrogates, and what the Unicode of this Python does not know.
CHARACTERS = [character for character in map(chr, range(0x110000)) if category(character) not in ("Cs", "Cn")]
# Letters, marks and a symbol by category, but blank: the Hangul fillers, variation selectors and the like.
BLANK = [*"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0", *map(chr, range(0xFE00, 0xFE10))]
BLANK += map(chr, range(0xE0100, 0xE01F0))


def is_accepted(kind: TypeAdapter[Any], text: str) -> bool:
    try:
        kind.validate_python(text)
    except ValidationError:
        return False
    return True


# Most of the good ones are the examples of RFC 5646, appendix A.
@pytest.mark.parametrize(
    "tag",
    [
        "en", "EN", "fil", "multi", "en-US", "en-us", "pt-BR", "es-419", "zh-Hant", "zh-Hant-TW", "zh-cmn-Hans-CN",
        "zh-yue-HK", "sr-Latn-RS", "sl-rozaj", "sl-rozaj-biske", "de-CH-1901", "hy-Latn-IT-arevela", "de-1996",
        "en-US-u-islamcal", "zh-CN-a-myext-x-private", "en-a-myext-b-another", "de-CH-x-phonebk",
        "az-Arab-x-AZE-derbend", "english-language", "en-USAX1", "x-whatever", "x-a-b-1",
        "qaa-Qaaa-QM-x-southern", "ar-a-aaa-b-bbb-a-ccc",
    ],
)  # fmt: skip
def test_a_well_formed_language_tag_is_accepted(tag: str) -> None:
    assert is_accepted(LANGUAGE, tag)


@pytest.mark.parametrize(
    "tag",
    [
        "", "e", "1", "en_US", "en-", "-en", "en--US", " en", "en ", "en\n", "en-US\n", "abcdefghi",
        "de-419-DE", "en-U", "en-u", "en-x", "x", "x-", "x-toolongsub", "en-a-b", "en-US-x-", "en-ÜS",
        "e\u0274", "en-１２３", "\u017fr", "zh-abc-def-ghi-jkl", "a-DE", "en-US,fr", "en;q=1", "*", "en-*",
    ],
)  # fmt: skip
def test_a_malformed_language_tag_is_refused(tag: str) -> None:
    assert not is_accepted(LANGUAGE, tag)


@pytest.mark.parametrize(
    ("sent", "suggested"),
    [
        ("en_us", "en-US"), ("en_US", "en-US"), ("EN_us", "en-US"), ("pt_br", "pt-BR"), ("zh_hant_tw", "zh-Hant-TW"),
        ("es_419", "es-419"), (" en ", "en"), ("en-US\n", "en-US"), ("en US", "en-US"), ("en_US.UTF-8", "en-US"),
        ("de__DE", "de-DE"), ("en_us_u_ca_gregory", "en-US-u-ca-gregory"), ("en_x_us", "en-x-us"),
        ("Portuguese", "pt"), ("Portuguese (Brazil)", None), ("portuguese_br", "pt-BR"), (" Cantonese", "yue"),
        ("", None), ("e", None), ("english!", None), ("en-ÜS", None), ("*", None), ("en_", None), ("abcdefghi", None),
    ],
)  # fmt: skip
def test_a_malformed_language_tag_is_refused_with_the_one_that_was_meant(sent: str, suggested: str | None) -> None:
    with pytest.raises(ValidationError) as refused:
        LANGUAGE.validate_python(sent)
    hint = f"; did you mean {suggested}." if suggested else " such as en, en-US or pt-BR, or multi."
    assert str(refused.value.errors()[0]["ctx"]["error"]) == f"must be a BCP-47 language tag{hint}"
    assert suggested is None or is_accepted(LANGUAGE, suggested)


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_that_is_named_is_one_whose_name_is_no_tag(name: str) -> None:
    assert not is_accepted(LANGUAGE, name)
    assert is_accepted(LANGUAGE, LANGUAGES[name])


@pytest.mark.parametrize("repeated", ["-abcde", "-1abc", "-a-bc", "-a1b2c", "-x", "-abc", "a", "-u-ab", "-12345678"])
def test_a_hostile_language_tag_is_refused_without_trying_every_way_to_read_it(repeated: str) -> None:
    """A pattern that backtracks exponentially would not come back within anybody's lifetime."""
    hostile = ("en" + repeated * 100)[:99] + "!"
    assert not is_accepted(LANGUAGE, hostile)
    assert not BCP47.fullmatch(hostile * 20)


def test_a_language_tag_has_at_most_100_characters() -> None:
    assert is_accepted(LANGUAGE, "x" + "-abcdefgh" * 11)
    assert not is_accepted(LANGUAGE, "x" + "-abcdefgh" * 11 + "-")
    assert not is_accepted(LANGUAGE, "x" + "-abcdefgh" * 12)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("  Sales\u00a0Agent\n", "Sales\u00a0Agent"),
        ("\u3000受付\u3000", "受付"),
        ("👩🏽‍💼", "👩🏽‍💼"),
        ("مساعد المبيعات", "مساعد المبيعات"),
        ("e\u0301", "e\u0301"),
        (" " * 300 + "x" * 200, "x" * 200),
    ],
)
def test_a_name_is_trimmed_and_otherwise_left_as_it_is(sent: str, name: str) -> None:
    assert NAME.validate_python(sent) == name


@pytest.mark.parametrize("position", ["{}", "a{}b"])
@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\x80", "\x9f"])
def test_a_name_holds_no_control_character(position: str, character: str) -> None:
    assert not is_accepted(NAME, position.format(character))


@pytest.mark.parametrize("line_break", "\n\r\t\v\f\x85\u2028\u2029")
def test_a_name_is_one_line(line_break: str) -> None:
    assert not is_accepted(NAME, f"a{line_break}b")


@pytest.mark.parametrize("kind", [NAME, LABEL])
def test_text_is_accepted_if_it_holds_any_visible_character(kind: TypeAdapter[str]) -> None:
    invisible = {each for each in CHARACTERS if category(each) in ("Cc", "Cf", "Zs", "Zl", "Zp")} | {*BLANK}
    assert {each for each in CHARACTERS if not is_accepted(kind, each)} == invisible
    assert not is_accepted(kind, "".join(BLANK)[:200])
    assert is_accepted(kind, "".join(BLANK)[:199] + "x")


@pytest.mark.parametrize("label", [" x ", "\u200bx\u200b", "\U0001fae9", "\ue000", "\u0301"])
def test_a_label_is_left_as_it_is(label: str) -> None:
    assert LABEL.validate_python(label) == label


@pytest.mark.parametrize("name", ["", " ", "\n\t\u00a0\u3000", "x" * 201, "\ud800"])
def test_a_name_is_1_to_200_characters(name: str) -> None:
    assert not is_accepted(NAME, name)


@pytest.mark.parametrize("slug", ["a", "7", "my-team", "a--b", "0-0", "x" * 63])
def test_a_slug_is_lower_case_letters_digits_and_inner_hyphens(slug: str) -> None:
    assert SLUG.validate_python(slug) == slug


@pytest.mark.parametrize(
    "slug", ["", "-", "-a", "a-", "My-team", "my_team", "my team", "a\n", "x" * 64, "é", "ａ", "a/b", "a#b", "١"]
)
def test_any_other_slug_is_refused(slug: str) -> None:
    assert not is_accepted(SLUG, slug)
