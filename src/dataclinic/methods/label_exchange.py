"""How many samples of one class carry the label of another: the off-diagonal of the joint of true and given labels.

The joint is that of C. G. Northcutt, L. Jiang & I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset
Labels", JAIR 70, 2021, section 3.1; here its cells are sums of calibrated probabilities of being wrong, each given to
the one class that is suggested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Mask, Scores


class Exchange(NamedTuple):
    """Cells of the joint with at least one flagged sample, (cells,) each, and (classes,) true sizes.

    `true` and `given` are class codes, `expected` the sum of probabilities in the cell, `flagged` its flagged samples.
    `true_sizes` are the expected numbers of samples that truly are of a class.
    """

    true: Labels
    given: Labels
    expected: Scores
    flagged: NDArray[np.int64]
    true_sizes: Scores

    def reverse(self) -> tuple[Scores, NDArray[np.int64]]:
        """For every cell `expected` and `flagged` of the cell with both classes exchanged; 0 where there is none."""
        place = {pair: at for at, pair in enumerate(zip(self.true.tolist(), self.given.tolist(), strict=True))}
        where = [place.get(pair, -1) for pair in zip(self.given.tolist(), self.true.tolist(), strict=True)]
        return np.append(self.expected, 0.0)[where], np.append(self.flagged, 0)[where]


def label_exchange(given: Labels, suggested: Labels, probability: Scores, flagged: Mask, classes: int) -> Exchange:
    """Of labels with their probability of being wrong, NaN where not judged, and the class suggested instead."""
    known = ~np.isnan(probability) & (suggested != given)
    wrong = np.where(known, probability, 0.0)
    sizes = np.bincount(given, 1.0 - wrong, minlength=classes) + np.bincount(suggested, wrong, minlength=classes)
    cells, place = np.unique(suggested[known].astype(np.int64) * classes + given[known], return_inverse=True)
    expected = np.bincount(place, probability[known], minlength=len(cells))
    counts = np.bincount(place[flagged[known]], minlength=len(cells)).astype(np.int64)
    kept = counts > 0
    sums, true_sizes = np.asarray(expected[kept], np.float64), np.asarray(sizes, np.float64)
    return Exchange(cells[kept] // classes, cells[kept] % classes, sums, counts[kept], true_sizes)
