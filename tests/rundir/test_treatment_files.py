import json
import tomllib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dataclinic.features import Embeddings
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.recipe import Recipe
from dataclinic.rundir.treatment_files import FILES, PLAN, TREATMENT, plan_frame, remove_treatment, save_treatment
from dataclinic.testing.planted import table_dataset
from dataclinic.treatments import Synthetic, Treatment

VECTORS = np.arange(8, dtype=np.float32).reshape(4, 2)
DATA = table_dataset(VECTORS, np.array([0, 1, 0, 1]), ["ant", "bee"])
PART = np.array([0, 2, 3])
"""Row 1 took no part."""


@dataclass(frozen=True)
class Halved:
    names: tuple = ("half",)

    def apply(self, numbers):
        return numbers[:, :1] / 2


def test_the_plan_says_of_every_sample_how_often_with_which_label_and_weight_it_is_trained_on():
    treatment = Treatment(np.array([0, 2, 2]), np.array([1, 1, 1]), "told", weights=np.array([0.5, 2.0, 2.0]))
    plan = plan_frame(DATA, PART, treatment)
    assert plan["given"].tolist() == ["ant", "bee", "ant", "bee"]
    assert plan["label"].tolist() == ["bee", "bee", "ant", "bee"]
    assert plan["copies"].tolist() == [1, 0, 0, 2]
    assert plan["weight"].tolist() == [0.5, 0.0, 0.0, 2.0]


def test_only_the_files_that_a_treatment_needs_are_written_and_the_toml_names_them(tmp_path):
    weights = np.array([1.5, 1.5, 0.75])
    treatment = Treatment(
        np.arange(3),
        np.array([0, 0, 1]),
        "weights by class",
        weights,
        Recipe(label_smoothing=0.1),
        offsets=np.array([0.0, -1.0]),
    )
    save_treatment(tmp_path, DATA, PART, Embeddings(VECTORS[PART]), treatment, {"fixes": ["class_weights"]})
    assert {file.name for file in tmp_path.iterdir()} == {TREATMENT, PLAN, "treatment_class_weights.json"}
    content = tomllib.loads((tmp_path / TREATMENT).read_text())
    assert content["fixes"] == ["class_weights"]
    assert content["training"] == {"label_smoothing": 0.1}
    assert content["log_probability_offsets"] == {"ant": 0.0, "bee": -1.0}
    assert content["files"] == {"plan": PLAN, "class_weights": "treatment_class_weights.json"}
    assert json.loads((tmp_path / "treatment_class_weights.json").read_text()) == {"ant": 1.5, "bee": 0.75}


def test_added_rows_and_changed_columns_are_written_as_tables(tmp_path):
    features = ColumnFeatures.of(DATA.payload.frame.iloc[PART])
    added = Synthetic(features.take(np.array([0])), np.array([1]))
    treatment = Treatment(np.arange(3), DATA.labels[PART], "told", synthetic=added, column_map=Halved())
    save_treatment(tmp_path, DATA, PART, features, treatment, {})
    assert pd.read_parquet(tmp_path / "synthetic.parquet")["label"].tolist() == ["bee"]
    columns = pd.read_parquet(tmp_path / "treated_columns.parquet")
    assert columns["half"].tolist() == [0.0, 2.0, 3.0]
    assert columns["source_row"].tolist() == [0, 2, 3]
    remove_treatment(tmp_path)
    assert not {file.name for file in tmp_path.iterdir()} & set(FILES)


def test_weights_that_differ_within_a_class_are_no_class_weights(tmp_path):
    treatment = Treatment(np.arange(3), np.array([0, 0, 1]), "told", weights=np.array([1.0, 2.0, 1.0]))
    save_treatment(tmp_path, DATA, PART, Embeddings(VECTORS[PART]), treatment, {})
    assert not (tmp_path / "treatment_class_weights.json").exists()


def test_numbers_stay_numbers(tmp_path):
    numbers = replace(DATA, targets=np.array([1.0, 2.0, 3.0, 4.0]), classes=())
    plan = plan_frame(numbers, PART, Treatment(np.array([1, 2]), np.array([3.0, 4.5]), "told"))
    assert plan["label"].tolist() == [1.0, 2.0, 3.0, 4.5]
    assert plan["copies"].tolist() == [0, 0, 1, 1]
