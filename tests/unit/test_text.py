from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from assistants_api.models.text import BCP47, Language, Name, Slug

NAME, LANGUAGE, SLUG = (TypeAdapter[str](kind) for kind in (Name, Language, Slug))


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
