"""Moment skewness of the numeric columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Scores

FEWEST = 10
"""Values below which a third moment says nothing."""


def column_skewness(numbers: NDArray[np.float64]) -> Scores:
    """(columns,) third standardised moment of the known values of (rows, columns) numbers.

    NaN for a column with fewer than ten values, and for one with at most two different ones, whose skewness no
    transformation of its values changes.
    """
    return np.array([_skewness(column[~np.isnan(column)]) for column in numbers.T], np.float64)


def _skewness(values: Scores) -> float:
    if len(values) < FEWEST or not ((values > values.min()) & (values < values.max())).any():
        return np.nan
    # Scaled by the largest first: the cube of what a table may hold is beyond float64.
    centred = values - values.mean()
    scaled = centred / np.abs(centred).max()
    return float((scaled**3).mean() / (scaled**2).mean() ** 1.5)
