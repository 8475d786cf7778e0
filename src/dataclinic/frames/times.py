"""When samples were taken: a time column as numbers that grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic.errors import DataError
from dataclinic.frames.dates import date_readings, days_since_epoch
from dataclinic.frames.labels import MISSING

if TYPE_CHECKING:
    from dataclinic.arrays import Scores


def sample_times(column: pd.Series[Any]) -> Scores:
    """(rows,) float64, finite: numbers as they are, dates and durations as days, dates since 1970-01-01.

    Moments without a time zone count as UTC. A text column is numbers throughout, or dates of one format.

    Raises:
        DataError: a row has no time, a cell is neither number nor date, or the order of day and month is not clear.
    """
    column = column.reset_index(drop=True)
    times = _times(column)
    unplaced = ~np.isfinite(times)
    if unplaced.any():
        raise DataError.times_missing(str(column.name), int(unplaced.sum()), len(column))
    return times


def _times(column: pd.Series[Any]) -> Scores:
    """NaN where there is no time."""
    if pd.api.types.is_numeric_dtype(column):
        return np.asarray(column.to_numpy(np.float64, na_value=np.nan), np.float64)
    if pd.api.types.is_datetime64_any_dtype(column):
        return days_since_epoch(column)
    if pd.api.types.is_timedelta64_dtype(column):
        return np.asarray(column / pd.Timedelta(days=1), np.float64)
    cells = column.astype("str").str.strip()
    known = column.notna() & ~cells.str.casefold().isin(MISSING)
    times = np.full(len(column), np.nan)
    times[known] = _read(cells[known], str(column.name))
    return times


def _read(cells: pd.Series[Any], name: str) -> Scores:
    """Times of texts, none of them missing."""
    numbers: Scores = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    if np.isfinite(numbers).all():
        return numbers
    readings = date_readings(cells)
    unread = np.isnan(readings[0])
    if unread.any():
        # Where most cells are numbers, the first that is none is the one to look at.
        bad = ~np.isfinite(numbers) if np.isnan(numbers).sum() < unread.sum() else unread
        raise DataError.no_time(name, str(cells[bad].iloc[0]))
    orders = {np.argsort(reading, kind="stable").tobytes() for reading in readings}
    if len(orders) > 1:
        raise DataError.ambiguous_dates(name, str(cells.iloc[0]))
    return readings[0]
