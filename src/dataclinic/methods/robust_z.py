"""How many standard deviations a value lies from the middle of its column, plainly and robustly.

The robust score is the modified z-score of B. Iglewicz and D. C. Hoaglin, *How to Detect and Handle Outliers*,
ASQC Basic References in Quality Control 16, 1993: 0.6745 (x − median) / MAD, where MAD is the median absolute
deviation from the median. Where MAD is 0, as more than half of the values are equal, the mean absolute deviation
takes its place: (x − median) / (1.253314 × MeanAD). The plain score has the sample's own mean and standard deviation
(divided by n), which the outliers themselves inflate: in n values none exceeds (n − 1) / √n (Shiffler 1988).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dataclinic.arrays import Scores

MAD_OF_NORMAL = 0.6745
"""MAD of a normal distribution with standard deviation 1."""

SIGMA_PER_MEAN_AD = 1.253314
"""Standard deviation of a normal distribution whose mean absolute deviation is 1: √(π / 2)."""


@np.errstate(over="ignore", invalid="ignore")  # the largest numbers there are, used as placeholders
def z_scores(values: Scores) -> Scores:
    """(samples,) (x − mean) / standard deviation; 0 where all are equal, NaN where `values` is, ±inf where infinite.

    Mean and deviation are those of the finite values.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.full(len(values), np.nan)
    return _distance(values, float(finite.mean()), float(finite.std()))


@np.errstate(over="ignore", invalid="ignore")
def robust_z_scores(values: Scores) -> Scores:
    """(samples,) modified z-scores; 0 where all are equal, NaN where `values` is, ±inf where infinite.

    Median and deviations are those of the finite values.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.full(len(values), np.nan)
    return _distance(values, *middle_and_spread(finite))


def middle_and_spread(finite: Scores) -> tuple[float, float]:
    """Median of finite values, at least one, and their robust standard deviation: from the MAD, or as above."""
    middle = float(np.median(finite))
    deviations = np.abs(finite - middle)
    mad = float(np.median(deviations))
    return middle, mad / MAD_OF_NORMAL if mad > 0 else float(deviations.mean()) * SIGMA_PER_MEAN_AD


def _distance(values: Scores, middle: float, scale: float) -> Scores:
    """(x − middle) / scale, where a scale of nothing but rounding counts as 0."""
    away = values - middle
    if scale <= np.finfo(np.float64).eps * abs(middle):
        return np.where(np.isfinite(values), 0.0, away)
    return np.asarray(away / scale, np.float64)
