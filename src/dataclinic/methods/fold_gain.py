"""Whether one way to train beats another by more than the noise between folds.

The mean of paired differences over the folds of one cross-validation, and its standard error. As the folds share most
of their training rows this error is too small on average, and no unbiased one exists (Y. Bengio & Y. Grandvalet, "No
Unbiased Estimator of the Variance of K-Fold Cross-Validation", JMLR 5, 2004): it is a yardstick, not a test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def fold_gain(before: Sequence[float], after: Sequence[float], rows: Sequence[int]) -> tuple[float, float | None]:
    """How much lower the losses `after` are than those `before`, mean over samples, and its standard error.

    Folds count by their samples. With equal folds the error is s / √folds, s the standard deviation (ddof 1) of the
    differences; it is None with one fold.

    Args:
        before: (folds,) mean loss of each fold.
        after: (folds,) of the same folds.
        rows: (folds,) samples of each fold, at least 1.
    """
    share = np.asarray(rows, np.float64) / np.sum(rows)
    lower = np.asarray(before, np.float64) - np.asarray(after, np.float64)
    gain = float(share @ lower)
    folds = len(lower)
    if folds < 2:
        return gain, None
    spread = np.sqrt(np.square(share * (lower - gain)).sum() * folds / (folds - 1))
    return gain, float(spread)
