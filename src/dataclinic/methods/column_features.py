"""A table as arrays: numbers and category levels read off all rows, what they are worth off training rows alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from dataclinic.features import Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Rows, Scores, Vectors
    from dataclinic.features import Features

MISSING = -1
"""Level of an empty cell."""

RARE_ROWS = 10
"""Training rows below which a level shares one column with the other rare ones."""

ONE_HOT_LEVELS = 100
TREE_LEVELS = 254
"""Levels of a column that get their own column, and their own number for trees (LightGBM and scikit-learn take 255)."""

FURTHEST = 1e4
"""Standard deviations at which scaled numbers end, so that one absurd cell of a scored row stays finite in float32."""


@dataclass(frozen=True)
class ColumnFeatures:
    """A table as arrays. Columns and levels are read off all rows, what they are worth off training rows.

    `numbers` is (samples, numeric columns) float64, NaN where a cell is empty, infinite or too large for float32.
    `levels` is (samples, categorical columns) int64: which of the column's levels a cell holds, MISSING for none.
    """

    numbers: NDArray[np.float64]
    number_names: tuple[str, ...]
    levels: NDArray[np.int64]
    category_names: tuple[str, ...]
    frozen: bool = False

    @classmethod
    def of(cls, frame: pd.DataFrame) -> ColumnFeatures:
        numeric = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
        other = [name for name in frame.columns if name not in numeric]
        numbers = np.empty((len(frame), len(numeric)))
        for place, name in enumerate(numeric):
            numbers[:, place] = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        numbers[~(np.abs(numbers) <= np.finfo(np.float32).max)] = np.nan
        levels = np.empty((len(frame), len(other)), np.int64)
        for place, name in enumerate(other):
            levels[:, place] = pd.factorize(frame[name], sort=True)[0]
        return cls(numbers, tuple(map(str, numeric)), levels, tuple(map(str, other)))

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: Rows) -> ColumnFeatures:
        """The samples at `rows`, in that order, with the same columns and levels."""
        return replace(self, numbers=self.numbers[rows], levels=self.levels[rows])

    def joined(self, *others: Features) -> ColumnFeatures:
        """These samples, then those of `others` in turn, tables of the same columns."""
        below = [cast("ColumnFeatures", other) for other in others]
        numbers = np.concatenate([self.numbers, *(other.numbers for other in below)])
        return replace(self, numbers=numbers, levels=np.concatenate([self.levels, *(other.levels for other in below)]))

    def with_numbers(self, numbers: NDArray[np.float64], names: tuple[str, ...]) -> ColumnFeatures:
        """The same samples with other numeric columns, (samples, names) float64 with NaN for an empty cell."""
        return replace(self, numbers=numbers, number_names=names)

    def vectors(self, train_rows: Rows) -> Vectors:
        """(samples, dims) float32, no NaN: scaled numbers, a 0/1 column for each that lacks cells, then categories.

        A number is filled with the training median and brought to mean 0 and variance 1 over the training rows. A
        category is one 0/1 column for each level with RARE_ROWS training rows, the emptiness of a cell being a level
        too, and one column for all its rarer levels; a level that no training row has is 0 in all of them.
        """
        empty = np.isnan(self.numbers)
        blocks = [_scaled(self.numbers, empty, train_rows), empty[:, empty.any(axis=0)]]
        blocks += [_one_hot(column, train_rows) for column in self.levels.T]
        return np.concatenate(blocks, axis=1, dtype=np.float32)

    def columns(self, train_rows: Rows) -> Columns:
        """Numbers as they are, then categories numbered by how often training rows have them.

        NaN where a cell is empty or holds a level that no training row has; the rarest levels share the last number.
        """
        numbered = [_numbered(column, train_rows)[:, None] for column in self.levels.T]
        values = np.concatenate([self.numbers, *numbered], axis=1, dtype=np.float32, casting="same_kind")
        categorical = np.arange(values.shape[1]) >= len(self.number_names)
        return Columns(values, (*self.number_names, *self.category_names), categorical)


def _scaled(numbers: NDArray[np.float64], empty: NDArray[np.bool_], train_rows: Rows) -> NDArray[np.float64]:
    scaled = np.zeros_like(numbers)
    for place, known in enumerate(~empty.T):
        column = numbers[:, place]
        training = column[train_rows]
        present = training[known[train_rows]]
        if len(present) == 0:
            continue
        filled = np.where(known[train_rows], training, np.median(present))
        deviation = filled.std()
        # a constant column deviates by nothing but rounding
        if deviation > 1e-12 * np.abs(filled).max():
            whole = np.where(known, column, np.median(present))
            scaled[:, place] = np.clip((whole - filled.mean()) / deviation, -FURTHEST, FURTHEST)
    return scaled


def _by_frequency(levels: Labels, train_rows: Rows) -> tuple[Labels, Labels]:
    """Levels that training rows have, most frequent first, and their rows; equally frequent ones in their own order."""
    seen, counts = np.unique(levels[train_rows], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return seen[order], counts[order]


def _one_hot(levels: Labels, train_rows: Rows) -> NDArray[np.bool_]:
    ordered, counts = _by_frequency(levels, train_rows)
    own = min(int((counts >= RARE_ROWS).sum()), ONE_HOT_LEVELS)
    pooled = np.isin(levels, ordered[own:])[:, None]
    return np.concatenate([levels[:, None] == ordered[:own], pooled], axis=1)


def _numbered(levels: Labels, train_rows: Rows) -> Scores:
    ordered, _ = _by_frequency(levels, train_rows)
    ordered = ordered[ordered != MISSING]
    number_of = np.full(levels.max(initial=0) + 2, np.nan)
    number_of[ordered] = np.minimum(np.arange(len(ordered)), TREE_LEVELS - 1)
    # MISSING is the last place, which no level takes
    return number_of[levels]
