"""Values that stand for "missing" without saying so.

R. K. Pearson, *The problem of disguised missing data*, SIGKDD Explorations 8(1), 2006, names the problem. FAHES
(A. Qahtan et al., KDD 2018) looks for out-of-range repeated values and odd patterns; here only values that
people are known to use are asked about, so that a common but real value is not accused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.tukey_fences import tukey_fences

if TYPE_CHECKING:
    import pandas as pd

    from dataclinic.arrays import Scores

_WORDS = frozenset({"", "?", "n/a", "n.a.", "na", "nan", "<na>", "null", "nil", "missing", "unknown", "undefined"}) | {
    *("not available", "not known", "not specified", "unspecified", "no data"),
    *("#n/a", "#null!", "#value!", "#ref!", "#div/0!"),  # error values of spreadsheets
}
_SENTINEL = re.compile(r"-9{2,}|9{3,}")
_REPEATS = 3
_FENCE_FACTOR = 3.0


def disguised_words(column: pd.Series) -> tuple[str, ...]:
    """Texts in `column`, as they stand there and in order, that mean nothing but "missing"; "" for blank ones.

    "NA" does not count where every other value is a code of two letters too (countries, states).
    """
    from pandas.api.types import is_object_dtype

    cells = set(column.map(_text)) if is_object_dtype(column.dtype) else column.unique()
    texts = [cell for cell in cells if isinstance(cell, str)]
    found = sorted(text for text in texts if text.strip().casefold() in _WORDS)
    if any(_is_na(text) for text in found) and _are_two_letter_codes(set(texts) - set(found)):
        found = [text for text in found if not _is_na(text)]
    return tuple(found)


def _text(cell: object) -> str | None:
    """None for what is no text, which may not even be hashable."""
    return cell if isinstance(cell, str) else None


def _is_na(text: str) -> bool:
    return text.strip().casefold() == "na"


def _are_two_letter_codes(texts: set[str]) -> bool:
    return bool(texts) and all(len(text.strip()) == 2 for text in texts)


def sentinels(column: pd.Series) -> tuple[float, ...]:
    """Numbers of nines in `column` that cannot be real: −99, −999, 999, 9999, …; the most frequent ends first.

    Such a number occurs at least three times and is the least or the largest value. It is either the only negative one,
    or lies beyond Tukey's outer fence of the other values and at least twice as far from their median as any of
    them on its side.
    """
    values = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), np.float64)
    values = values[np.isfinite(values)]
    found = []
    while values.size and (end := _sentinel_end(values)) is not None:
        found.append(end)
        values = values[values != end]
    return tuple(found)


def _sentinel_end(values: Scores) -> float | None:
    return next((end for end in (float(values.min()), float(values.max())) if _stands_for_missing(end, values)), None)


def _stands_for_missing(end: float, values: Scores) -> bool:
    if not _SENTINEL.fullmatch(f"{end:.12g}"):
        return False
    others = values[values != end]
    if len(values) - len(others) < _REPEATS or not others.size:
        return False
    if end < 0 <= others.min():
        return True
    fences = tukey_fences(others, _FENCE_FACTOR)
    middle = float(np.median(others))
    farthest = others.max() - middle if end > middle else middle - others.min()
    return bool(not fences.low <= end <= fences.high and abs(end - middle) >= 2 * farthest)
