"""The recommended treatment as files that export, or anyone's own training, can follow: treatment.toml and its tables.

training_plan.parquet has one row a sample: how often it is trained on (0: dropped), with which label and which weight.
synthetic.parquet holds rows that no sample is, treated_columns.parquet the numeric columns after clipping, filling or
scaling, treatment_class_weights.json the weight of each class where weights go by class alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.rundir.directory import replacing
from dataclinic.rundir.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dataclinic.arrays import Rows, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.features import Features
    from dataclinic.treatments import Synthetic, Treatment

TREATMENT = "treatment.toml"
PLAN = "training_plan.parquet"
SYNTHETIC = "synthetic.parquet"
COLUMNS = "treated_columns.parquet"
CLASS_WEIGHTS = "treatment_class_weights.json"
FILES = (TREATMENT, PLAN, SYNTHETIC, COLUMNS, CLASS_WEIGHTS)

PLAN_COLUMNS = ("row", "source_row", "id", "given", "label", "copies", "weight")

HEADER = """\
# What dataclinic recommends to train on instead of the data as given, and the gain that was measured for it.
# dataclinic export RUN DEST --treatment writes the data this way; training of your own follows the files named below.
"""


def save_treatment(
    folder: Path, dataset: Dataset, rows: Rows, features: Features, treatment: Treatment, about: Mapping[str, Any]
) -> None:
    """Write treatment.toml and the tables that it names, without those of an earlier treatment.

    Args:
        folder: the run directory.
        dataset: all samples.
        rows: positions in it of the part that `treatment` is of.
        features: of the part.
        treatment: the fixes on all of the part.
        about: TOML-ready, what stands first: fixes, settings, gain.
    """
    remove_treatment(folder)
    files = {"plan": PLAN}
    _write(folder / PLAN, plan_frame(dataset, rows, treatment))
    if treatment.synthetic is not None:
        files["synthetic"] = SYNTHETIC
        _write(folder / SYNTHETIC, _synthetic_frame(dataset, treatment.synthetic))
    if treatment.column_map is not None and isinstance(features, ColumnFeatures):
        files["columns"] = COLUMNS
        numbers = treatment.column_map.apply(features.numbers)
        frame = pd.DataFrame(numbers, columns=list(treatment.column_map.names))
        frame.insert(0, "source_row", dataset.source_rows[rows])
        _write(folder / COLUMNS, frame)
    by_class = class_weights(dataset, treatment)
    if by_class is not None:
        files["class_weights"] = CLASS_WEIGHTS
        with replacing(folder / CLASS_WEIGHTS) as temporary:
            temporary.write_text(json.dumps(by_class, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    content = {**about, "training": treatment.recipe.asked(), "files": files}
    if treatment.offsets is not None:
        content["log_probability_offsets"] = dict(zip(dataset.classes, treatment.offsets.tolist(), strict=True))
    content = {name: value for name, value in content.items() if value != {}}
    with replacing(folder / TREATMENT) as temporary:
        temporary.write_text(HEADER + toml_text(content), encoding="utf-8")


def remove_treatment(folder: Path) -> None:
    """No file of a treatment is left."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def plan_frame(dataset: Dataset, rows: Rows, treatment: Treatment) -> pd.DataFrame:
    """One row a sample: row, source_row, id, given, label, copies, weight; samples outside the part have 0 copies."""
    copies = np.zeros(len(dataset), np.int64)
    np.add.at(copies, rows[treatment.rows], 1)
    labels = np.array(dataset.given, copy=True)
    labels[rows[treatment.rows]] = treatment.labels
    weights = np.where(copies > 0, 1.0, 0.0)
    if treatment.weights is not None:
        weights[rows[treatment.rows]] = treatment.weights
    frame = pd.DataFrame({"row": np.arange(len(dataset)), "source_row": dataset.source_rows, "id": list(dataset.ids)})
    frame["given"] = _named(dataset, dataset.given)
    frame["label"] = _named(dataset, labels)
    frame["copies"] = copies
    frame["weight"] = weights
    return frame


def class_weights(dataset: Dataset, treatment: Treatment) -> dict[str, float] | None:
    """Weight by class where the treatment weighs by class alone; None where it does not."""
    if treatment.weights is None or dataset.targets is not None:
        return None
    weights: dict[str, float] = {}
    for code, name in enumerate(dataset.classes):
        own = treatment.weights[np.asarray(treatment.labels) == code]
        if len(own) and not np.allclose(own, own[0]):
            return None
        if len(own):
            weights[name] = float(own[0])
    return weights


def _synthetic_frame(dataset: Dataset, synthetic: Synthetic) -> pd.DataFrame:
    columns = synthetic.features.columns(np.arange(len(synthetic.features)))
    frame = pd.DataFrame(columns.values, columns=list(columns.names))
    frame.insert(0, "label", _named(dataset, synthetic.labels), allow_duplicates=True)
    return frame


def _named(dataset: Dataset, given: Scores | Any) -> Any:
    return given if dataset.targets is not None else np.array(dataset.classes, dtype=object)[given]


def _write(path: Path, frame: pd.DataFrame) -> None:
    with replacing(path) as temporary:
        frame.to_parquet(temporary, index=False)
