"""Which texts say the same: equal words, or nearly all of them in the same order."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.alike_sets import AlikeSets, Bounds, Likeness, alike_sets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Rows

WAYS = ("same words", "words changed")
"""In which way texts are alike: but for case, signs and spaces, or but for some words."""

BOUNDS = Bounds(least=0.9, isolation=2.0)
"""One word of ten may differ. In shorter texts a word is too much of what is said."""

_WORD = re.compile(r"(?:(?<!\w)[-+](?=\d))?\w+[+#]*|[\u2600-\u27bf\U0001f000-\U0001faff]")
"""With its sign a number, with what tells C from C++ and C#, or a pictograph: those say something."""

_DIGIT = re.compile(r"\d")

_MOST_WORDS = 2_000
"""Of a text, its beginning: aligning words takes time with their square."""


def text_copies(texts: Sequence[str], candidates: NDArray[np.int64], around: NDArray[np.int64]) -> AlikeSets:
    """Sets of texts that say the same; ways are places in `WAYS`.

    Likeness is the share of the longer text's words that both have in the same order (Ratcliff and Metzener,
    *Pattern Matching: The Gestalt Approach*, Dr. Dobb's Journal 1988), in Unicode normalisation form KC without case;
    0 where words with digits differ: other sizes, dates and model numbers tell different things apart. Texts without
    a letter or digit are like no other.

    Args:
        texts: of different content.
        candidates: (pairs, 2) rows that may be copies besides those with the same words.
        around: (texts, k) rows of each one's neighbours, -1 for none.
    """
    words = [normalised_words(text) for text in texts]
    pairs = np.concatenate([_same_words(words), candidates])
    return alike_sets(pairs, around, len(texts), _Measured(words).likeness, BOUNDS)


def normalised_words(text: str) -> tuple[str, ...]:
    """Words, numbers and pictographs of a text in Unicode normalisation form KC, without case or signs."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _same_words(words: Sequence[tuple[str, ...]]) -> NDArray[np.int64]:
    """Pairs of each text with the next one of the same words."""
    last: dict[tuple[str, ...], int] = {}
    pairs = []
    for row, own in enumerate(words):
        if own and own in last:
            pairs.append((last[own], row))
        last[own] = row
    return np.array(pairs, np.int64).reshape(-1, 2)


class _Measured:
    """Likeness of pairs of texts, from their words."""

    def __init__(self, words: Sequence[tuple[str, ...]]) -> None:
        self._words = words

    def likeness(self, first: Rows, second: Rows) -> Likeness:
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        values = np.array([word_likeness(self._words[one], self._words[other]) for one, other in pairs], np.float64)
        return Likeness(values, (values < 1.0).astype(np.int64))


def word_likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Share of the longer one's words that both have in the same order; 0 where words with digits differ."""
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    shorter, longer = sorted((len(one), len(other)))
    if shorter < BOUNDS.least * longer / BOUNDS.isolation or _numbers(one) != _numbers(other):
        return 0.0
    # In the order of words, so that the answer does not depend on which text comes first.
    low, high = sorted((one[:_MOST_WORDS], other[:_MOST_WORDS]))
    matcher = SequenceMatcher(None, low, high, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / max(len(low), len(high))


def _numbers(words: tuple[str, ...]) -> list[str]:
    return sorted(word for word in words if _DIGIT.search(word))
