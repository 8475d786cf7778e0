"""Folds that roll forward in time: every period is judged by models of earlier periods alone.

Rolling-origin evaluation with a growing training set (L. J. Tashman, *Out-of-sample tests of forecasting accuracy: an
analysis and review*, International Journal of Forecasting 16, 2000), as scikit-learn's `TimeSeriesSplit` has it. We
depart from it in two ways: samples of equal time are never parted, and the boundaries of the periods are drawn anew
for every repeat, so that repeats do not all judge with the same training sets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.errors import DataError

if TYPE_CHECKING:
    from dataclinic.arrays import Codes, Scores

JITTER = 0.25
"""Of a period's length: how far a boundary moves at most, so that neighbours never meet."""


def rolling_folds(times: Scores, folds: int, rng: np.random.Generator) -> Codes:
    """Fold number of each sample, growing with time: 0 … folds - 1, and -1 for the first period, which none can judge.

    A period holds about samples / (folds + 1) of them, as near as equal times allow.

    Args:
        times: (samples,) finite numbers, in any order.
        folds: at least 1.
        rng: moves the boundaries of the periods.

    Raises:
        DataError: there are fewer different times than folds + 1.
    """
    moments, moment_of, counts = np.unique(times, return_inverse=True, return_counts=True)
    if len(moments) <= folds:
        raise DataError.too_few_times(len(moments), folds)
    period = len(times) / (folds + 1)
    wanted = period * (np.arange(1, folds + 1) + rng.uniform(-JITTER, JITTER, folds))
    # A cut at j leaves j moments before it. Each takes the nearest, then at least one moment is kept between two.
    before = np.cumsum(counts)[:-1]
    right = np.searchsorted(before, wanted).clip(0, len(before) - 1)
    left = (right - 1).clip(0)
    nearest = 1 + np.where(wanted - before[left] <= before[right] - wanted, left, right)
    place = np.arange(folds)
    apart = np.maximum.accumulate(nearest - place) + place
    cuts = np.minimum(apart, len(moments) - folds + place)
    return np.asarray(np.searchsorted(cuts, moment_of, side="right") - 1, np.int64)
