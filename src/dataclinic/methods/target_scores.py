"""How far predicted numbers lie from targets, by every metric of a regression trial.

The pinball loss at quantile q of a prediction that is e too low is q·e, and (q - 1)·e where e is negative (R. Koenker &
G. Bassett, "Regression Quantiles", Econometrica 46, 1978). It is made for predicted quantiles. For one predicted number
its mean over q = 0.1 and q = 0.9, or any quantiles that lie even around 0.5, is half the absolute error and says
nothing new. `pinball` is therefore the *larger* of the two mean losses: half the mean absolute error plus 0.4 times the
size of the mean error, so that of two models as far off the one that errs to one side scores worse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Scores

OUTER_QUANTILES = (0.1, 0.9)


def target_scores(predictions: NDArray[np.floating], targets: Scores | Labels) -> dict[str, float]:
    """Metrics by their name in `dataclinic.trials.METRICS`, all in the target's unit and smaller where better.

    Args:
        predictions: (samples,), no NaN, at least one sample.
        targets: (samples,) numbers, whole ones too.
    """
    errors = np.asarray(targets, np.float64) - np.asarray(predictions, np.float64)
    return {
        "mae": float(np.abs(errors).mean()),
        "rmse": float(np.sqrt(np.square(errors).mean())),
        "pinball": max(float(np.maximum(q * errors, (q - 1) * errors).mean()) for q in OUTER_QUANTILES),
    }
