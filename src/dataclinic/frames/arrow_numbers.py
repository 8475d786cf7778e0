"""Numbers in the column of an Arrow table: written as the column holds them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataclinic.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Mapping


def with_numbers(column: Any, numbers: Mapping[int, str], name: str) -> Any:
    """The array `column`, named `name`, with `numbers` (as text, by row) in place of its own.

    Raises:
        ExportError: the column's type cannot hold one of them.
    """
    if not numbers:
        return column
    rows = sorted(numbers)
    mask = np.zeros(len(column), dtype=np.bool_)
    mask[rows] = True
    values = [_value(numbers[row], column.type, name) for row in rows]
    return pc.replace_with_mask(column, pa.array(mask), pa.concat_arrays(values))


def _value(text: str, kind: Any, name: str) -> Any:
    """An array of one number."""
    try:
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return pa.array([text], kind)
        if pa.types.is_floating(kind):
            return pa.array([float(text)], kind)
        exact = Decimal(text)
        if pa.types.is_integer(kind) and exact == int(exact):
            return pa.array([int(exact)], kind)
        if pa.types.is_decimal(kind):
            return pa.array([exact], kind)
    except (ArithmeticError, ValueError, pa.ArrowException) as error:
        raise ExportError.number_does_not_fit(text, name, str(kind)) from error
    raise ExportError.number_does_not_fit(text, name, str(kind))
