"""Evidence about samples: what was measured, and what models that never saw them predict."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Mask, Rows, Scores, Vectors
    from dataclinic.dataset import Dataset
    from dataclinic.fits import TrainingDynamics
    from dataclinic.judgement import Judgement
    from dataclinic.predictions import OutOfFold, OutOfFoldTargets


PICTURE_DETAILS = frozenset(
    {"darkest", "brightness_p5", "brightest", "colour_span", "largest_chroma", "edge_sharpness"}
)
"""Values of pictures that their own checks look at (dark, bright, blank, colour_mode, blurry)."""


class Need(Enum):
    """Evidence that a check cannot do without."""

    MEASUREMENTS = "measurements"
    OUT_OF_FOLD = "out-of-fold predictions of classes"
    TARGETS = "out-of-fold predictions of numbers"
    VECTORS = "vectors of the samples"
    NEIGHBOURS = "nearest neighbours"
    NEAR_DUPLICATES = "comparisons of near duplicates"
    JUDGEMENT = "probabilities of labels being wrong"


@dataclass(frozen=True)
class Measurements:
    """What one look at each sample shows, without any model.

    `values` maps a name with its unit ("width_px", "brightness", or a numeric column's own name) to (samples,)
    float64, NaN where unknown. `content` holds one digest a sample: equal digests mean equal content
    (same pixels and shape; same cells), "" where there is none. `unreadable` maps a row to why it cannot be read.
    `hashes` is (samples, views) uint64, perceptual hashes of a picture as it is and then mirrored and flipped; None
    where samples are no pictures. `modes` names how a picture file stores colour ("RGB", "L", …), "" where unknown.
    """

    values: Mapping[str, Scores]
    content: tuple[str, ...]
    unreadable: Mapping[int, str] = field(default_factory=dict)
    hashes: NDArray[np.uint64] | None = None
    modes: tuple[str, ...] = ()

    @property
    def plain_values(self) -> Mapping[str, Scores]:
        """`values` without the details of pictures, which have checks of their own."""
        if not self.modes:
            return self.values
        return {name: values for name, values in self.values.items() if name not in PICTURE_DETAILS}

    def take(self, rows: Rows) -> Measurements:
        """Of the samples at `rows`, in that order."""
        content = tuple(self.content[row] for row in rows.tolist()) if self.content else ()
        unreadable = {place: self.unreadable[row] for place, row in enumerate(rows.tolist()) if row in self.unreadable}
        return Measurements(
            {name: values[rows] for name, values in self.values.items()},
            content,
            unreadable,
            None if self.hashes is None else self.hashes[rows],
            tuple(self.modes[row] for row in rows.tolist()) if self.modes else (),
        )


@dataclass(frozen=True)
class Neighbours:
    """The nearest other samples of each, nearest first.

    `rows` is (samples, k) int64, -1 where there is none (and throughout for unreadable samples, which are nobody's
    neighbours either); `distances` is (samples, k) float32 cosine distance in [0, 2], infinite there.
    """

    rows: NDArray[np.int64]
    distances: NDArray[np.float32]

    def take(self, rows: Rows) -> Neighbours:
        """Of the samples at `rows`, in that order and numbered anew; who is not among them is no neighbour."""
        place = np.full(len(self.rows) + 1, -1)
        place[rows] = np.arange(len(rows))
        kept = place[self.rows[rows]]
        order = np.argsort(kept < 0, axis=1, kind="stable")
        distances = np.where(kept < 0, np.float32(np.inf), self.distances[rows])
        return Neighbours(np.take_along_axis(kept, order, 1), np.take_along_axis(distances, order, 1))


@dataclass(frozen=True)
class NearDuplicates:
    """Sets of samples that show the same thing, exact copies among them; every array is (samples,).

    `sets` numbers the set of each sample, -1 where it is alone. `kept` is true for the one sample of each set that is
    worth keeping, and for those alone. `likeness` in [0, 1] is that to the kept one of the set, 1 for equal content,
    NaN for samples alone. `how` says for each sample what made it alike ("same pixels", "mirrored", …), "" alone.
    """

    sets: Codes
    kept: Mask
    likeness: Scores
    how: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """All that checks may look at; None where that step has not run or could not."""

    dataset: Dataset
    groups: Codes
    measurements: Measurements | None = None
    out_of_fold: OutOfFold | None = None
    targets: OutOfFoldTargets | None = None
    dynamics: TrainingDynamics | None = None
    vectors: Vectors | None = None
    """(samples, dims) float32 descriptions of all samples, zeros for unreadable ones."""
    neighbours: Neighbours | None = None
    near_duplicates: NearDuplicates | None = None
    judgement: Judgement | None = None

    def take(self, rows: Rows) -> Evidence:
        """Of the samples at `rows`, in that order; without dynamics and near duplicates, which are of the whole."""
        return Evidence(
            self.dataset.take(rows),
            self.groups[rows],
            None if self.measurements is None else self.measurements.take(rows),
            None if self.out_of_fold is None else self.out_of_fold.take(rows),
            None if self.targets is None else self.targets.take(rows),
            vectors=None if self.vectors is None else self.vectors[rows],
            neighbours=None if self.neighbours is None else self.neighbours.take(rows),
            judgement=None if self.judgement is None else self.judgement.take(rows),
        )

    def has(self, need: Need) -> bool:
        present = {
            Need.MEASUREMENTS: self.measurements,
            Need.OUT_OF_FOLD: self.out_of_fold,
            Need.TARGETS: self.targets,
            Need.VECTORS: self.vectors,
            Need.NEIGHBOURS: self.neighbours,
            Need.NEAR_DUPLICATES: self.near_duplicates,
            Need.JUDGEMENT: self.judgement,
        }
        return present[need] is not None
