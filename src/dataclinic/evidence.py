"""Evidence about samples: what was measured, how they were encoded, what models that never saw them predict."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from dataclinic.arrays import SMALLEST_PROB

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Mask, Probs, Rows, Scores, Vectors
    from dataclinic.dataset import Dataset


class Need(Enum):
    """Evidence that a check cannot do without."""

    MEASUREMENTS = "measurements"
    OUT_OF_FOLD = "out-of-fold predictions"


@dataclass(frozen=True)
class Measurements:
    """What one look at each sample shows, without any model.

    `values` maps a name with its unit ("width_px", "brightness", or a numeric column's own name) to (samples,)
    float64, NaN where unknown. `content` holds one digest a sample: equal digests mean equal content
    (same pixels and shape; same cells), "" where there is none. `unreadable` maps a row to why it cannot be read.
    """

    values: Mapping[str, Scores]
    content: tuple[str, ...]
    unreadable: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """Raw table columns for models that split on them: (samples, columns) float32, NaN = missing.

    Where `categorical` is true the values are category numbers 0, 1, … without order.
    """

    values: Vectors
    names: tuple[str, ...]
    categorical: Mask


class Features(Protocol):
    """What models train on. Anything learned from data (scales, vocabularies) is learned from `train_rows` alone."""

    def __len__(self) -> int: ...

    @property
    def frozen(self) -> bool:
        """True where `vectors` is the same for all training rows."""
        ...

    def vectors(self, train_rows: Rows) -> Vectors:
        """(samples, dims) float32 of every sample, prepared on the training rows; no NaN."""
        ...

    def columns(self, train_rows: Rows) -> Columns:
        """Every sample for tree models, prepared on the training rows."""
        ...


@dataclass(frozen=True)
class Embeddings:
    """Vectors of a frozen encoder: nothing is learned from rows, so every fold sees the same."""

    matrix: Vectors
    frozen: bool = True

    def __len__(self) -> int:
        return len(self.matrix)

    def vectors(self, train_rows: Rows) -> Vectors:  # noqa: ARG002 - part of Features
        return self.matrix

    def columns(self, train_rows: Rows) -> Columns:  # noqa: ARG002 - part of Features
        dims = self.matrix.shape[1]
        return Columns(self.matrix, tuple(f"dim_{dim}" for dim in range(dims)), np.zeros(dims, bool))


@dataclass(frozen=True)
class OutOfFold:
    """Predictions for every sample by models that never trained on it.

    `repeat_probs` is (repeats, samples, classes) float32, NaN where the sample was not scored; `folds` is
    (repeats, samples), the fold a sample was held out in, -1 where it took no part. `judged` is false for samples
    whose given class no model could learn without them. `temperature` divides log-probabilities (Guo et al. 2017).
    """

    repeat_probs: NDArray[np.float32]
    folds: NDArray[np.int64]
    judged: Mask
    temperature: float

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
class Evidence:
    """All that checks may look at; None where that step has not run or could not."""

    dataset: Dataset
    groups: Codes
    measurements: Measurements | None = None
    out_of_fold: OutOfFold | None = None

    def has(self, need: Need) -> bool:
        present = {Need.MEASUREMENTS: self.measurements, Need.OUT_OF_FOLD: self.out_of_fold}
        return present[need] is not None
