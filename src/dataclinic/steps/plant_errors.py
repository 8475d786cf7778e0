"""Plant errors: copies of the labels in which known ones are wrong, for models to be trained on anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.planted_errors import plant
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Mask
    from dataclinic.dataset import Dataset
    from dataclinic.predictions import OutOfFold

SHARE = 0.04
"""Of the judged samples of classes that are large enough: enough to learn from, too few to spoil the models."""

FEWEST_OF_CLASS = 10
"""Judged samples of a class below which none of them is switched: its models would lose too much."""


@dataclass(frozen=True)
class Planted:
    """(samples,) labels with planted errors, and which they are."""

    labels: Labels
    planted: Mask


def plant_errors(dataset: Dataset, out_of_fold: OutOfFold, *, copies: int, seed: int) -> tuple[Planted, ...]:
    """Copies of the labels in which a few per cent are switched: half to any class, half to what models confuse.

    Args:
        dataset: gives labels and classes.
        out_of_fold: says which samples are judged, and what each could be taken for.
        copies: how many, each with errors of its own.
        seed: of the draws.
    """
    judged = np.flatnonzero(out_of_fold.judged)
    present, counts = np.unique(dataset.labels[judged], return_counts=True)
    if len(present) < 2:
        return ()
    large = judged[np.isin(dataset.labels[judged], present[counts >= FEWEST_OF_CLASS])]
    compact = np.searchsorted(present, dataset.labels[judged])
    confused = out_of_fold.probs[judged][:, present].astype(np.float64)
    made = []
    for copy in range(copies):
        rng = rng_for(seed, "plant errors", copy)
        rows = np.sort(rng.permutation(large)[: round(SHARE * len(large))])
        switched, wrong = plant(compact, confused, np.searchsorted(judged, rows), rng)
        labels, planted = dataset.labels.copy(), np.zeros(len(dataset), bool)
        labels[judged], planted[judged] = present[switched], wrong
        made.append(Planted(labels, planted))
    return tuple(made)
