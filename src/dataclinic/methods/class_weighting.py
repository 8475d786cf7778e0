"""Weights of classes by their number of rows, scaled so that the rows' mean weight is 1.

The scale keeps the penalty of a regularised model as strong, beside the loss, as without weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Scores


def balanced_weights(counts: Labels) -> Scores:
    """(classes,) n / (K n_c) of n rows in K classes that have any; 0 for the others.

    King & Zeng, "Logistic Regression in Rare Events Data", Political Analysis 9, 2001, section 4.2, for equal classes;
    scikit-learn's "balanced".

    Args:
        counts: (classes,) rows of each class.
    """
    return _with_mean_1(np.divide(1.0, counts, out=np.zeros(len(counts)), where=counts > 0), counts)


def effective_number_weights(counts: Labels, beta: float) -> Scores:
    """(classes,) in proportion to (1 - β) / (1 - β^n_c); 0 for classes without rows.

    Cui, Jia, Lin, Song & Belongie, "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019, equation 2.
    They let the weights of the classes add up to K instead.

    Args:
        counts: (classes,) rows of each class.
        beta: in [0, 1): 0 gives every class the same weight; near 1 it becomes `balanced_weights`.
    """
    effective = 1 - float(beta) ** counts
    return _with_mean_1(np.divide(1.0, effective, out=np.zeros(len(counts)), where=counts > 0), counts)


def _with_mean_1(weights: Scores, counts: Labels) -> Scores:
    return np.asarray(weights * counts.sum() / (weights * counts).sum())
