"""What a text looks like in numbers, without any model: enough to find empty, garbled, shouted and endless ones.

Letters are code points of the Unicode categories L and M (The Unicode Standard, section 4.5): the accents of Yoruba and
the vowel signs of Hindi belong to their letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from math import nan

_WORD = re.compile(r"\w+")
_STRETCHED = re.compile(r"(\S)\1\1+")
"""The same character three times or more: no written language that we know of does so, but "sooo" and "-----" do."""

_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def text_statistics(text: str) -> dict[str, float]:
    """Lengths and shares of a text that is not blank.

    length_characters and length_words (runs of letters, digits and underscores); longest_word_characters, of the
    longest run without a space; lines that are not blank; links; and as shares in [0, 1] of the characters that are no
    spaces: non_letter_share, and repeated_character_share, of those within a run of three or more equal ones.
    upper_case_share is of the letters that have a case, NaN where there are none.
    """
    stripped = text.strip()
    runs = stripped.split()
    counts = Counter("".join(runs))
    letters = sum(count for character, count in counts.items() if _is_letter(character))
    upper = sum(count for character, count in counts.items() if character.isupper())
    cased = upper + sum(count for character, count in counts.items() if character.islower())
    shown = counts.total()
    return {
        "length_characters": float(len(stripped)),
        "length_words": float(sum(1 for _ in _WORD.finditer(stripped))),
        "longest_word_characters": float(max(map(len, runs), default=0)),
        "lines": float(sum(1 for line in stripped.splitlines() if line.strip())),
        "links": float(sum(1 for _ in _LINK.finditer(stripped))),
        "non_letter_share": (shown - letters) / shown if shown else nan,
        "repeated_character_share": _stretched(stripped) / shown if shown else nan,
        "upper_case_share": upper / cased if cased else nan,
    }


def is_blank(text: str) -> bool:
    """Whether a text has nothing to read: only spaces, control characters and invisible marks."""
    return not any(_can_be_read(character) for character in text)


def _stretched(text: str) -> int:
    return sum(match.end() - match.start() for match in _STRETCHED.finditer(text))


@lru_cache(maxsize=65_536)
def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"


@lru_cache(maxsize=65_536)
def _can_be_read(character: str) -> bool:
    # Not str.isprintable: it is false for characters newer than Python's tables.
    return not character.isspace() and unicodedata.category(character) not in {"Cc", "Cf"}
