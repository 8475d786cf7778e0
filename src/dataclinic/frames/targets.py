"""Targets of regression: the numbers of the label column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic.errors import DataError
from dataclinic.frames.labels import MISSING

if TYPE_CHECKING:
    from dataclinic.arrays import Codes, Scores

_MOSTLY = 0.9
"""Share of the cells that must be numbers for the others to count as missing."""
_FEW_CLASSES = 20
"""Up to here whole numbers may well be classes (ratings, grades)."""


@dataclass(frozen=True)
class GivenTargets:
    """(rows,) finite numbers, NaN where a cell holds none.

    `unread` counts the cells that hold something else than a finite number, `example` is the first of them.
    """

    values: Scores
    unread: int = 0
    example: str = ""

    @property
    def codes(self) -> Codes:
        """(rows,) 0 where there is a number, -1 where there is none: what `GivenLabels.codes` is to classes."""
        return np.where(np.isnan(self.values), -1, 0).astype(np.int64)

    @property
    def classes(self) -> tuple[str, ...]:
        """None: a number has no class."""
        return ()


def given_targets(column: pd.Series[Any]) -> GivenTargets:
    """The numbers of a label column of numbers or of texts that spell numbers ("12.5", "1e-3"; no units, no 1,234).

    Raises:
        DataError: the cells are lists, structs, bytes, truth values or dates.
    """
    name = str(column.name)
    if any(isinstance(cell, (bytes, dict, list, np.ndarray)) for cell in column.head(1000)):
        raise DataError.labels_are_nested(name)
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        raise DataError.targets_are_no_numbers(name, "dates or durations")
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(np.float64, na_value=np.nan, copy=True)
        return _finite(values, np.isinf(values), column)
    cells = column.astype("str").str.strip()
    known = (column.notna() & ~cells.str.casefold().isin(MISSING)).to_numpy()
    if known.any() and cells[known].str.casefold().isin({"true", "false"}).all():
        raise DataError.targets_are_no_numbers(name, "truth values")
    # pandas reads the texts "true" and "false" as 1 and 0.
    words = cells.str.casefold().isin({"true", "false"})
    values = pd.to_numeric(cells.mask(words), errors="coerce").to_numpy(np.float64, copy=True)
    return _finite(values, known & ~np.isfinite(values), cells)


def require_numbers(given: GivenTargets, column: str) -> None:
    """Refuse a target that is empty, constant or mostly something else than numbers.

    Raises:
        DataError: it is one of these.
    """
    known = given.values[~np.isnan(given.values)]
    if known.size < _MOSTLY * (known.size + given.unread):
        raise DataError.targets_are_no_numbers(column, f"{given.unread} cells that are none, e.g. {given.example!r}")
    if not known.size:
        raise DataError.no_labels(column)
    if (known == known[0]).all():
        raise DataError.constant_target(column, float(known[0]))


def target_notes(given: GivenTargets, column: str) -> tuple[str, ...]:
    """What a person should be told about the numbers."""
    notes = []
    if given.unread:
        cells = "1 cell is no finite number" if given.unread == 1 else f"{given.unread} cells are no finite numbers"
        notes.append(f"label column '{column}': {cells} and missing (e.g. {given.example!r})")
    known = np.unique(given.values[~np.isnan(given.values)])
    if known.size <= _FEW_CLASSES and (known % 1 == 0).all():
        looks = f"label column '{column}' holds {known.size} different whole numbers"
        notes.append(f"{looks}: if they are classes, leave --task out")
    return tuple(notes)


def _finite(values: Scores, unread: Any, cells: pd.Series[Any]) -> GivenTargets:
    """`values` without the infinite ones; `unread` marks the cells that hold something but no finite number."""
    values[~np.isfinite(values)] = np.nan
    example = str(cells[unread].iloc[0]) if unread.any() else ""
    return GivenTargets(values, int(unread.sum()), example)
