"""Training parts whose classes are unequal, and how an arm is trained from what a fix proposes."""

from dataclasses import replace

import numpy as np
import pandas as pd

from dataclinic.features import Pictures
from dataclinic.fits import FitJob
from dataclinic.models.linear_head import LinearHead
from dataclinic.progress import silent
from dataclinic.seeding import rng_for
from dataclinic.testing.parts import table_part, vector_part
from dataclinic.testing.planted import gaussian_classes

COUNTS = (120, 40, 12)
CLASSES = len(COUNTS)


def drawn(counts, *, dims=6, apart=2.0, seed=0):
    """(samples, dims) vectors of classes that overlap, with so many rows each, shuffled; labels."""
    vectors, labels = gaussian_classes(len(counts) * max(counts), len(counts), dims=dims, apart=apart, seed=seed)
    rows = np.concatenate([np.flatnonzero(labels == code)[:count] for code, count in enumerate(counts)])
    rows = rng_for(seed, "imbalanced").permutation(rows)
    return vectors[rows], labels[rows]


def imbalanced(counts=COUNTS, **others):
    return vector_part(*drawn(counts, **others), classes=[f"class {code}" for code in range(len(counts))])


def balanced():
    return imbalanced((40, 40, 40))


def pictures():
    """An unbalanced part whose features are pixels."""
    part = imbalanced()
    return replace(part, features=Pictures(np.zeros((len(part), 4, 4, 3), np.uint8)))


def table(counts=COUNTS, *, numbers=True, categories=True, holes=True):
    """A part of a table with numbers of different units and categories, some cells of both empty."""
    vectors, labels = drawn(counts, dims=4)
    rng = rng_for(1, "table")
    frame = pd.DataFrame(vectors.astype(float) * [1.0, 1000.0, 0.01, 1.0], columns=list("abcd"))
    if holes:
        frame.loc[rng.random(len(frame)) < 0.2, "b"] = np.nan
    words = pd.Series(np.array(["red", "green", "blue"])[(labels + rng.integers(0, 2, len(labels))) % 3])
    frame["colour"] = words.where(rng.random(len(frame)) > 0.1 * holes)
    frame["size"] = np.array(["S", "L"])[rng.integers(0, 2, len(frame))]
    wanted = [*("abcd" if numbers else ""), *(("colour", "size") if categories else ())]
    return table_part(frame[wanted], labels, classes=list("xyz")[: len(counts)])


def decided(part, treatment, features):
    """(samples,) class that `linear_head` gives every sample of `features`, trained as the treatment says."""
    synthetic = treatment.synthetic
    joined = part.features.joined(features)
    rows, labels, weights = treatment.rows, treatment.labels, treatment.weights
    if synthetic is not None:
        rows = np.concatenate([rows, len(joined) + np.arange(len(synthetic.labels))])
        labels = np.concatenate([labels, synthetic.labels])
        assert weights is None
        joined = joined.joined(synthetic.features)
    score = len(part) + np.arange(len(features))
    job = FitJob(rows, labels, score, 0, weights, treatment.recipe)
    (fit,) = LinearHead().run(joined, [job], classes=len(part.classes), device="cpu", progress=silent)
    logs = np.log(np.maximum(fit.probs, 1e-12))
    return (logs + (0 if treatment.offsets is None else treatment.offsets)).argmax(axis=1)
