"""Numeric columns by how strongly each alone goes with the label, as scikit-learn's univariate tests have it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Rows, Scores

    Test: TypeAlias = Callable[[NDArray[np.float64], Labels | Scores], tuple[Scores, Scores]]


def strongest_columns(numbers: NDArray[np.float64], given: Labels | Scores, test: Test, count: int) -> Rows:
    """(at most `count`,) places of the columns with the largest statistic, strongest first, ties by place.

    Columns are filled with their median and brought to 0 … 1 for the test; those that do not vary are never among them.

    Args:
        numbers: (rows, columns), NaN for an empty cell.
        given: (rows,) class codes or numbers.
        test: `chi2`, `f_classif` or `f_regression` of scikit-learn: statistics and p-values by column.
        count: columns asked for.
    """
    filled = median_filled(numbers)
    places = np.flatnonzero(varying(filled))
    if len(places) == 0:
        return places
    with warnings.catch_warnings(), threadpool_limits(1):
        # A column that tells the classes apart without fail has no variance within them to divide by.
        warnings.simplefilter("ignore", RuntimeWarning)
        statistics, _ = test(_between_0_and_1(filled[:, places]), given)
    # Rounding can take a perfect correlation beyond 1, and its F statistic below 0.
    order = np.argsort(-np.nan_to_num(np.abs(statistics), nan=-1.0, posinf=np.inf), kind="stable")
    return places[order[:count]]


def median_filled(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (rows, columns) numbers with each column's median in its empty cells, 0 in a column that has none."""
    medians = np.zeros(numbers.shape[1])
    known = ~np.isnan(numbers).all(axis=0)
    medians[known] = np.nanmedian(numbers[:, known], axis=0)
    return np.where(np.isnan(numbers), medians, numbers)


def centre_and_scale(filled: NDArray[np.float64]) -> tuple[Scores, Scores]:
    """(columns,) means and standard deviations of (rows, columns) numbers without NaN; 1 where a column is constant."""
    # In the unit of their range, since the square of a very small number is 0.
    ranges = np.where(varying(filled), np.ptp(filled, axis=0), 1.0)
    scales = ranges * (filled / ranges).std(axis=0)
    return filled.mean(axis=0), np.where(varying(filled) & (scales > 0), scales, 1.0)


def varying(filled: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(columns,) whether a column varies by more than rounding does."""
    return np.asarray(np.ptp(filled, axis=0) > 1e-12 * np.abs(filled).max(axis=0, initial=0))


def _between_0_and_1(filled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns that vary, in any unit: MinMaxScaler takes one with a range below 2e-15 for a constant."""
    return np.asarray((filled - filled.min(axis=0)) / np.ptp(filled, axis=0), np.float64)
