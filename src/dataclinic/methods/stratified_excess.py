"""Whether marked samples gather in a part of the data, beyond what the strata in that part would bring.

Exact conditional test of a common odds ratio over strata: N. Mantel & W. Haenszel, "Statistical Aspects of the Analysis
of Data from Retrospective Studies of Disease", JNCI 22, 1959 (the pooled odds ratio, equation 4); N. E. Breslow &
N. E. Day, "Statistical Methods in Cancer Research" I, 1980, section 4.4 (the exact test: given the margins of every
stratum, the number of marked samples inside is a sum of hypergeometric ones). With one stratum it is Fisher's test.
We compute the exact tail only where a normal approximation does not already say that there is nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import gammaln

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Scores

    Counts = NDArray[np.int64]

CLEARLY_NOTHING = 1.0
"""Standard deviations above what is expected, below which p is told as 1: it would be about 0.16 or more."""

NEGLIGIBLE = 1e-60
"""Probabilities below are left out, which keeps distributions of thousands of samples short."""


class Excess(NamedTuple):
    """(parts,) each: one-sided p-values, and pooled odds ratios, infinite where nothing outside is marked."""

    p: Scores
    odds_ratio: Scores


def stratified_excess(inside: Counts, marked_inside: Counts, whole: Counts, marked: Counts) -> Excess:
    """How surprising it is that so many marked samples are inside each part, if marks fall evenly within every stratum.

    `inside` and `marked_inside` are (parts, strata): samples of each part, and the marked ones among them; `whole` and
    `marked` are (strata,), of all samples. Cost is that of the distributions of the parts with a clear excess.
    """
    expected, variance = _moments(inside, whole, marked)
    excess = marked_inside.sum(axis=1) - expected
    p = np.ones(len(inside))
    for part in np.flatnonzero(excess > CLEARLY_NOTHING * np.sqrt(variance)):
        if variance[part] > 0:
            p[part] = _upper_tail(inside[part], int(marked_inside[part].sum()), whole, marked)
    return Excess(p, _pooled_odds_ratio(inside, marked_inside, whole, marked))


def _moments(inside: Counts, whole: Counts, marked: Counts) -> tuple[Scores, Scores]:
    """Mean and variance of the number of marked samples inside, (parts,) each."""
    total = np.maximum(whole, 1)
    share = marked / total
    expected = inside * share
    variance = expected * (1 - share) * (whole - inside) / np.maximum(whole - 1, 1)
    return expected.sum(axis=1), variance.sum(axis=1)


def _upper_tail(inside: Counts, found: int, whole: Counts, marked: Counts) -> float:
    """P(at least `found` marked samples inside)."""
    least = 0
    distribution = np.ones(1)
    for stratum in np.flatnonzero((inside > 0) & (marked > 0)):
        low, probabilities = _hypergeometric(int(inside[stratum]), int(whole[stratum]), int(marked[stratum]))
        front, distribution = _trimmed(np.convolve(distribution, probabilities))
        least += low + front
    tail = distribution[max(found - least, 0) :].sum()
    return float(np.clip(tail, np.finfo(np.float64).tiny, 1.0))


def _trimmed(distribution: Scores) -> tuple[int, Scores]:
    """The distribution without ends that change no p-value, and how many were left out in front."""
    kept = np.flatnonzero(distribution > NEGLIGIBLE)
    return int(kept[0]), distribution[kept[0] : kept[-1] + 1]


def _hypergeometric(drawn: int, whole: int, marked: int) -> tuple[int, Scores]:
    """The smallest possible number of marked ones among `drawn` of `whole`, and the probabilities from there on."""
    low, high = max(0, drawn + marked - whole), min(drawn, marked)
    hits = np.arange(low, high + 1)
    logs = _log_choose(marked, hits) + _log_choose(whole - marked, drawn - hits) - _log_choose(whole, np.array(drawn))
    return low, np.exp(logs)


def _log_choose(of: int, some: Counts) -> Scores:
    return np.asarray(gammaln(of + 1) - gammaln(some + 1) - gammaln(of - some + 1), np.float64)


def _pooled_odds_ratio(inside: Counts, marked_inside: Counts, whole: Counts, marked: Counts) -> Scores:
    total = np.maximum(whole, 1)
    marked_outside = marked - marked_inside
    right_inside = inside - marked_inside
    right_outside = whole - inside - marked_outside
    above = (marked_inside * right_outside / total).sum(axis=1)
    below = (marked_outside * right_inside / total).sum(axis=1)
    ratio = np.divide(above, below, out=np.full(len(above), np.inf), where=below > 0)
    return np.where((above == 0) & (below == 0), 1.0, ratio)
