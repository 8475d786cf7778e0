"""Feature columns of a table: numbers as float64, all else that repeats as categories, the rest left out and said."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic.frames.dates import date_readings, days_since_epoch
from dataclinic.frames.labels import MISSING
from dataclinic.frames.pictures import holds_pictures, names_pictures
from dataclinic.frames.roles import says_label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

_ID_NAME = re.compile(r"(?i:(^|.*[\W_])(id|ids|idx|index|uuid|guid|key|row|rowid)|unnamed.*)|.*[a-z]I[dD]")
_MOSTLY = 0.9
"""Share of a text column's cells that must be numbers (or dates) for the others to count as missing."""
_MANY_LEVELS = 50
"""Up to so many different texts are categories even where most rows have one of their own."""
_LONG_TEXT = 20
"""Characters; longer on average, and with spaces, is prose."""

PICTURES = "images"
_NO_VALUES = "no values"
_IDENTIFIERS = "identifiers"
_OTHER_LABELS = "other label columns"
_NESTED = "lists, structs or bytes"
_NAMES = "nearly every value differs"
_PROSE = "free text"


@dataclass(frozen=True)
class FeatureColumns:
    """The columns a model may use, and the names of those left out by reason."""

    frame: pd.DataFrame
    left_out: Mapping[str, list[str]]
    notes: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Columns that could be audited as texts, surest first."""
        return (*self.left_out.get(_PROSE, ()), *self.left_out.get(_NAMES, ()))

    def left_out_in_words(self) -> str:
        return "; ".join(f"{', '.join(map(repr, names))}: {reason}" for reason, names in self.left_out.items())


@dataclass(frozen=True)
class _LeftOut:
    reason: str


@dataclass(frozen=True)
class _Levels:
    """A text column by its different values: `cells` stripped and NaN where missing, `counts` rows each."""

    codes: NDArray[np.intp]
    cells: pd.Series[Any]
    counts: NDArray[np.intp]

    @property
    def present(self) -> int:
        return int(self.counts.sum())

    def spread(self, values: NDArray[np.float64]) -> pd.Series[Any]:
        """One value a row from one a level; code -1 takes the NaN at the end."""
        return pd.Series(np.append(values, np.nan)[self.codes])


def feature_columns(frame: pd.DataFrame) -> FeatureColumns:
    """Features among the columns of `frame`, whose label, image, id, group and split columns are already gone.

    Numbers, booleans (0, 1), dates (days since 1970-01-01) and texts that are mostly numbers or dates become
    float64 with NaN; other texts become a category dtype of str. Identifiers, free text, nested values, empty
    columns and further label columns are left out.
    """
    kept: dict[str, pd.Series[Any]] = {}
    left_out: dict[str, list[str]] = defaultdict(list)
    notes: list[str] = []
    for name in frame.columns:
        converted, note = _convert(name, frame[name])
        if note:
            notes.append(note)
        if isinstance(converted, _LeftOut):
            left_out[converted.reason].append(name)
        else:
            kept[name] = converted
    notes += [f"not used as features ({why}): {', '.join(map(repr, names))}" for why, names in left_out.items()]
    return FeatureColumns(pd.DataFrame(kept, index=range(len(frame))), dict(left_out), tuple(notes))


def _convert(name: str, column: pd.Series[Any]) -> tuple[pd.Series[Any] | _LeftOut, str | None]:
    column = column.reset_index(drop=True)
    reason = _unusable(name, column)
    if reason is not None:
        return _LeftOut(reason), None
    if pd.api.types.is_numeric_dtype(column):
        return _number(name, column.to_numpy(dtype=np.float64, na_value=np.nan, copy=True))
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Series(days_since_epoch(column)), None
    if pd.api.types.is_timedelta64_dtype(column):
        return column / pd.Timedelta(days=1), None
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _category(_levels(column)), None
    return _text(name, column)


def _unusable(name: str, column: pd.Series[Any]) -> str | None:
    """Why the column's type or name rules it out, if so."""
    if column.isna().all():
        return _NO_VALUES
    if says_label(name):
        return _OTHER_LABELS
    if column.dtype == object and isinstance(column.dropna().iloc[0], (bytes, dict, list, tuple, set, np.ndarray)):
        return PICTURES if holds_pictures(column) else _NESTED
    return None


def _number(name: str, values: NDArray[np.float64]) -> tuple[pd.Series[Any] | _LeftOut, str | None]:
    infinite = np.isinf(values)
    values[infinite] = np.nan
    known = values[~np.isnan(values)]
    if not known.size:
        return _LeftOut(_NO_VALUES), None
    if _ID_NAME.fullmatch(name) and (known % 1 == 0).all() and np.unique(known).size == len(values):
        return _LeftOut(_IDENTIFIERS), None
    return pd.Series(values), _infinite_note(name, int(infinite.sum()))


def _infinite_note(name: str, count: int) -> str | None:
    if not count:
        return None
    values = "1 infinite value counts" if count == 1 else f"{count} infinite values count"
    return f"column '{name}': {values} as missing"


def _text(name: str, column: pd.Series[Any]) -> tuple[pd.Series[Any] | _LeftOut, str | None]:
    levels = _levels(column)
    if not levels.present:
        return _LeftOut(_NO_VALUES), None
    for parse, share, kind in _PARSERS:
        values = parse(levels.cells)
        good = int(levels.counts[~np.isnan(values)].sum())
        if good >= share * levels.present:
            converted, _ = _number(name, levels.spread(values).to_numpy(copy=True))
            return converted, _bad_cells_note(name, kind, levels, np.isnan(values))
    return _category(levels), None


def _levels(column: pd.Series[Any]) -> _Levels:
    codes, values = pd.factorize(column)
    cells = pd.Series(values).astype("str").str.strip()
    missing = cells.str.casefold().isin(MISSING).to_numpy()
    counts = np.bincount(codes[codes >= 0], minlength=len(cells))
    return _Levels(codes, cells.mask(missing), np.where(missing, 0, counts))


def _truth(cells: pd.Series[Any]) -> NDArray[np.float64]:
    values: NDArray[np.float64] = cells.str.casefold().map({"true": 1.0, "false": 0.0}).to_numpy(dtype=np.float64)
    return values


def _numbers(cells: pd.Series[Any]) -> NDArray[np.float64]:
    values: NDArray[np.float64] = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
    return values


def _dates(cells: pd.Series[Any]) -> NDArray[np.float64]:
    return date_readings(cells)[0]


_PARSERS: tuple[tuple[Callable[[pd.Series[Any]], NDArray[np.float64]], float, str], ...] = (
    (_truth, 1.0, "truth values"),
    (_numbers, _MOSTLY, "numbers"),
    (_dates, _MOSTLY, "dates"),
)


def _bad_cells_note(name: str, kind: str, levels: _Levels, unread: NDArray[np.bool_]) -> str | None:
    bad = unread & (levels.counts > 0)
    if not bad.any():
        return None
    count, example = int(levels.counts[bad].sum()), levels.cells[bad].iloc[0]
    cells = "1 cell is" if count == 1 else f"{count} cells are"
    return f"column '{name}': {cells} not {kind} and missing to the models (e.g. {example!r})"


def _category(levels: _Levels) -> pd.Series[Any] | _LeftOut:
    known = levels.cells.dropna().drop_duplicates()
    all_differ = len(known) > 1 and len(known) == levels.present
    if all_differ or len(known) > max(_MANY_LEVELS, levels.present / 2):
        return _LeftOut(_kind_of_text(known))
    texts = pd.concat([levels.cells, pd.Series([np.nan], dtype="str")], ignore_index=True).take(levels.codes)
    return texts.reset_index(drop=True).astype("category")


def _kind_of_text(known: pd.Series[Any]) -> str:
    if names_pictures(known):
        return PICTURES
    return _PROSE if known.str.len().mean() > _LONG_TEXT and known.str.contains(" ").mean() > 0.5 else _NAMES
