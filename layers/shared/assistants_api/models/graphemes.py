"""Where a text may be cut: between grapheme clusters, which people take for characters.

The rules are those of https://www.unicode.org/reports/tr29/, but for some that join more than they have to: nothing is
cut behind a zero-width joiner, or before the letter behind a virama.
"""

import re
from itertools import takewhile
from unicodedata import category, combining

ZERO_WIDTH_JOINER = "\u200d"
EXTENDING = re.compile("[\u200c\u200d\uff9e\uff9f\u0e33\u0eb3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
PREPENDED = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f\U00011941"
    "\U00011a84-\U00011a89\U00011d46]"
)
HANGUL = re.compile(  # of one syllable: a leading consonant before any, a vowel or syllable before a vowel or final
    "[\u1100-\u115f\ua960-\ua97c][\u1100-\u11a7\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7c6]"
    "|[\u1160-\u11a7\uac00-\ud7a3\ud7b0-\ud7c6][\u1160-\u11ff\ud7b0-\ud7fb]"
    "|[\u11a8-\u11ff\ud7cb-\ud7fb][\u11a8-\u11ff\ud7cb-\ud7fb]"
)


def cut(text: str, length: int) -> str:
    """The text, without the grapheme clusters that end after `length` characters."""
    while 0 < length < len(text) and not _is_boundary(text, length):
        length -= 1
    return text[:length]


def _is_boundary(text: str, position: int) -> bool:
    before, after = text[position - 1], text[position]
    if _extends(after) or before == ZERO_WIDTH_JOINER or PREPENDED.match(before) or HANGUL.match(before + after):
        return False
    backwards = text[:position][::-1]
    if category(after) == "Lo" and any(combining(mark) == 9 for mark in takewhile(_extends, backwards)):  # a virama
        return False
    return not (_is_flag_letter(after) and len([*takewhile(_is_flag_letter, backwards)]) % 2)


def _extends(character: str) -> bool:
    return category(character) in ("Mn", "Me", "Mc") or bool(EXTENDING.match(character))


def _is_flag_letter(character: str) -> bool:
    """Whether two of them are a flag."""
    return "\U0001f1e6" <= character <= "\U0001f1ff"
