"""Small worlds of which some samples are held out, to see whether what must not see them does."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from dataclinic.dataset import Table
from dataclinic.features import Pictures
from dataclinic.recipe import Recipe
from dataclinic.seeding import rng_for
from dataclinic.testing.parts import regression_part, table_part, vector_part
from dataclinic.testing.planted import confident_probs, gaussian_classes, switch_labels

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Probs, Rows, Scores, Vectors
    from dataclinic.fixes import TrainingPart

SAMPLES = 300
CLASSES = 3
HELD_OUT = 5
"""Every fifth sample is held out, from row 0 on."""

EVERY_RECIPE = frozenset(field.name for field in fields(Recipe))


@dataclass(frozen=True)
class HeldOutWorld:
    """Samples in arrays and in a file, some of which are held out.

    `whole` has them all; `source` is a CSV file of them, with the columns "label" and "trusted" beside their features.
    """

    whole: TrainingPart
    train_rows: Rows
    source: Path

    @property
    def held_out(self) -> Rows:
        """Rows of `whole` that are not trained on."""
        return np.setdiff1d(self.whole.rows, self.train_rows)

    def part(self) -> TrainingPart:
        """What a fix may look at: copies of the training rows alone, without records of checks."""
        dataset = replace(self.whole.evidence.dataset, source=self.source)
        trusted = self.whole.trusted
        return replace(
            self.whole,
            evidence=replace(self.whole.evidence, dataset=dataset).take(self.train_rows),
            features=self.whole.features.take(self.train_rows),
            trusted=None if trusted is None else trusted[self.train_rows],
        )

    def spoil(self) -> None:
        """Overwrite held-out samples in place: features, labels, numbers, verified labels, and lines of the file."""
        dataset = self.whole.evidence.dataset
        given = (dataset.labels, dataset.targets, self.whole.trusted)
        for array in (*given, *vars(self.whole.features).values()):
            if isinstance(array, np.ndarray) and len(array) == len(self.whole):
                _overwrite(array, self.held_out)
        frame = cast("Table", dataset.payload).frame
        for place in range(frame.shape[1]):
            cells = frame.iloc[:, place].to_numpy(copy=True)
            _overwrite(cells, self.held_out)
            frame.isetitem(place, cells)
        self.write()

    def write(self) -> None:
        """Write all samples to the file."""
        dataset = self.whole.evidence.dataset
        frame = cast("Table", dataset.payload).frame.assign(label=dataset.given, trusted=self.whole.trusted)
        frame.to_csv(self.source, index=False)


def held_out_vectors(folder: Path) -> HeldOutWorld:
    """Embeddings of three classes, one of them rare: flipped labels, three in four of them verified, outliers, copies.

    The model is said to follow every recipe, here and in the other worlds.
    """
    vectors, true = _classes()
    given, _ = switch_labels(true, 0.1, classes=CLASSES)
    probs = confident_probs(true, classes=CLASSES)
    return _world(_vector_part(vectors, true, given, probs), folder / "vectors.csv")


def held_out_pictures(folder: Path) -> HeldOutWorld:
    """The same as pictures of 8 × 8 pixels, whose quarters are as bright as four of the dimensions.

    The out-of-fold models underrate the rare class.
    """
    vectors, true = _classes()
    given, _ = switch_labels(true, 0.1, classes=CLASSES)
    quarters = vectors[:, :4].reshape(-1, 2, 2).repeat(4, axis=1).repeat(4, axis=2)
    # as models say that saw the rare class seldom, and doubt it even where they see it
    probs = confident_probs(true, classes=CLASSES, sure=0.7) * np.array([1, 1, 0.1], np.float32)
    probs /= probs.sum(axis=1, keepdims=True)
    pixels = np.clip(128 + 20 * quarters[..., None].repeat(3, axis=3), 0, 255).astype(np.uint8)
    part = replace(_vector_part(vectors, true, given, probs), features=Pictures(pixels), model="timm_finetune")
    return _world(part, folder / "pictures.csv")


def held_out_table(folder: Path) -> HeldOutWorld:
    """A table with flipped labels, slips of the decimal point, empty cells, a category, dull columns and copies."""
    vectors, true = _classes()
    given, _ = switch_labels(true, 0.1, classes=CLASSES)
    probs = confident_probs(true, classes=CLASSES)
    part = table_part(_faulty_table(vectors, true), given, probs=probs, trusted=_verified(true))
    return _world(part, folder / "table.csv")


def held_out_regression(folder: Path) -> HeldOutWorld:
    """The same table with a number to predict that is far off in some rows; three numbers in four are verified."""
    vectors, labels = _classes()
    rows = np.arange(SAMPLES)
    noise = rng_for(0, "noise of targets").normal(0, 0.1, SAMPLES)
    said = 10 + vectors[:, 0].astype(np.float64)
    true = said + noise
    given = np.where(rows % 30 == 7, true + 40, true)
    trusted = np.where(rows % 4, true, np.nan)
    part = regression_part(_faulty_table(vectors, labels), given, predictions=said, trusted=trusted)
    return _world(part, folder / "regression.csv")


def _classes() -> tuple[Vectors, Labels]:
    """Three Gaussian classes, the last a tenth of the samples; one in fifty is far off, one in twenty a copy."""
    vectors, labels = gaussian_classes(2 * SAMPLES, CLASSES, dims=12, apart=6.0)
    rare = np.flatnonzero(labels == CLASSES - 1)[: SAMPLES // 10]
    common = np.flatnonzero(labels < CLASSES - 1)[: SAMPLES - len(rare)]
    chosen = rng_for(0, "order").permutation(np.concatenate([rare, common]))
    vectors, labels, rows = vectors[chosen], labels[chosen], np.arange(SAMPLES)
    far = rows % 50 == 13
    vectors[far] = rng_for(0, "far off").normal(0, 4, size=(far.sum(), vectors.shape[1]))
    copies = rows[rows % 20 == 2]
    vectors[copies], labels[copies] = vectors[copies - 1], labels[copies - 1]
    return vectors, labels


def _verified(true: Labels) -> Labels:
    return np.where(np.arange(len(true)) % 4, true, -1)


def _vector_part(vectors: Vectors, true: Labels, given: Labels, probs: Probs) -> TrainingPart:
    part = vector_part(vectors, given, probs=probs, trusted=_verified(true))
    dataset = replace(part.evidence.dataset, payload=Table(pd.DataFrame(vectors).add_prefix("dim_")))
    return replace(part, evidence=replace(part.evidence, dataset=dataset))


def _faulty_table(vectors: Vectors, labels: Labels) -> pd.DataFrame:
    rng, rows = rng_for(0, "faulty table"), np.arange(SAMPLES)
    frame = pd.DataFrame(vectors[:, :4].astype(np.float64)).add_prefix("number_")
    frame["amount"] = np.exp(3 + labels + rng.normal(size=SAMPLES))
    frame["count"] = rng.poisson(1 + 3 * labels).astype(np.float64)
    frame["hardly varies"] = np.where(rows % 100 == 1, 1.0, 0.0)
    frame["kind"] = np.array(["red", "green", "blue", "grey"])[np.where(rows % 3, labels, 3)]
    frame.loc[rows % 40 == 3, "number_0"] *= 1000
    frame.loc[rng.random(SAMPLES) < 0.1, "number_1"] = np.nan
    copies = rows[rows % 20 == 2]
    frame.iloc[copies] = frame.iloc[copies - 1]
    return frame


def _world(part: TrainingPart, source: Path) -> HeldOutWorld:
    world = HeldOutWorld(replace(part, honours=EVERY_RECIPE), part.rows[part.rows % HELD_OUT != 0], source)
    world.write()
    return world


def _overwrite(array: NDArray[np.generic] | Scores, rows: Rows) -> None:
    """Other numbers of another distribution; of codes, pixels and words, those of the first row."""
    if np.issubdtype(array.dtype, np.floating):
        array[rows] = 7 - 3 * array[rows].astype(np.float64)
    else:
        array[rows] = array[rows[0]]
