"""Cleaned samples as a data frame: all columns of a table, or id, label and split of pictures in folders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from dataclinic.frames.labels import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataclinic.outgoing.cleaned import Cleaned

_PADDED = re.compile(r"\s*[+-]?0[0-9].*|\s*\+.*")
"""007 and +49 name something; as numbers they would lose how they are written."""


def cleaned_frame(cleaned: Cleaned) -> pd.DataFrame:
    """One row a sample, without pictures; `label_column` names the column of labels."""
    if cleaned.table is not None:
        return cleaned.table
    frame = pd.DataFrame({"id": pd.array(cleaned.ids, dtype="str"), "label": pd.array(cleaned.labels, dtype="str")})
    if cleaned.split is not None:
        frame["split"] = pd.array(cleaned.split, dtype="str")
    return frame


def label_column(cleaned: Cleaned) -> str:
    return cleaned.roles.label or "label"


def picture_column(cleaned: Cleaned) -> str:
    return cleaned.roles.image or free_column("image", cleaned_frame(cleaned).columns)


def free_column(name: str, taken: Iterable[str]) -> str:
    """`name`, or `name` with underscores behind it where there is such a column."""
    known = set(taken)
    while name in known:
        name += "_"
    return name


def typed(frame: pd.DataFrame, keep: str | None) -> pd.DataFrame:
    """The frame with columns of text that spells numbers, and nothing else, as numbers; all but the column `keep`.

    Text tables say nothing about types. An empty cell is a missing number.
    """
    return frame.assign(**{name: _typed(frame[name]) for name in frame.columns if name != keep})


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    if not isinstance(column.dtype, pd.StringDtype):
        return column
    cells = column.mask(column.str.strip().str.casefold().isin(MISSING))
    known = cells.dropna()
    if known.empty or known.str.fullmatch(_PADDED).any():
        return column
    try:
        numbers = pd.to_numeric(known)
    except (ValueError, TypeError):
        return column
    if numbers.dtype.kind not in "iuf":
        return column
    return numbers.reindex(column.index)
