"""Training parts made from arrays, for the tests of fixes: ours and those of third parties.

Whatever is not an argument is changed with `dataclasses.replace(part, seed=3, honours=frozenset({"focal_gamma"}))`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from dataclinic.dataset import ColumnRoles, Dataset, Table, Texts
from dataclinic.evidence import Evidence, Measurements
from dataclinic.features import Embeddings
from dataclinic.findings import CheckRecord, Finding, Ran
from dataclinic.fixes import TrainingPart
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.predictions import OutOfFold, OutOfFoldTargets
from dataclinic.progress import silent
from dataclinic.steps.measure_samples import measure_samples
from dataclinic.testing.planted import confident_probs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from dataclinic.arrays import Labels, Mask, Probs, Rows, Scores, Vectors
    from dataclinic.dataset import Payload
    from dataclinic.features import Features

SOURCE = Path("made.csv")
"""Of every dataset here; there is no such file."""

HONOURS: dict[str, frozenset[str]] = {
    "ridge_head": frozenset(),
    "linear_head": frozenset({"label_smoothing"}),
    "huber_regression": frozenset(),
}
"""Fields of `Recipe` that the models of these parts follow, said here because importing them takes seconds."""


def vector_part(
    vectors: Vectors,
    labels: Labels,
    *,
    classes: Sequence[str] | None = None,
    probs: Probs | None = None,
    records: Sequence[CheckRecord] = (),
    trusted: Labels | None = None,
    content: Sequence[str] | None = None,
) -> TrainingPart:
    """A classification on frozen embeddings (samples, dims), of texts that all differ; model `ridge_head`.

    Args:
        vectors: (samples, dims).
        labels: (samples,) given class codes.
        classes: names; "class 0", "class 1", … up to the largest label where None.
        probs: (samples, classes) out-of-fold; NaN rows were not judged. Where None, those of a good model that agrees
            with every label.
        records: of checks, as `accusing` makes them.
        trusted: (samples,) verified class codes, UNKNOWN where nobody looked.
        content: one digest a sample; of the vector's own bytes where None.
    """
    matrix = np.asarray(vectors, np.float32)
    digests = [hashlib.blake2b(row.tobytes(), digest_size=16).hexdigest() for row in matrix]
    texts = Texts(tuple(f"sample {row}" for row in range(len(matrix))))
    dataset = _dataset(texts, labels, classes)
    measured = Measurements({}, tuple(digests if content is None else content))
    return _part(dataset, Embeddings(matrix), measured, probs, records, trusted)


def table_part(
    frame: pd.DataFrame,
    labels: Labels,
    *,
    classes: Sequence[str] | None = None,
    probs: Probs | None = None,
    records: Sequence[CheckRecord] = (),
    trusted: Labels | None = None,
    content: Sequence[str] | None = None,
) -> TrainingPart:
    """A classification on the columns of `frame`, numbers and categories; model `linear_head`.

    `content` are the digests of the rows' cells where it is None; the other arguments are those of `vector_part`.
    """
    dataset = _dataset(Table(frame.reset_index(drop=True)), labels, classes)
    return _part(dataset, ColumnFeatures.of(frame), _measured(dataset, content), probs, records, trusted)


def regression_part(
    frame: pd.DataFrame,
    targets: Scores,
    *,
    predictions: Scores | None = None,
    records: Sequence[CheckRecord] = (),
    trusted: Scores | None = None,
    content: Sequence[str] | None = None,
) -> TrainingPart:
    """A regression on the columns of `frame`; model `huber_regression`.

    `predictions` (samples,) are out-of-fold, NaN where a row was not judged; the targets themselves where None.
    `trusted` (samples,) are verified numbers, NaN where nobody looked.
    """
    targets = np.asarray(targets, np.float64)
    dataset = _dataset(Table(frame.reset_index(drop=True)), np.zeros(len(frame), np.int64), (), targets)
    said = np.asarray(targets if predictions is None else predictions, np.float64)
    out_of_fold = OutOfFoldTargets(said[None], np.where(np.isnan(said), -1, 0)[None])
    evidence = Evidence(dataset, np.arange(len(dataset)), _measured(dataset, content), targets=out_of_fold)
    features = ColumnFeatures.of(frame)
    model = "huber_regression"
    return TrainingPart(evidence, features, tuple(records), model, HONOURS[model], seed=0, trusted=trusted)


def accusing(rows: Iterable[int] | Rows | Mask, check: str = "label_errors") -> CheckRecord:
    """Record of a check that ran and says that the labels of `rows` (places, or a mask) are probably wrong."""
    places = np.asarray(rows if isinstance(rows, np.ndarray) else list(rows))
    if places.dtype == np.bool_:
        places = np.flatnonzero(places)
    findings = tuple(Finding(check, str(row), "its label looks wrong", 1.0, row) for row in places.tolist())
    return CheckRecord(check, Ran(findings, f"{len(findings):,} labels look wrong"), 0.0, check, accuses_label=True)


def _dataset(payload: Payload, labels: Labels, classes: Sequence[str] | None, targets: Scores | None = None) -> Dataset:
    codes = np.asarray(labels, np.int64)
    names = [f"class {code}" for code in range(int(codes.max(initial=0)) + 1)] if classes is None else classes
    ids = tuple(str(row) for row in range(len(payload)))
    roles = ColumnRoles(label="label")
    return Dataset(SOURCE, "csv", payload, ids, codes, tuple(names), np.arange(len(ids)), roles, targets=targets)


def _measured(dataset: Dataset, content: Sequence[str] | None) -> Measurements:
    measured = measure_samples(dataset, workers=1, progress=silent)
    return measured if content is None else Measurements(measured.values, tuple(content))


def _part(
    dataset: Dataset,
    features: Features,
    measurements: Measurements,
    probs: Probs | None,
    records: Sequence[CheckRecord],
    trusted: Labels | None,
) -> TrainingPart:
    agreed = confident_probs(dataset.labels, classes=len(dataset.classes)) if probs is None else probs
    said = np.asarray(agreed, np.float32)
    judged = cast("Mask", ~np.isnan(said[:, 0]))
    out_of_fold = OutOfFold(said[None], np.where(judged, 0, -1)[None], judged, temperature=1.0)
    evidence = Evidence(dataset, np.arange(len(dataset)), measurements, out_of_fold)
    model = "ridge_head" if isinstance(features, Embeddings) else "linear_head"
    verified = None if trusted is None else np.asarray(trusted, np.int64)
    return TrainingPart(evidence, features, tuple(records), model, HONOURS[model], seed=0, trusted=verified)
