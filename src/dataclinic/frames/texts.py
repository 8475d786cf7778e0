"""Texts of a text column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.dataset import Texts
from dataclinic.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_NESTED = (bytes, bytearray, dict, list, tuple, set, np.ndarray)


def texts_of(column: pd.Series[Any]) -> Texts:
    """The texts of a column, as they stand; "" where a cell is empty, and numbers as they would be written.

    Raises:
        DataError: a cell holds a list, a struct or bytes, or all are empty.
    """
    texts = tuple("" if empty else _text(cell, column) for cell, empty in zip(column, _empty(column), strict=True))
    if not any(text.strip() for text in texts):
        raise DataError.no_texts(str(column.name))
    return Texts(texts)


def _empty(column: pd.Series[Any]) -> list[bool]:
    missing: list[bool] = column.isna().tolist()
    return missing


def _text(cell: object, column: pd.Series[Any]) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, _NESTED):
        raise DataError.not_texts(str(column.name), cell)
    if isinstance(cell, (float, np.floating)) and float(cell).is_integer():
        return str(int(cell))  # whole numbers beside an empty cell came as 12.0
    return str(cell)
