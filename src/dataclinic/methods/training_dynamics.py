"""What the course of a training says of each sample that took part in it.

Every function takes one fit's (epochs, rows) numbers, as `Dynamics` of fits.py holds them, at least one epoch and no
NaN, and gives one float64 a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Scores


def area_under_margin(margins: NDArray[np.float32]) -> Scores:
    """(rows,) mean over epochs of the given label's logit less the largest other one; low where a label is wrong.

    Pleiss, Zhang, Elenberg & Weinberger, "Identifying Mislabeled Data using the Area Under the Margin Ranking",
    NeurIPS 2020, equation 1. They stop before the learning rate first drops, while wrong labels are not yet learned by
    heart, and find a threshold with samples of an extra class; we average all epochs given, and leave the threshold
    to whoever ranks.
    """
    return np.asarray(margins.mean(axis=0, dtype=np.float64))


def forgetting_events(margins: NDArray[np.float32]) -> Scores:
    """(rows,) how often a row is right after one epoch and wrong after the next; right is a margin above 0.

    Toneva, Sordoni, Tachet des Combes, Trischler, Bengio & Gordon, "An Empirical Study of Example Forgetting during
    Deep Neural Network Learning", ICLR 2019, definition of section 3. They look at a sample each time that it is in a
    batch, which is once an epoch as here. They rank a row that is never right with the most forgotten; here its count
    is what it is, 0, and its margin tells it apart.
    """
    right = margins > 0
    return np.asarray((right[:-1] & ~right[1:]).sum(axis=0), np.float64)


def confidence_and_variability(probs: NDArray[np.float32]) -> tuple[Scores, Scores]:
    """(rows,) mean over epochs of the given label's probability, and its standard deviation, in 0 … 1 and 0 … 0.5.

    Swayamdipta, Schwartz, Lourie, Wang, Hajishirzi, Smith & Choi, "Dataset Cartography: Mapping and Diagnosing Datasets
    with Training Dynamics", EMNLP 2020, section 2: sure and steady rows are easy, unsteady ones ambiguous, and among
    those that stay unsure are the wrong labels. The deviation is over the epochs as such, not an estimate from them.
    """
    return np.asarray(probs.mean(axis=0, dtype=np.float64)), np.asarray(probs.std(axis=0, dtype=np.float64))
