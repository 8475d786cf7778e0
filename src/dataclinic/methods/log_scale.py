"""Whether a column is to be judged on the logarithmic scale, where "ten times as much" is one step.

Fences and z-scores assume that the two sides of the middle look alike. Amounts, durations and counts seldom do: of
a log-normal column with σ = 1 Tukey's outer fence cuts off 2.6 % of the values, though none is wrong. The
skewness asked here is the octile one (D. V. Hinkley, *On power transformations to symmetry*, Biometrika, 1975):
((q.875 − q.5) − (q.5 − q.125)) / (q.875 − q.125), in [−1, 1], 0 for a symmetric distribution, which an eighth of wrong
values on either side cannot move far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dataclinic.arrays import Scores

_SKEWED = 0.2
"""Octile skewness of a log-normal distribution with σ = 0.35."""

_GAIN = 0.1
"""Logarithms must take away that much, or a column far from zero (4,300 ± 30) would be put on them for nothing."""


def on_symmetric_scale(values: Scores) -> tuple[Scores, bool]:
    """`values` or their natural logarithms, and whether it is the latter.

    It is where no value is negative, the positive ones have an octile skewness above 0.2, and that of their
    logarithms is nearer to 0 by more than 0.1. A zero among such values ("no debt") is not a very small amount: it
    becomes NaN there.
    """
    finite = values[np.isfinite(values)]
    positive = finite[finite > 0]
    if not positive.size or finite.min() < 0:
        return values, False
    skewness = octile_skewness(positive)
    if skewness <= _SKEWED or abs(octile_skewness(np.log(positive))) > skewness - _GAIN:
        return values, False
    return np.log(np.where(values > 0, values, np.nan)), True


def octile_skewness(values: Scores) -> float:
    """Octile skewness in [−1, 1] of finite `values`; 0 where the octiles coincide."""
    low, middle, high = np.quantile(values, (0.125, 0.5, 0.875))
    return float((high + low - 2 * middle) / (high - low)) if high > low else 0.0
