"""Dates as days since 1970-01-01."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FORMATS = ("ISO8601", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d")


def days_since_epoch(column: pd.Series[Any]) -> NDArray[np.float64]:
    """(rows,) days of a column of moments, those without a time zone taken as UTC; NaN where there is none."""
    moments = pd.to_datetime(column, utc=True).dt.tz_localize(None).to_numpy()
    # Within numpy and in the column's own unit: pandas refuses years that nanoseconds cannot hold.
    epoch = np.zeros(1, moments.dtype)
    days: NDArray[np.float64] = (moments - epoch) / np.timedelta64(1, "D")
    return days


def date_readings(cells: pd.Series[Any]) -> list[NDArray[np.float64]]:
    """The days that those formats give which read most cells of a text column, NaN where one is no date.

    Each reads the whole column, so that day-first and month-first are never mixed; the likeliest stands first.
    """
    readings = [pd.to_datetime(cells, errors="coerce", format=form, utc=True) for form in _FORMATS]
    read = [int(reading.notna().sum()) for reading in readings]
    return [days_since_epoch(reading) for reading, count in zip(readings, read, strict=True) if count == max(read)]
