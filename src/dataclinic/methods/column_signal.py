"""How much one column tells about the label: a chi-squared test of association, its effect size, and what it rules out.

K. Pearson's X² (1900) on the table of a column's bins against the classes (or bins of the number); w² = X² / n is J.
Cohen's effect size (*Statistical Power Analysis for the Behavioral Sciences*, 2nd edition, 1988, chapter 7), and its
largest plausible value comes from the noncentral distribution (M. Smithson, *Confidence Intervals*, 2003, chapter 4).
Many columns are judged together by the rule of Y. Benjamini & Y. Hochberg, *Controlling the False Discovery Rate*,
Journal of the Royal Statistical Society B 57, 1995.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Codes, Labels, Scores

BINS = 5
"""Of a numeric column: enough for a hump or a step, few enough degrees of freedom."""

MOST_LEVELS = 20
"""Levels or classes kept apart; the rarer ones are one together."""


@dataclass(frozen=True)
class Association:
    """X² of a column and a label with its degrees of freedom and p-value (1 where the table has one row or column).

    `effect` is X² / n without what chance adds, at least 0; `largest_effect` the one below which it lies with 95 %
    confidence, where an X² below what chance has on average is taken for that: luck rules nothing out. `sound` where
    four fifths of the expected counts reach 5 and all 1, as W. G. Cochran asks of the approximation (Biometrics 10,
    1954).
    """

    chi2: float
    freedom: int
    p_value: float
    effect: float
    largest_effect: float
    sound: bool


def association(bins: Codes, classes: Labels) -> Association:
    """Of two (samples,) arrays of codes from 0."""
    table = np.bincount(
        bins * (int(classes.max()) + 1) + classes, minlength=(int(bins.max()) + 1) * (int(classes.max()) + 1)
    )
    counts = table.reshape(int(bins.max()) + 1, -1).astype(np.float64)
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if not freedom:
        return Association(0.0, 0, 1.0, 0.0, 0.0, sound=False)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    chi2 = float(((counts - expected) ** 2 / expected).sum())
    samples = float(counts.sum())
    largest = _largest_noncentrality(max(chi2, freedom), freedom) / samples
    sound = bool((expected >= 5).mean() >= 0.8 and expected.min() >= 1)
    p_value = float(special.chdtrc(freedom, chi2))
    return Association(chi2, freedom, p_value, max(chi2 - freedom, 0.0) / samples, largest, sound)


def _largest_noncentrality(chi2: float, freedom: int) -> float:
    """λ at which X² would be so small in one case of twenty."""
    # Beyond a few thousand the root is where a normal distribution has it, and the series of scipy takes its time.
    if chi2 > 5000:
        return chi2 - freedom + 1.645 * 2 * float(np.sqrt(chi2))
    return float(special.chndtrinc(chi2, freedom, 0.05))


def signal_bins(values: Scores) -> Codes:
    """(samples,) bin of each of `values`: 0 for NaN, else 1 … 5 of about equally many, equal ones together."""
    bins = np.zeros(len(values), np.int64)
    known = ~np.isnan(values)
    if known.any():
        edges = np.unique(np.quantile(values[known], np.arange(1, BINS) / BINS, method="lower"))
        bins[known] = 1 + np.searchsorted(edges, values[known], side="left")
    return bins


def common_levels(codes: Codes) -> Codes:
    """(samples,) codes numbered by frequency, the most frequent 0 … 18 and all rarer ones 19; -1 is a level too."""
    _, dense, counts = np.unique(codes, return_inverse=True, return_counts=True)
    place = np.empty(len(counts), np.int64)
    place[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return np.minimum(place, MOST_LEVELS - 1)[dense]


def signal_to_noise(values: Scores, classes: Labels) -> float:
    """Variance between the classes' means over that within classes; 0 where nothing varies, infinite without noise."""
    known = ~np.isnan(values)
    scale = np.abs(values[known]).max(initial=0)
    if not scale:
        return 0.0
    values, classes = values[known] / scale, classes[known]
    counts = np.bincount(classes)
    means = np.bincount(classes, values) / np.maximum(counts, 1)
    between = float((counts * (means - values.mean()) ** 2).sum())
    within = float(((values - means[classes]) ** 2).sum())
    smallest = 1e-24 * len(values)
    return 0.0 if between <= smallest else (between / within if within > smallest else np.inf)


def false_discovery_adjusted(p_values: Sequence[float] | Scores) -> Scores:
    """(tests,) p-values adjusted by Benjamini and Hochberg's step-up rule, at most 1, in the order given."""
    p = np.asarray(p_values, np.float64)
    order = np.argsort(-p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1)), 1.0)
    return adjusted
