"""How well class probabilities agree with labels, by every metric of a classification trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.arrays import SMALLEST_PROB

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Probs, Scores


def class_scores(probs: Probs, labels: Labels) -> dict[str, float]:
    """Metrics by their name in `dataclinic.trials.METRICS`: shares in [0, 1], the log loss in nats.

    A row is predicted to be its most probable class, the first of equal ones. Recalls are averaged
    (`balanced_accuracy`) and compared (`worst_class_recall`) over the classes in `labels`; `macro_f1` is the mean over
    classes that are in `labels` or predicted. Probabilities below `SMALLEST_PROB` count as that in `log_loss`.

    Args:
        probs: (samples, classes), no NaN, at least one sample.
        labels: (samples,) codes.
    """
    counts = _confusion(probs, labels)
    hits, present, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    recalls = hits[present > 0] / present[present > 0]
    met = present + predicted
    own = np.asarray(probs[np.arange(len(labels)), labels], np.float64)
    return {
        "accuracy": float(hits.sum() / len(labels)),
        "balanced_accuracy": float(recalls.mean()),
        "macro_f1": float((2 * hits[met > 0] / met[met > 0]).mean()),
        "log_loss": float(-np.log(np.clip(own, SMALLEST_PROB, 1.0)).mean()),
        "worst_class_recall": float(recalls.min()),
    }


def class_recalls(probs: Probs, labels: Labels) -> Scores:
    """(classes,) share of each class's samples that are predicted to be of it; NaN for a class without samples."""
    counts = _confusion(probs, labels)
    present = counts.sum(axis=1)
    recalls = np.full(len(present), np.nan)
    np.divide(np.diag(counts), present, out=recalls, where=present > 0)
    return recalls


def _confusion(probs: Probs, labels: Labels) -> NDArray[np.int64]:
    """(classes, classes) samples by label and prediction."""
    classes = probs.shape[1]
    cells = labels * classes + probs.argmax(axis=1)
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)
