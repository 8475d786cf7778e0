"""Tukey's fences: the range outside which a value is far from the bulk of its column.

J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977, section 2D: inner fences lie 1.5, outer fences
3 interquartile ranges beyond the quartiles; values past the outer ones are "far out". Quartiles interpolate linearly
(definition 7 of Hyndman and Fan, *Sample quantiles in statistical packages*, The American Statistician, 1996), not
at Tukey's hinges; the two differ by less than one order statistic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from dataclinic.arrays import Scores


class Fences(NamedTuple):
    """`low` and `high` are the fences; `q1` and `q3` the quartiles they stand on."""

    low: float
    high: float
    q1: float
    q3: float


def tukey_fences(values: Scores, factor: float = 1.5) -> Fences:
    """Fences `factor` × (Q3 − Q1) below Q1 and above Q3 of the finite `values`; all NaN where there is none."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Fences(np.nan, np.nan, np.nan, np.nan)
    q1, q3 = (float(quartile) for quartile in np.quantile(finite, (0.25, 0.75)))
    reach = factor * (q3 - q1)
    return Fences(q1 - reach, q3 + reach, q1, q3)
