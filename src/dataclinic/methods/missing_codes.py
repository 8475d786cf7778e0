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
    *("not available", "not known", "not specified", "not given", "not provided", "not reported", "not stated"),
    *("unspecified", "no data", "tbd", "??", "???", "--", "---"),
    *("#n/a", "#null!", "#value!", "#ref!", "#div/0!"),  # error values of spreadsheets
}
_SENTINEL = re.compile(r"-9{2,}|9{3,}")
_FIRST_DAYS = {-719_162.0: "0001-01-01", -25_569.0: "1899-12-30", -25_568.0: "1899-12-31", -25_567.0: "1900-01-01"} | {
    2_932_896.0: "9999-12-31"
}
"""Days since 1970-01-01. Its own first day is 0, which is asked about as a number too."""
_DIFFERENT = 20
"""Different values that a column of dates or counts must have; fewer may be codes themselves."""
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
    """Numbers in `column` that people write for "missing" and that cannot be real there; the most frequent ends first.

    Asked about are numbers of nines (−99, −999, 999, 9999, …), the days since 1970-01-01 of 1900-01-01 and other first
    days of calendars, 0 and −1. Such a number occurs at least three times and is the least or the largest value. Then

    - of nines: it is either the only negative one, or lies beyond Tukey's outer fence of the other values and at least
      twice as far from their median as any of them on its side;
    - a first day: it is separated from the other values by half of what lies between the nearest of them and their
      median;
    - 0: it is at most half of the values, all others are positive, and it lies beyond the outer fence and four times as
      far from the median as any of them (0 cm of height; a mark of 0 beside marks from 50 to 100 is real);
    - −1: the others are whole numbers from 0, at least twenty different ones, and none of them is as frequent; or it
      lies as far out as a number of nines has to.
    """
    values = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), np.float64)
    values = values[np.isfinite(values)]
    found = []
    while values.size and (end := _sentinel_end(values)) is not None:
        found.append(end)
        values = values[values != end]
    return tuple(found)


def first_day(days: float) -> str | None:
    """The date that so many days since 1970-01-01 are, if it is one that programs write where there is none."""
    return _FIRST_DAYS.get(days)


def _sentinel_end(values: Scores) -> float | None:
    return next((end for end in (float(values.min()), float(values.max())) if _stands_for_missing(end, values)), None)


def _stands_for_missing(end: float, values: Scores) -> bool:
    others = values[values != end]
    if len(values) - len(others) < _REPEATS or not others.size:
        return False
    if _SENTINEL.fullmatch(f"{end:.12g}"):
        return end < 0 <= others.min() or _is_far(end, others)
    if end in _FIRST_DAYS:
        return _is_apart(end, others)
    if end == 0:
        return bool(others.min() > 0) and len(others) >= len(values) / 2 and _is_far(end, others, times=4)
    return end == -1 and bool(others.min() >= 0) and (_is_spike(others, len(values)) or _is_far(end, others))


def _is_far(end: float, others: Scores, times: float = 2) -> bool:
    """Whether `end` is beyond the outer fence, and so many times as far from the median as any other on its side."""
    fences = tukey_fences(others, _FENCE_FACTOR)
    middle = float(np.median(others))
    farthest = others.max() - middle if end > middle else middle - others.min()
    return bool(not fences.low <= end <= fences.high and abs(end - middle) >= times * farthest)


def _is_apart(end: float, others: Scores) -> bool:
    nearest = float(others.max() if end > others.max() else others.min())
    return abs(end - nearest) >= abs(nearest - float(np.median(others))) / 2 and len(np.unique(others)) >= _DIFFERENT


def _is_spike(others: Scores, total: int) -> bool:
    """Whether −1, which the other `total - len(others)` cells say, is a code beside counts from 0."""
    _, counts = np.unique(others, return_counts=True)
    return bool((others % 1 == 0).all()) and len(counts) >= _DIFFERENT and total - len(others) > counts.max()
