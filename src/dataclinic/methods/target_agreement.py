"""How well out-of-fold predictions of numbers agree with the numbers as given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Scores
    from dataclinic.predictions import OutOfFoldTargets


def target_agreement(out_of_fold: OutOfFoldTargets, targets: Scores | Labels) -> dict[str, Any]:
    """Errors of the mean predictions over the judged samples, at least one, in the unit of the targets.

    Args:
        out_of_fold: predictions by models that never saw the sample.
        targets: (samples,) numbers as given.

    Returns:
        mae (mean absolute error), rmse (root of the mean squared error), r2 (share of the variance explained, 1 - MSE /
        variance, None where all targets are equal), median_absolute_error; mae_per_repeat; and `of_median`, the same
        of always saying the median of the judged targets.
    """
    judged = out_of_fold.judged
    given = targets[judged].astype(np.float64)
    middle = np.full(len(given), np.median(given))
    repeats = np.abs(out_of_fold.repeat_predictions - targets)
    return {
        **_errors(out_of_fold.predictions[judged], given),
        "mae_per_repeat": [float(np.nanmean(repeat)) for repeat in repeats if not np.isnan(repeat).all()],
        "of_median": _errors(middle, given),
    }


def _errors(predictions: Scores, targets: Scores) -> dict[str, float | None]:
    residuals = np.abs(targets - predictions)
    # Of the largest residual, so that squares of the largest numbers stay finite.
    largest = residuals.max() or 1.0
    variance = float(np.mean(((targets - targets.mean()) / largest) ** 2))
    mean_square = float(np.mean((residuals / largest) ** 2))
    return {
        "mae": float(residuals.mean()),
        "rmse": float(largest * np.sqrt(mean_square)),
        "r2": 1 - mean_square / variance if variance > 0 else None,
        "median_absolute_error": float(np.median(residuals)),
    }
