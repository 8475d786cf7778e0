"""Many signals become one score that rises with each of them, weighted by how well they tell known errors.

Logistic regression of planted errors against labels as given, with weights that cannot be negative: more of a signal
never makes a sample less suspect. Labels as given hold errors of their own, so each counts as right only by as much as
it is believed to be (learning from positive and unlabelled data; Elkan & Noto, KDD 2008).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PENALTY = 1.0
"""Of half the squared weights, beside as many log-losses as there are samples."""


def fusion_weights(signals: Floats, wrong: Floats, counts: Floats) -> Floats:
    """(signals,) a weight of at least 0 for each; all 0 if none tells errors.

    Args:
        signals: (rows, signals) higher = more suspect, finite.
        wrong: (rows,) 1 for a planted error, 0 for a label as given.
        counts: (rows,) how much each row counts.
    """
    scale = np.abs(signals).mean(axis=0) + 1e-9
    scaled = signals / scale

    def loss(parameters: Floats) -> tuple[float, Floats]:
        score = parameters[0] + scaled @ parameters[1:]
        value = (counts * (np.logaddexp(0, score) - wrong * score)).sum() + PENALTY / 2 * (parameters[1:] ** 2).sum()
        off = counts * (expit(score) - wrong)
        return float(value), np.concatenate([[off.sum()], scaled.T @ off + PENALTY * parameters[1:]])

    bounds = [(None, None), *[(0.0, None)] * scaled.shape[1]]
    start = np.zeros(1 + scaled.shape[1])
    found = minimize(loss, start, method="L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": 200})
    return np.asarray(found.x[1:] / scale)
