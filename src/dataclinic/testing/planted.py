"""Small data sets whose faults are known because they were planted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dataclinic.dataset import ColumnRoles, Dataset, Table
from dataclinic.evidence import Evidence, Measurements
from dataclinic.predictions import OutOfFold
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Labels, Mask, Probs, Vectors


def gaussian_classes(
    samples: int, classes: int, *, dims: int = 8, apart: float = 4.0, seed: int = 0
) -> tuple[Vectors, Labels]:
    """(samples, dims) vectors around one centre a class, `apart` standard deviations from the origin, and labels."""
    rng = rng_for(seed, "gaussian classes")
    centres = rng.normal(size=(classes, dims))
    centres *= apart / np.linalg.norm(centres, axis=1, keepdims=True)
    labels = np.arange(samples) % classes
    vectors = centres[labels] + rng.normal(size=(samples, dims))
    return vectors.astype(np.float32), labels.astype(np.int64)


def switch_labels(labels: Labels, share: float, *, classes: int, seed: int = 0) -> tuple[Labels, Mask]:
    """A copy of `labels` with a share of them switched to another class at random, and which."""
    rng = rng_for(seed, "switch labels")
    switched = np.zeros(len(labels), bool)
    switched[rng.choice(len(labels), size=round(share * len(labels)), replace=False)] = True
    given = labels.copy()
    given[switched] = (labels[switched] + rng.integers(1, classes, size=switched.sum())) % classes
    return given, switched


def table_dataset(vectors: Vectors, labels: Labels, classes: Sequence[str] | None = None) -> Dataset:
    """A table with one numeric column a dimension."""
    frame = pd.DataFrame(vectors, columns=[f"column_{dim}" for dim in range(vectors.shape[1])])
    names = tuple(classes or (f"class {code}" for code in range(int(labels.max()) + 1)))
    return Dataset(
        source=Path("planted.csv"),
        format="csv",
        payload=Table(frame),
        ids=tuple(str(row) for row in range(len(labels))),
        labels=labels,
        classes=names,
        source_rows=np.arange(len(labels)),
        roles=ColumnRoles(label="label"),
    )


def confident_probs(labels: Labels, *, classes: int, sure: float = 0.95, seed: int = 0) -> Probs:
    """Probabilities of a good model: about `sure` for the class in `labels`, the rest spread at random."""
    rng = rng_for(seed, "confident probs")
    strength = np.clip(rng.normal(sure, 0.02, size=len(labels)), 0.6, 0.999)
    rest = rng.dirichlet(np.ones(classes - 1), size=len(labels)) * (1 - strength)[:, None]
    probs = np.empty((len(labels), classes))
    probs[np.arange(len(labels)), labels] = strength
    others = np.ones_like(probs, bool)
    others[np.arange(len(labels)), labels] = False
    probs[others] = rest.reshape(-1)
    return probs.astype(np.float32)


def evidence_of(dataset: Dataset, probs: Probs | None = None, measurements: Measurements | None = None) -> Evidence:
    """Evidence as if the models of one repeat had given `probs`, every sample in a group of its own."""
    out_of_fold = None
    if probs is not None:
        folds = (np.arange(len(dataset)) % 5)[None]
        out_of_fold = OutOfFold(probs[None], folds, np.ones(len(dataset), bool), temperature=1.0)
    return Evidence(dataset, np.arange(len(dataset)), measurements, out_of_fold)
