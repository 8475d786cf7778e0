"""Evidence about samples: what was measured, and what models that never saw them predict."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.arrays import Codes, Rows, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.fits import TrainingDynamics
    from dataclinic.predictions import OutOfFold, OutOfFoldTargets


class Need(Enum):
    """Evidence that a check cannot do without."""

    MEASUREMENTS = "measurements"
    OUT_OF_FOLD = "out-of-fold predictions of classes"
    TARGETS = "out-of-fold predictions of numbers"


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

    def take(self, rows: Rows) -> Measurements:
        """Of the samples at `rows`, in that order."""
        content = tuple(self.content[row] for row in rows.tolist()) if self.content else ()
        unreadable = {place: self.unreadable[row] for place, row in enumerate(rows.tolist()) if row in self.unreadable}
        return Measurements({name: values[rows] for name, values in self.values.items()}, content, unreadable)


@dataclass(frozen=True)
class Evidence:
    """All that checks may look at; None where that step has not run or could not."""

    dataset: Dataset
    groups: Codes
    measurements: Measurements | None = None
    out_of_fold: OutOfFold | None = None
    targets: OutOfFoldTargets | None = None
    dynamics: TrainingDynamics | None = None

    def take(self, rows: Rows) -> Evidence:
        """Of the samples at `rows`, in that order; without training dynamics, which are of the whole."""
        return Evidence(
            self.dataset.take(rows),
            self.groups[rows],
            None if self.measurements is None else self.measurements.take(rows),
            None if self.out_of_fold is None else self.out_of_fold.take(rows),
            None if self.targets is None else self.targets.take(rows),
        )

    def has(self, need: Need) -> bool:
        present = {
            Need.MEASUREMENTS: self.measurements,
            Need.OUT_OF_FOLD: self.out_of_fold,
            Need.TARGETS: self.targets,
        }
        return present[need] is not None
