"""Which rows of a table hold the same: equal cells, but for numbers that differ by next to nothing."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.alike_sets import AlikeSets, Bounds, Likeness, alike_sets
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Mask, Rows, Scores

WAYS = ("same words in all cells", "numbers changed")
"""In which way rows are alike: but for case, spaces and full stops of texts, or but for numbers."""

BOUNDS = Bounds(least=0.99, isolation=10.0)
"""No number may differ by more than 1 % of its column's spread, and any other row must be ten times as far."""

BY_CHANCE = 0.001
"""Pairs expected of independent columns, as a share of those found, from which likeness proves nothing."""

_STOPS = " .,;:!?'\""

_WINDOW = 4
"""Next rows, by the number that differs, that a row is paired with where all other cells are equal."""

_DRAWN = 20_000
"""Pairs of rows by which a column's chance of nearly equal numbers is estimated."""


def row_copies(frame: pd.DataFrame, candidates: NDArray[np.int64], around: NDArray[np.int64]) -> AlikeSets:
    """Sets of rows that hold the same; ways are places in `WAYS`.

    Likeness is 1 less the largest difference of any two numbers in the same column, in units of the column's
    inter-quartile range (its standard deviation where that is 0); 0 where a text, date or category differs in more than
    case, spaces and full stops, or a cell is missing in one row alone. Where independent columns with the same values
    would also give such pairs, as few or coarse columns do, there are no sets.

    Args:
        frame: rows of different content.
        candidates: (pairs, 2) rows that may be copies besides those that differ in a single number.
        around: (rows, k) rows of each one's neighbours, -1 for none.
    """
    cells = _Cells(frame)
    expected = cells.expected_pairs()
    if expected >= 1.0:
        return _none(len(frame))
    pairs = np.concatenate([cells.one_number_apart(), candidates])
    found = alike_sets(pairs, around, len(frame), cells.likeness, BOUNDS)
    return found if expected < BY_CHANCE * len(found.first) else _none(len(frame))


def _none(rows: int) -> AlikeSets:
    nothing = np.empty(0, np.int64)
    return AlikeSets(np.full(rows, -1, np.int64), nothing, nothing, Likeness(np.empty(0), nothing))


class _Cells:
    """A table as (rows, columns) numbers in units of their spread, and (rows, columns) codes of everything else."""

    def __init__(self, frame: pd.DataFrame) -> None:
        columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
        numeric = [_is_number(one) for one in columns]
        numbers = [_spread_out(one) for one, is_number in zip(columns, numeric, strict=True) if is_number]
        codes = [_codes(one) for one, is_number in zip(columns, numeric, strict=True) if not is_number]
        self._rows = len(frame)
        self._numbers = np.column_stack(numbers) if numbers else np.empty((len(frame), 0))
        missing = np.isnan(self._numbers)
        self._codes = np.column_stack([*codes, *missing.T.astype(np.int64)]) if columns else missing.astype(np.int64)
        self._numbers[missing] = 0.0

    def likeness(self, first: Rows, second: Rows) -> Likeness:
        values = np.zeros(len(first))
        for start in range(0, len(first), _DRAWN):
            part = slice(start, start + _DRAWN)
            values[part] = self._likeness(first[part], second[part])
        return Likeness(values, (values < 1.0).astype(np.int64))

    def _likeness(self, first: Rows, second: Rows) -> Scores:
        apart = np.abs(self._numbers[first] - self._numbers[second]).max(axis=1, initial=0.0)
        same = (self._codes[first] == self._codes[second]).all(axis=1)
        return np.asarray(np.where(same, 1.0 - np.minimum(apart, 1.0), 0.0), np.float64)

    def one_number_apart(self) -> NDArray[np.int64]:
        """(pairs, 2) rows that are equal in all cells but one number, next to each other by that number."""
        hashes = [_hashed(column, place) for place, column in enumerate((*self._codes.T, *self._numbers.T))]
        total = np.asarray(np.sum(hashes, axis=0, dtype=np.uint64)) if hashes else np.empty(0, np.uint64)
        own = hashes[self._codes.shape[1] :]
        found = list(_paired(total, total.astype(np.float64))) if hashes else []
        for numbers, hashed in zip(self._numbers.T, own, strict=True):
            found += list(_paired(total - hashed, numbers))
        return np.concatenate([np.empty((0, 2), np.int64), *found])

    def expected_pairs(self) -> float:
        """Pairs that would be alike if the columns' values were shuffled independently."""
        if self._rows < 2:
            return 0.0
        rng = rng_for(0, "row copies")
        one, step = rng.integers(self._rows, size=_DRAWN), rng.integers(1, self._rows, size=_DRAWN)
        other = (one + step) % self._rows
        logs = [np.log(self._rows * (self._rows - 1) / 2)]
        logs += [np.log(_share(column[one] == column[other])) for column in self._codes.T]
        near = 1.0 - BOUNDS.least
        logs += [np.log(_share(np.abs(column[one] - column[other]) <= near)) for column in self._numbers.T]
        return float(np.exp(np.sum(logs)))


def _share(alike: Mask) -> float:
    """At least what the number of pairs can show."""
    return (int(alike.sum()) + 1) / (len(alike) + 1)


def _is_number(column: pd.Series) -> bool:
    from pandas.api.types import is_bool_dtype, is_complex_dtype, is_numeric_dtype

    kind = column.dtype
    return is_numeric_dtype(kind) and not is_bool_dtype(kind) and not is_complex_dtype(kind)


def _spread_out(column: pd.Series) -> Scores:
    """A numeric column about its median, in units of its spread."""
    values: Scores = column.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    values[np.isinf(values)] = np.nan
    known = values[~np.isnan(values)]
    if not known.size:
        return values
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
    spread = high - low or float(known.std()) or 1.0
    return np.asarray((values - middle) / spread, np.float64)


def _codes(column: pd.Series) -> Codes:
    import pandas as pd

    try:
        codes, cells = pd.factorize(column.astype(object))
    except TypeError:  # cells that cannot be hashed, such as lists
        codes, cells = pd.factorize(column.map(repr).astype(object))
    names = [_plain(cell) if isinstance(cell, str) else cell for cell in cells]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    by_cell = np.array([*(numbers[name] for name in names), -1], np.int64)
    return np.asarray(by_cell[codes], np.int64)


def _plain(text: str) -> tuple[str, str]:
    """A text without case, needless spaces and stops at its end; other signs count, as in A+ and A-."""
    words = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return "text", words.strip(_STOPS) or words


def _hashed(values: NDArray[np.float64] | Codes, place: int) -> NDArray[np.uint64]:
    """64 bits a cell, different in each column; their sum over the columns is that of the row."""
    import pandas as pd

    bits = pd.util.hash_array(np.asarray(values, np.float64) + 0.0)
    return np.asarray(pd.util.hash_array(bits ^ pd.util.hash_array(np.array([place], np.uint64))), np.uint64)


def _paired(key: NDArray[np.uint64], numbers: Scores) -> Iterator[NDArray[np.int64]]:
    """Rows with the same key, each with the next few by number."""
    order = np.lexsort((numbers, key))
    for step in range(1, min(_WINDOW + 1, len(order))):
        first, second = order[:-step], order[step:]
        same = key[first] == key[second]
        yield np.column_stack([first[same], second[same]])
