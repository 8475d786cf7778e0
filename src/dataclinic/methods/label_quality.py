"""Scores of how well a given label agrees with out-of-fold probabilities.

Self-confidence and normalized margin: Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in
Dataset Labels", JAIR 70, 2021, as in cleanlab's `rank` module but not rescaled to [0, 1]. Log-margin: the margin of
Pleiss, Zhang, Elenberg & Weinberger, "Identifying Mislabeled Data using the Area Under the Margin Ranking", NeurIPS
2020, equation 1, on log-probabilities (logits up to a constant per row), of a held-out model instead of a training
run; clipped so that one underflowing probability does not decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.arrays import SMALLEST_PROB

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Probs, Scores

FLOOR = 1e-6
"""Probabilities below this are not told apart by the log-margin."""


def self_confidence(probs: Probs, labels: Labels) -> Scores:
    """(samples,) probability of the given label."""
    return np.asarray(probs[np.arange(len(labels)), labels], np.float64)


def margin(probs: Probs, labels: Labels) -> Scores:
    """(samples,) probability of the given label less that of the likeliest other class, in [-1, 1]."""
    best = best_other(probs, labels)
    return self_confidence(probs, labels) - self_confidence(probs, best)


def log_margin(probs: Probs, labels: Labels) -> Scores:
    """(samples,) log-probability of the given label less that of the likeliest other class, in nats."""
    clipped = np.clip(probs, FLOOR, 1.0)
    best = best_other(probs, labels)
    return np.log(self_confidence(clipped, labels)) - np.log(self_confidence(clipped, best))


def best_other(probs: Probs, labels: Labels) -> Labels:
    """(samples,) code of the likeliest class that is not the given one; the lowest code on a tie."""
    others = probs.copy()
    others[np.arange(len(labels)), labels] = -1.0
    return np.asarray(others.argmax(axis=1), np.int64)


def mean_loss_nats(repeat_probs: NDArray[np.float32], labels: Labels) -> Scores:
    """(samples,) cross-entropy of the given label in nats, mean over the repeats that scored the sample; NaN if none.

    Args:
        repeat_probs: (repeats, samples, classes), NaN where a repeat did not score a sample.
        labels: (samples,) codes.
    """
    given = repeat_probs[:, np.arange(len(labels)), labels].astype(np.float64)
    scored = ~np.isnan(given)
    losses = -np.log(np.clip(np.where(scored, given, 1.0), SMALLEST_PROB, 1.0))
    count = scored.sum(axis=0)
    return np.asarray(np.divide(losses.sum(axis=0), count, out=np.full(len(labels), np.nan), where=count > 0))


def spread(repeat_probs: NDArray[np.float32], labels: Labels) -> Scores:
    """(samples,) standard deviation over repeats of the given label's probability; NaN for fewer than two repeats."""
    given = repeat_probs[:, np.arange(len(labels)), labels].astype(np.float64)
    count = (~np.isnan(given)).sum(axis=0)
    mean = np.divide(np.nansum(given, axis=0), count, out=np.zeros(len(labels)), where=count > 0)
    square = np.nansum((given - mean) ** 2, axis=0)
    variance = np.divide(square, count - 1, out=np.full(len(labels), np.nan), where=count > 1)
    return np.asarray(np.sqrt(variance))
