import pytest

from assistants_api.models.graphemes import cut

CLUSTERS = [
    "👩🏽‍💼", "👨‍👩‍👧‍👦", "🏳️‍🌈", "❤️", "👍🏿", "1️⃣", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "e\u0301", "a\u0308\u0323", "\u1112\u1161\u11ab",
    "하\u11ab", "\u1100각", "क्ष", "क्षि", "நி", "กำ", "ກຳ", "\u0600١", "ی\u200c", "ｶﾞ", "\u0d4eക",
]  # fmt: skip


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_cluster_is_kept_whole_or_left_out(cluster: str) -> None:
    text = f"ab{cluster}{cluster}c"
    kept = [cut(text, length) for length in range(len(text) + 2)]
    ends = [0, 1, 2, 2 + len(cluster), 2 + 2 * len(cluster), len(text)]
    assert kept == [text[: max(end for end in ends if end <= length)] for length in range(len(text) + 2)]


@pytest.mark.parametrize("text", ["", "abc", "日本語", "한국어", "👍👍", "مرحبا", "שלום", "ไทย"])
def test_a_text_is_cut_between_any_two_characters_of_their_own(text: str) -> None:
    assert [cut(text, length) for length in range(len(text) + 1)] == [text[:length] for length in range(len(text) + 1)]


@pytest.mark.parametrize(("flags", "kept"), [(1, 0), (2, 2), (3, 2), (4, 4), (5, 4)])
def test_flags_are_counted_from_their_first_letter(flags: int, kept: int) -> None:
    assert cut("🇩🇪🇫🇷🇺🇸", flags) == "🇩🇪🇫🇷🇺🇸"[:kept]


def test_a_single_cluster_that_is_too_long_leaves_nothing() -> None:
    assert cut("e" + "\u0301" * 10_000, 193) == ""
