"""Temperature scaling: one number that makes probabilities neither too sure nor too timid.

Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, section 4.2. We only have
probabilities, so log-probabilities are divided, which is the same up to a constant per row; `OutOfFold.probs` does it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from dataclinic.arrays import SMALLEST_PROB

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Probs

SLOWEST_LOG = np.log(20.0)
"""Temperatures are searched in 1/20 … 20."""


def fit_temperature(probs: Probs, labels: Labels) -> float:
    """Temperature that minimises the log loss of out-of-fold `probs` on the given `labels`; 1.0 for no rows.

    Args:
        probs: (samples, classes), no NaN.
        labels: (samples,) codes.
    """
    if len(labels) == 0:
        return 1.0
    logs = np.log(np.clip(probs, SMALLEST_PROB, 1.0)).astype(np.float64)
    rows = np.arange(len(labels))

    def log_loss(log_temperature: float) -> float:
        return float(-log_softmax(logs / np.exp(log_temperature), axis=1)[rows, labels].mean())

    found = minimize_scalar(log_loss, bounds=(-SLOWEST_LOG, SLOWEST_LOG), method="bounded", options={"xatol": 1e-3})
    return float(np.exp(found.x))
