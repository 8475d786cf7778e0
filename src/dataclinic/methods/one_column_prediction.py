"""How well one column alone predicts the label, leaving the judged sample and its group out.

The column is cut into bins (equal values together), each bin votes for a class or a number, and a sample is judged by
the votes of the others: leave-one-out in closed form, from counts alone. It is the one-column rule of R. C. Holte,
*Very Simple Classification Rules Perform Well on Most Commonly Used Datasets*, Machine Learning 11, 1993, with votes
weighted so that every class counts the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from threadpoolctl import threadpool_limits

from dataclinic.methods.grouped_folds import grouped_folds
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Scores

MOST_BINS = 256
_PER_BIN = 5
"""Samples a bin should have on average, so that leaving one out leaves a vote."""

_FOLDS = 3
_TREES = 60


def bins_of(values: Scores) -> Codes:
    """(samples,) bin of each of `values`, 0 for NaN, else from 1 in order; equal values share a bin.

    Every value has a bin of its own where there are at most 256 and five samples each on average; else the bins
    hold about equally many samples.
    """
    bins = np.zeros(len(values), np.int64)
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return bins
    order = known[np.argsort(values[known], kind="stable")]
    starts = np.flatnonzero(np.diff(values[order], prepend=np.nan) != 0)
    most = int(np.clip(len(known) // _PER_BIN, 2, MOST_BINS))
    places = np.arange(len(starts)) if len(starts) <= most else starts * most // len(known)
    _, dense = np.unique(places, return_inverse=True)
    bins[order] = np.repeat(dense + 1, np.diff(starts, append=len(known)))
    return bins


def vote_recalls(bins: Codes, labels: Labels, groups: Codes) -> Scores:
    """(classes,) share of each class that the vote of its bin, without the sample's own group, gets right.

    A class has the votes of its samples in a bin over all its samples. A tie counts as wrong, as does a bin in which
    nobody else is. Only the own class's votes are taken away with the group, so that the share is never too high.

    Args:
        bins: (samples,) from 0.
        labels: (samples,) class codes, every class with a sample.
        groups: (samples,) codes from 0; samples of one group never vote for each other.
    """
    sizes = np.bincount(labels)
    cells, cell_of, counts = np.unique(bins * len(sizes) + labels, return_inverse=True, return_counts=True)
    bin_of, class_of = np.divmod(cells, len(sizes))
    others = _best_other(bin_of, counts / sizes[class_of])
    members, together = np.unique(cell_of * (int(groups.max()) + 1) + groups, return_counts=True)
    cell = members // (int(groups.max()) + 1)
    right = (counts[cell] - together) / sizes[class_of[cell]] > others[cell]
    return np.bincount(class_of[cell], right * together, minlength=len(sizes)) / sizes


def _best_other(bin_of: Codes, votes: Scores) -> Scores:
    """(cells,) the largest of the `votes` in the same bin but the own; cells are sorted by bin."""
    starts = np.flatnonzero(np.diff(bin_of, prepend=-1))
    sizes = np.diff(starts, append=len(bin_of))
    first = np.repeat(np.maximum.reduceat(votes, starts), sizes)
    at_top = votes == first
    second = np.repeat(np.maximum.reduceat(np.where(at_top, 0.0, votes), starts), sizes)
    alone_at_top = np.repeat(np.add.reduceat(at_top.astype(np.int64), starts), sizes) == 1
    return np.where(at_top & alone_at_top, second, first)


def explained_by_bins(bins: Codes, targets: Scores, groups: Codes) -> float:
    """Share of the variance of `targets` (samples,) that the mean of the bin, without the own group, explains.

    At most 1; below 0 where it is worse than the mean of all. Give ranks for a share that no far value decides.
    """
    pairs, pair_of, together = np.unique(
        bins * (int(groups.max()) + 1) + groups, return_inverse=True, return_counts=True
    )
    bin_of = pairs // (int(groups.max()) + 1)
    counts, sums = np.bincount(bins), np.bincount(bins, targets)
    left = counts[bin_of] - together
    means = np.full(len(pairs), targets.mean())
    own = np.bincount(pair_of, targets)
    means[left > 0] = ((sums[bin_of] - own) / np.maximum(left, 1))[left > 0]
    total = float(((targets - targets.mean()) ** 2).sum())
    return 1 - float(((targets - means[pair_of]) ** 2).sum()) / total if total > 0 else 0.0


def recall_together(values: NDArray[np.float64], labels: Labels, groups: Codes) -> float:
    """Balanced accuracy that all columns of (samples, columns) `values` reach together in 3 folds, groups kept whole.

    By extremely randomised trees (Geurts, Ernst & Wehenkel, Machine Learning 63, 2006). No NaN; every class has samples
    in at least two groups, or its recall is 0.
    """
    predicted = np.full(len(labels), -1)
    for train, held in _folds(labels, groups):
        trees = ExtraTreesClassifier(
            _TREES, class_weight="balanced", min_samples_leaf=2, random_state=seed_for(0, "recall together")
        )
        with threadpool_limits(1):
            predicted[held] = trees.fit(values[train], labels[train]).predict(values[held])
    return float((np.bincount(labels, predicted == labels) / np.bincount(labels)).mean())


def explained_together(values: NDArray[np.float64], targets: Scores, groups: Codes) -> float:
    """Share of the variance of `targets` that all columns explain together, as `recall_together` does."""
    predicted = np.zeros(len(targets))
    for train, held in _folds(np.zeros(len(targets), np.int64), groups):
        trees = ExtraTreesRegressor(_TREES, min_samples_leaf=2, random_state=seed_for(0, "explained together"))
        with threadpool_limits(1):
            predicted[held] = trees.fit(values[train], targets[train]).predict(values[held])
    return 1 - float(((targets - predicted) ** 2).sum() / ((targets - targets.mean()) ** 2).sum())


def _folds(strata: Labels, groups: Codes) -> list[tuple[Codes, Codes]]:
    if len(np.unique(groups)) < _FOLDS:
        return []
    fold_of = grouped_folds(strata, groups, _FOLDS, rng_for(0, "columns together"))
    return [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in np.unique(fold_of)]
