"""Class codes of a label column, and whether it holds classes at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic.errors import DataError
from dataclinic.frames.natural_order import natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataclinic.arrays import Codes

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null"})
"""Cell texts, stripped and in lower case, that mean "no value"; "none" is not among them, since it is often a class."""

_INTEGRAL = re.compile(r"[+-]?[0-9]+(\.0+)?")
_FEW_CLASSES = 20
"""Up to here any numbers may be classes (ratings, grades); beyond, they must look like class codes."""


@dataclass(frozen=True)
class GivenLabels:
    """(rows,) class codes, -1 where there is no label; classes in natural order."""

    codes: Codes
    classes: tuple[str, ...]

    def row_of(self, name: str) -> int:
        """First row of class `name`, whose cell shows how the source writes it."""
        return int(np.argmax(self.codes == self.classes.index(name)))


def given_labels(column: pd.Series[Any]) -> GivenLabels:
    """Classes and codes of a label column of any type; surrounding spaces do not make another class.

    Raises:
        DataError: the cells are lists, structs or bytes.
    """
    if any(isinstance(cell, (bytes, dict, list, np.ndarray)) for cell in column.head(1000)):
        raise DataError.labels_are_nested(str(column.name))
    codes, values = pd.factorize(column)
    names = _class_names(values)
    classes = tuple(sorted({name for name in names if name is not None}, key=natural_key))
    position = {name: code for code, name in enumerate(classes)}
    # The last entry serves code -1, which is how factorize marks a missing cell.
    code_of_value = np.array([-1 if name is None else position[name] for name in names] + [-1], dtype=np.int64)
    return GivenLabels(code_of_value[codes], classes)


def require_classes(given: GivenLabels, column: str) -> None:
    """Refuse a label column that is empty, constant, a quantity or a text of its own in every row.

    Raises:
        DataError: it is one of these.
    """
    rows, distinct = int((given.codes >= 0).sum()), len(given.classes)
    if not rows:
        raise DataError.no_labels(column)
    if distinct == 1:
        hint = "nothing can be learned from one class: choose another column with --label COLUMN"
        raise DataError.only_one_class(f"label column '{column}'", given.classes[0], hint)
    numbers = _as_numbers(given.classes)
    if numbers is not None and _is_quantity(numbers, rows):
        raise DataError.labels_are_numbers(column, distinct, rows)
    if _is_thin(distinct, rows):
        raise DataError.labels_all_differ(column, distinct, rows)


def _class_names(values: Iterable[object]) -> list[str | None]:
    names = [_class_name(value) for value in values]
    present = [name for name in names if name is not None]
    # A text column of integers that once held a missing value was written as 1.0, 2.0, …
    if any("." in name for name in present) and all(_INTEGRAL.fullmatch(name) for name in present):
        return [None if name is None else name.partition(".")[0] for name in names]
    return names


def _class_name(value: object) -> str | None:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    name = str(value).strip()
    return None if name.casefold() in MISSING else name


def _as_numbers(classes: Iterable[str]) -> list[float] | None:
    try:
        return [float(name) for name in classes]
    except ValueError:
        return None


def _is_quantity(numbers: list[float], rows: int) -> bool:
    distinct = len(numbers)
    if not all(number.is_integer() for number in numbers):
        return distinct > _FEW_CLASSES or _is_thin(distinct, rows) or (distinct > 2 and rows < 2 * distinct)
    # Class codes run without great gaps and have some samples each; prices and incomes do not.
    gappy = max(numbers) - min(numbers) > 2 * distinct
    return _is_thin(distinct, rows) or (distinct > _FEW_CLASSES and (gappy or rows < 5 * distinct))


def _is_thin(distinct: int, rows: int) -> bool:
    """Whether most values occur once; a table of a few rows only counts where all of them do."""
    return distinct > 2 and (distinct == rows or (distinct > _FEW_CLASSES and rows < 2 * distinct))
