"""Leave out of training what has no neighbours in the embedding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.features import Embeddings
from dataclinic.findings import DidNotApply
from dataclinic.methods.neighbour_distance import FEWEST_ROWS, neighbour_distance
from dataclinic.methods.robust_z import robust_z_scores
from dataclinic.seeding import rng_for
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Scores
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart

_FEWEST_OF_CLASS = 10
"""A median of fewer distances says little about the rest."""


@dataclass(frozen=True)
class DropOutliers:
    """Leave out of training the samples that lie far from all others in the embedding.

    What it changes:
        Each sample's cosine distance to its nearest neighbour is taken in two random samples of up to 256 others and
        averaged (`methods/neighbour_distance.py`); drawing them keeps the cost linear. Within each given class, samples
        whose robust z-score of that distance is above `threshold` take no part in training. Classes of fewer than ten
        samples are left alone.

    When it helps:
        Samples that are of no class at all: blank or broken pictures, another language, a sensor that was off. It pays
        with models that such samples can move, and with few samples.

    When it harms:
        Rare kinds of a class look far away and are dropped first: the night pictures, the rare breed. A regularised
        head on embeddings is hardly moved by odd samples in the first place, so that mostly there is nothing to gain.
        With the default of 3, about one sample in a thousand of ordinary photographs is dropped, embedded by
        MobileNetV2.

    How its gain is measured:
        Distances are taken among the samples of each outer fold's training part alone. Scored rows are never
        dropped. Beside it runs an arm that drops as many samples at random.

    References:
        Pang, Ting & Albrecht, "LeSiNN: Detecting Anomalies by Identifying Least Similar Nearest Neighbours", ICDM
        Workshops, 2015. Sugiyama & Borgwardt, "Rapid Distance-Based Outlier Detection via Sampling", NeurIPS 2013.
        Iglewicz & Hoaglin, *How to Detect and Handle Outliers*, ASQC Quality Press, 1993 (robust z-score).

    Attributes:
        threshold: robust z-score of the distance, within its class, above which a sample is dropped.
    """

    threshold: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 3.0

    summary: ClassVar[str] = "leave samples without neighbours in the embedding out of training"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        if not isinstance(part.features, Embeddings):
            return DidNotApply("it compares embeddings, and this model trains on columns or pictures themselves")
        if len(part) < FEWEST_ROWS:
            return DidNotApply(f"{len(part):,} samples are too few to have neighbours")
        distances = neighbour_distance(part.features.vectors(part.rows), rng_for(part.seed, "drop_outliers"))
        kept = np.flatnonzero(_z_in_class(distances, part.labels) <= self.threshold)
        dropped = len(part) - len(kept)
        if dropped == 0:
            return DidNotApply(f"no sample has a robust z-score above {self.threshold:g}")
        return Treatment(kept, part.given[kept], f"drop {dropped:,} of {len(part):,} samples as outliers")


def _z_in_class(distances: Scores, labels: Labels) -> Scores:
    """(n,) robust z-score of each distance within its class; 0 in a class of a few. A regression is one class."""
    z = np.zeros(len(distances))
    for code in np.unique(labels):
        rows = np.flatnonzero(labels == code)
        if len(rows) >= _FEWEST_OF_CLASS:
            z[rows] = robust_z_scores(distances[rows])
    return z
