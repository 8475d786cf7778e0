"""A table's column as numbers or as levels, whatever its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api.types import is_complex_dtype, is_datetime64_any_dtype, is_numeric_dtype, is_timedelta64_dtype

from dataclinic.frames.dates import days_since_epoch

if TYPE_CHECKING:
    from dataclinic.arrays import Codes, Scores


@dataclass(frozen=True)
class Levels:
    """A column by its different values: (samples,) codes, -1 where missing, and a text for each code."""

    codes: Codes
    names: tuple[str, ...]

    @property
    def counts(self) -> Codes:
        """(levels,) samples of each."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))


def numbers_of(column: pd.Series) -> Scores | None:
    """(samples,) float64, NaN where missing or infinite; moments as days since 1970-01-01; None for texts."""
    if is_datetime64_any_dtype(column.dtype):
        values = days_since_epoch(column)
    elif is_timedelta64_dtype(column.dtype):
        values = (column / pd.Timedelta(days=1)).to_numpy(dtype=np.float64, na_value=np.nan)
    elif is_numeric_dtype(column.dtype) and not is_complex_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        return None
    return np.where(np.isfinite(values), values, np.nan)


def levels_of(column: pd.Series) -> Levels:
    """Levels in order of their texts; values whose texts are equal are one level."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, values = column.cat.codes.to_numpy().astype(np.int64), column.cat.categories
        present = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(values)))
    else:
        codes, values = pd.factorize(_hashable(column))
        present = np.arange(len(values))
    texts = [str(values[place]) for place in present]
    names = tuple(sorted(set(texts)))
    position = {name: code for code, name in enumerate(names)}
    # The last entry serves code -1, a missing cell.
    recoded = np.full(len(values) + 1, -1, np.int64)
    recoded[present] = [position[text] for text in texts]
    return Levels(recoded[codes], names)


def _hashable(column: pd.Series) -> pd.Series:
    """The column itself, or, where its cells are lists and the like, their texts."""
    if column.dtype != object:
        return column
    return column.map(lambda cell: cell if isinstance(cell, str) else str(cell), na_action="ignore")
