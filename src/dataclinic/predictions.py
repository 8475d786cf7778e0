"""Out-of-fold predictions: what models say of samples that they never saw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.arrays import SMALLEST_PROB

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Mask, Probs, Rows, Scores


@dataclass(frozen=True)
class OutOfFold:
    """Predictions for every sample by models that never trained on it.

    `repeat_probs` is (repeats, samples, classes) float32, NaN where the sample was not scored; with several models
    each repeat stands once for every one of them. `folds` is (repeats, samples), the fold a sample was held out in,
    -1 where it took no part and -2 where it was trained on alone, since nothing is earlier. `judged` is false for
    samples whose given class no model could learn without them. `temperature` divides log-probabilities (Guo et al.
    2017).
    """

    repeat_probs: NDArray[np.float32]
    folds: NDArray[np.int64]
    judged: Mask
    temperature: float

    def take(self, rows: Rows) -> OutOfFold:
        """Of the samples at `rows`, in that order, with the same temperature."""
        return OutOfFold(self.repeat_probs[:, rows], self.folds[:, rows], self.judged[rows], self.temperature)

    @cached_property
    def probs(self) -> Probs:
        """(samples, classes): mean over the repeats that scored a sample, then temperature-fitted."""
        logs = np.log(np.clip(self.mean_probs, SMALLEST_PROB, 1.0)) / self.temperature
        scaled = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), np.float32)

    @cached_property
    def mean_probs(self) -> Probs:
        """(samples, classes): mean over the repeats that scored a sample; NaN where none did."""
        scored = ~np.isnan(self.repeat_probs[:, :, :1])
        total = np.where(scored, self.repeat_probs, 0).sum(axis=0)
        count = scored.sum(axis=0)
        return np.asarray(np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0), np.float32)


@dataclass(frozen=True)
class OutOfFoldTargets:
    """Predicted numbers for every sample by models that never trained on it: regression's `OutOfFold`.

    `repeat_predictions` is (repeats, samples) float64, NaN where the sample was not scored; `folds` is as there.
    """

    repeat_predictions: NDArray[np.float64]
    folds: NDArray[np.int64]

    def take(self, rows: Rows) -> OutOfFoldTargets:
        """Of the samples at `rows`, in that order."""
        return OutOfFoldTargets(self.repeat_predictions[:, rows], self.folds[:, rows])

    @cached_property
    def judged(self) -> Mask:
        """(samples,) whether some model scored the sample."""
        return np.asarray(~np.isnan(self.repeat_predictions).all(axis=0))

    @cached_property
    def predictions(self) -> Scores:
        """(samples,): mean over the repeats that scored a sample; NaN where none did."""
        scored = ~np.isnan(self.repeat_predictions)
        total = np.where(scored, self.repeat_predictions, 0.0).sum(axis=0)
        count = scored.sum(axis=0)
        return np.asarray(np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0), np.float64)
