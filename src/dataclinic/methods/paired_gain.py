"""Mean gain over repeated cross-validation with an interval that allows for shared training rows.

C. Nadeau & Y. Bengio, "Inference for the Generalization Error", Machine Learning 52, 2003, section 4 (the corrected
resampled t-test). Folds of one data set share most of their training rows, and repeats all of their test rows, so the
J differences are no independent draws and the usual s² / J is far too small. The paper adds the ratio of test to
training rows: the variance of the mean is (1/J + n_test/n_train) · s², with J - 1 degrees of freedom for Student's t.
R. Bouckaert & E. Frank, "Evaluating the Replicability of Significance Tests for Comparing Learning Algorithms",
PAKDD 2004, equation 4, carry it over to repeated cross-validation, which is how it is used here.

Where we depart: s² is never below resolution² / 12, the variance of rounding to the smallest step that one difference
can make. A fold of n rows knows accuracy to 1/n only, and some folds with the same difference are no certainty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

from dataclinic.trials import POWER, SIGNIFICANCE

if TYPE_CHECKING:
    from dataclinic.arrays import Scores
    from dataclinic.trials import Verdict


@dataclass(frozen=True)
class PairedGain:
    """Mean of `count` differences, in their unit; `low` and `high` bound its 95 % interval, `p` is two-sided.

    `smallest_measurable` is the true mean that would have become significant in 80 % of such experiments.
    """

    mean: float
    standard_error: float
    low: float
    high: float
    p: float
    smallest_measurable: float
    count: int


def paired_gain(
    differences: Scores, test_to_train: float, *, resolution: float = 0.0, comparisons: int = 1
) -> PairedGain:
    """Gain of one arm over another from what it gained in each fold of each repeat.

    Fewer than two differences tell nothing of their spread: the interval is then without end and p is 1. Where every
    difference is 0, p is 1 and the interval as wide as `resolution` makes it.

    Args:
        differences: (folds × repeats,) treated minus untreated, on the same rows; NaN is left out.
        test_to_train: scored rows per training row of a fold; 1 / (folds - 1) in cross-validation.
        resolution: smallest step that one difference can make, in its unit; 0 where it moves freely.
        comparisons: arms that are compared at once. `smallest_measurable` is then for the first step of Holm's
            correction, the strictest; interval and p are for this comparison alone.
    """
    known = differences[~np.isnan(differences)]
    count = len(known)
    mean = float(known.mean()) if count else math.nan
    if count < 2:
        return PairedGain(mean, math.inf, -math.inf, math.inf, 1.0, math.inf, count)
    freedom = count - 1
    variance = max(float(known.var(ddof=1)), resolution**2 / 12)
    error = math.sqrt((1 / count + test_to_train) * variance)
    reach = _quantile(freedom, 1 - SIGNIFICANCE / 2) * error
    strictest = _quantile(freedom, 1 - SIGNIFICANCE / (2 * comparisons))
    smallest = (strictest + _quantile(freedom, POWER)) * error
    return PairedGain(mean, error, mean - reach, mean + reach, _two_sided_p(mean, error, freedom), smallest, count)


def verdict(gain: float, p_adjusted: float) -> Verdict:
    """In words: there is an effect where `p_adjusted` is at most `SIGNIFICANCE`, and the sign of `gain` says which."""
    if p_adjusted > SIGNIFICANCE:
        return "no measurable effect"
    return "helps" if gain > 0 else "hurts"


def _quantile(freedom: int, share: float) -> float:
    return float(stdtrit(freedom, share))


def _two_sided_p(mean: float, error: float, freedom: int) -> float:
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * stdtr(freedom, -abs(mean) / error))
