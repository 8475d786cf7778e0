"""Limits of the numeric columns of a table, learned from training rows: by Tukey's fences, or by robust z-scores.

Tukey's fences: J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977. Robust z-scores: B. Iglewicz and D. C.
Hoaglin, *How to Detect and Handle Outliers*, ASQC Quality Press, 1993. Columns are judged as the checks `iqr_outliers`
and `zscore_outliers` judge them: on a log scale where that makes them symmetric (`log_scale`), not at all where they
have fewer than ten values or at most two different ones, and without limits where so much lies beyond that it is the
column's tail or a second population.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dataclinic.methods.log_scale import on_symmetric_scale
from dataclinic.methods.robust_z import middle_and_spread
from dataclinic.methods.tukey_fences import tukey_fences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Scores

_FEWEST = 10
"""Quartiles and medians of fewer values say little about the rest."""

_MOST_AROUND_A_SPIKE = 0.01
"""Where more than half of the values are equal (no debt, no messages) the rest is usually the interesting part."""


class Limits(NamedTuple):
    """Lowest and highest ordinary value; `spares_zero` where the column was judged by its logarithms."""

    low: float
    high: float
    spares_zero: bool = False


NO_LIMITS = Limits(-np.inf, np.inf)
"""Of a column that is left alone."""


@dataclass(frozen=True)
class ColumnLimits:
    """Brings numbers beyond the limits of their column to the limit: a `ColumnMap`. NaN stays."""

    names: tuple[str, ...]
    limits: tuple[Limits, ...]

    def apply(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """(samples, columns), each number no lower and no higher than its limits."""
        clipped = np.clip(numbers, *self._ends())
        return np.where(self.outside(numbers), clipped, numbers)

    def outside(self, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(samples, columns) whether a number lies beyond a limit; an empty cell does not."""
        low, high = self._ends()
        spared = (numbers == 0) & np.array([limit.spares_zero for limit in self.limits], bool)
        return np.asarray(((numbers < low) | (numbers > high)) & ~spared)

    def _ends(self) -> tuple[Scores, Scores]:
        low, high = ([limit[end] for limit in self.limits] for end in (0, 1))
        return np.array(low, np.float64), np.array(high, np.float64)


def learned_limits(
    numbers: NDArray[np.float64], names: Sequence[str], judge: Callable[[Scores], Limits]
) -> ColumnLimits:
    """The limits that `judge` finds for each of the (samples, names) columns, NaN for an empty cell."""
    return ColumnLimits(tuple(names), tuple(judge(column) for column in numbers.T))


def iqr_limits(values: Scores, factor: float, most_share: float) -> Limits:
    """Tukey's fences `factor` interquartile ranges beyond the quartiles of (samples,) values without infinite ones.

    No limits where the quartiles coincide, or more than `most_share` of the values lie outside.
    """
    if not _varies(values):
        return NO_LIMITS
    scaled, logarithmic = on_symmetric_scale(values)
    fences = tukey_fences(scaled, factor)
    if not fences.q3 > fences.q1:
        return NO_LIMITS
    return _unless_crowded(values, scaled, (fences.low, fences.high), most_share, logarithmic=logarithmic)


def zscore_limits(values: Scores, threshold: float, most_share: float) -> Limits:
    """Where the robust z-score of (samples,) values without infinite ones reaches ± `threshold`.

    No limits where more than `most_share` of the values lie beyond, or 1 % where more than half of them are equal.
    """
    if not _varies(values):
        return NO_LIMITS
    scaled, logarithmic = on_symmetric_scale(values)
    known = scaled[~np.isnan(scaled)]
    middle, spread = middle_and_spread(known)
    if spread <= np.finfo(np.float64).eps * abs(middle):
        return NO_LIMITS
    spiked = 2 * np.count_nonzero(known == middle) > len(known)
    share = _MOST_AROUND_A_SPIKE if spiked else most_share
    ends = (middle - threshold * spread, middle + threshold * spread)
    return _unless_crowded(values, scaled, ends, share, logarithmic=logarithmic)


def _varies(values: Scores) -> bool:
    known = values[~np.isnan(values)]
    return len(known) >= _FEWEST and not ((known == known.min()) | (known == known.max())).all()


def _unless_crowded(
    values: Scores, scaled: Scores, ends: tuple[float, float], most_share: float, *, logarithmic: bool
) -> Limits:
    outside = np.count_nonzero((scaled < ends[0]) | (scaled > ends[1]))
    if outside > most_share * np.count_nonzero(~np.isnan(values)):
        return NO_LIMITS
    if not logarithmic:
        return Limits(*ends)
    with np.errstate(over="ignore"):  # beyond the largest number there is nothing to limit
        low, high = np.exp(ends).tolist()
    return Limits(low, high, spares_zero=True)
