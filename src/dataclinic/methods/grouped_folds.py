"""Stratified folds that keep groups whole, in near-linear time.

The same aim as scikit-learn's `StratifiedGroupKFold`, whose loop over groups takes minutes at a million samples.
Here only groups with several members are placed one by one, largest first, each where it brings the class counts of
the folds closest to equal; single samples then fill the folds up, class by class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels


def grouped_folds(labels: Labels, groups: Codes, folds: int, rng: np.random.Generator) -> Codes:
    """Fold number, 0 … folds - 1, of each sample.

    Samples of one group share a fold. Of samples that are alone in their group, every class has in each fold the
    same number to within one; of grouped ones as near as their groups allow.

    Args:
        labels: (samples,) class codes.
        groups: (samples,) group codes.
        folds: at least 2.
        rng: decides which samples meet in a fold.
    """
    _, group_of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    classes = int(labels.max(initial=0)) + 1
    counts = np.zeros((folds, classes), np.int64)
    fold_of = np.empty(len(labels), np.int64)
    alone = sizes[group_of] == 1
    _place_groups(fold_of, counts, labels, np.where(alone, -1, group_of), rng)
    for code in np.unique(labels[alone]):
        rows = rng.permutation(np.flatnonzero(alone & (labels == code)))
        fold_of[rows] = _fill(counts, int(code), len(rows))
        counts[:, code] += np.bincount(fold_of[rows], minlength=folds)
    return fold_of


def _place_groups(
    fold_of: Codes, counts: NDArray[np.int64], labels: Labels, group_of: Codes, rng: np.random.Generator
) -> None:
    """Assign samples with a group (not -1) in `fold_of` and count them in `counts`."""
    order = np.flatnonzero(group_of >= 0)
    order = order[np.argsort(group_of[order], kind="stable")]
    starts = np.flatnonzero(np.diff(group_of[order], prepend=-1))
    members = np.split(order, starts[1:]) if len(order) else []
    shuffled = rng.permutation(len(members))
    share = 1.0 / np.maximum(np.bincount(labels, minlength=counts.shape[1]), 1)
    for place in sorted(shuffled, key=lambda place: -len(members[place])):
        rows = members[place]
        added = np.bincount(labels[rows], minlength=counts.shape[1])
        # Growth of the squared class shares of each fold; ties go to the emptiest fold.
        growth = ((2 * counts + added) * added * share**2).sum(axis=1)
        fold = np.lexsort((counts.sum(axis=1), growth))[0]
        fold_of[rows] = fold
        counts[fold] += added


def _fill(counts: NDArray[np.int64], code: int, samples: int) -> Codes:
    """Folds for `samples` further samples of a class: always the fold with the fewest of it, then the fewest of all."""
    folds = len(counts)
    level = counts[:, code] - counts[:, code].min()
    rounds = np.arange(-(-(samples + level.sum()) // folds) + 1)
    heights = (level[:, None] + rounds).reshape(-1)
    fold = np.repeat(np.arange(folds), len(rounds))
    total = counts.sum(axis=1)[fold]
    return fold[np.lexsort((fold, total, heights))][:samples]
