"""How often models take the samples of either class of a pair for the other one.

A pair's overlap is the smaller of the two rates, so that a direction (wrong labels, or a class that swallows another)
does not count as one. cleanlab's `find_overlapping_classes` (Northcutt, Jiang & Chuang, "Confident Learning", JAIR 70,
2021) adds up both cells of the joint instead; we depart from it by taking the smaller rate, and by leaving out samples
as far as their labels are probably wrong: an exchanged label is no overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Scores

NORMAL = 1.959964
"""97.5 % of a standard normal lie below it."""


class PairOverlap(NamedTuple):
    """Pairs that are taken for each other in both directions, (pairs,) each.

    `rates` and `counts` are (pairs, 2): shares and weights of `first` taken for `second`, and the reverse. `least` is
    the lower end of the 95 % interval of the smaller rate.
    """

    first: Labels
    second: Labels
    rates: NDArray[np.float64]
    counts: NDArray[np.float64]
    least: Scores

    @property
    def overlap(self) -> Scores:
        return np.asarray(self.rates.min(axis=1), np.float64)


def pair_overlap(labels: Labels, predicted: Labels, weights: Scores, classes: int) -> PairOverlap:
    """Of given labels, the classes that held-out models predict, and how much each sample counts (0 … 1)."""
    sizes = np.bincount(labels, weights, minlength=classes)
    other = predicted != labels
    cells, place = np.unique(labels[other].astype(np.int64) * classes + predicted[other], return_inverse=True)
    counts = np.bincount(place, weights[other], minlength=len(cells))
    # a cell and its mirror image: both have to be there
    mirror = (cells % classes) * classes + cells // classes
    where = np.searchsorted(cells, mirror)
    both = (where < len(cells)) & (cells // classes < cells % classes)
    both[both] = cells[where[both]] == mirror[both]
    forth, back = np.flatnonzero(both), where[both]
    pairs = np.column_stack([counts[forth], counts[back]])
    whole = np.maximum(np.column_stack([sizes[cells[forth] // classes], sizes[cells[back] // classes]]), 1e-9)
    rates = pairs / whole
    return PairOverlap(
        cells[forth] // classes, cells[forth] % classes, rates, pairs, _wilson_low(rates, whole).min(axis=1)
    )


def _wilson_low(rates: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower end of the 95 % score interval (E. B. Wilson, JASA 22, 1927)."""
    extra = NORMAL**2 / sizes
    middle = rates + extra / 2
    spread = NORMAL * np.sqrt(rates * (1 - rates) / sizes + extra / (4 * sizes))
    return np.asarray((middle - spread) / (1 + extra), np.float64)
