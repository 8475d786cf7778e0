"""How well out-of-fold predictions agree with the labels as given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.methods.label_quality import mean_loss_nats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels


def agreement(repeat_probs: NDArray[np.float32], labels: Labels) -> dict[str, Any] | None:
    """Scores over the samples that a repeat judged; None where none was judged.

    Args:
        repeat_probs: (repeats, samples, classes), NaN where a repeat did not score a sample.
        labels: (samples,) codes.

    Returns:
        mean and spread (standard deviation over repeats, None for one) of the accuracy, per_repeat, balanced (mean
        recall of the classes, mean over repeats), log_loss_nats, and majority_share, the accuracy of always saying
        the largest class.
    """
    judged = ~np.isnan(repeat_probs[:, :, 0])
    right = [
        (probs[rows].argmax(axis=1) == labels[rows], labels[rows])
        for probs, rows in zip(repeat_probs, judged, strict=True)
        if rows.any()
    ]
    if not right:
        return None
    per_repeat = [float(hits.mean()) for hits, _ in right]
    balanced = [np.mean([hits[given == code].mean() for code in np.unique(given)]) for hits, given in right]
    some = judged.any(axis=0)
    return {
        "mean": float(np.mean(per_repeat)),
        "spread": float(np.std(per_repeat, ddof=1)) if len(per_repeat) > 1 else None,
        "per_repeat": per_repeat,
        "balanced": float(np.mean(balanced)),
        "log_loss_nats": float(np.nanmean(mean_loss_nats(repeat_probs, labels))),
        "majority_share": float(np.bincount(labels[some]).max() / some.sum()),
    }
