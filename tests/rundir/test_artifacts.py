import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from dataclinic.encoders import Encoded
from dataclinic.evidence import Measurements
from dataclinic.features import Embeddings
from dataclinic.findings import CheckRecord, DidNotApply, Finding, Ran
from dataclinic.fits import Epoch, FitHistory, TrainingDynamics
from dataclinic.predictions import OutOfFold, OutOfFoldTargets
from dataclinic.rundir import artifacts
from dataclinic.testing.planted import confident_probs, table_dataset


def test_measurements_round_trip(tmp_path):
    measured = Measurements(
        {"width_px": np.array([1.0, np.nan]), "content": np.array([2.0, 3.0])}, ("ab", ""), {1: "file is <empty>"}
    )
    artifacts.save_measurements(tmp_path, measured)
    loaded = artifacts.load_measurements(tmp_path)
    assert loaded.content == measured.content
    assert loaded.unreadable == measured.unreadable
    assert {name: values.tolist()[0] for name, values in loaded.values.items()} == {"width_px": 1.0, "content": 2.0}
    assert np.isnan(loaded.values["width_px"][1])
    assert loaded.hashes is None
    assert loaded.modes == ()


def test_hashes_and_modes_round_trip(tmp_path):
    hashes = np.array([[2**64 - 1, 1], [0, 2**63]], np.uint64)
    artifacts.save_measurements(tmp_path, Measurements({}, ("ab", "cd"), {}, hashes, ("RGB", "")))
    loaded = artifacts.load_measurements(tmp_path)
    assert loaded.hashes.dtype == np.uint64
    assert loaded.hashes.tolist() == hashes.tolist()
    assert loaded.modes == ("RGB", "")


@pytest.mark.parametrize("classes", [("cat", "dog"), ("id", "fold"), ("repeat", "ü <b>"), ("class id", "id")])
def test_predictions_round_trip_whatever_the_classes_are_called(tmp_path, classes):
    labels = np.arange(7) % 2
    probs = np.stack([confident_probs(labels, classes=2, seed=seed) for seed in range(3)])
    probs[1, 4] = np.nan
    folds = np.arange(21).reshape(3, 7) % 5
    judged = np.arange(7) != 6
    artifacts.save_out_of_fold(tmp_path, OutOfFold(probs, folds, judged, 1.5), list("abcdefg"), classes)
    loaded = artifacts.load_out_of_fold(tmp_path)
    assert np.array_equal(loaded.repeat_probs, probs, equal_nan=True)
    assert np.array_equal(loaded.folds, folds)
    assert np.array_equal(loaded.judged, judged)
    assert loaded.temperature == 1.5
    names = pq.read_schema(tmp_path / "predictions.parquet").names
    assert names[:3] == ["id", "repeat", "fold"]
    assert len(set(names)) == 5


def test_embeddings_round_trip_and_fitted_features_are_not_kept(tmp_path):
    encoded = Encoded(Embeddings(np.eye(3, dtype=np.float32)), "timm x", ("weak",))
    artifacts.save_encoded(tmp_path, ("timm_image", encoded))
    name, loaded = artifacts.load_encoded(tmp_path)
    assert (name, loaded.description, loaded.notes) == ("timm_image", "timm x", ("weak",))
    assert np.array_equal(loaded.features.vectors(np.arange(3)), np.eye(3))
    artifacts.save_encoded(tmp_path, ("raw_columns", Encoded(object(), "columns")))
    assert artifacts.load_encoded(tmp_path) is None


def test_checks_and_findings_say_everything(tmp_path):
    findings = (Finding("a", "row-1", "why", 2.0, 1), Finding("a", "column", "why", 1.0))
    records = [
        CheckRecord("a", Ran(findings, "two things", {"n": 2}, {"w.json": {"x": 1}}), 0.5, "A()", accuses_label=True),
        CheckRecord("b", DidNotApply("no columns"), 0.0, "B()", accuses_label=False),
    ]
    entries = artifacts.checks_json(records)
    assert json.loads(json.dumps(entries)) == entries
    assert [(entry["outcome"], entry["reason"], entry["count"]) for entry in entries] == [
        ("ran", "two things", 2),
        ("did not apply", "no columns", 0),
    ]
    frame = artifacts.findings_frame(records)
    assert frame["row"].tolist() == [1, pd.NA]
    assert artifacts.extra_files(records) == {"w.json": {"x": 1}}
    assert artifacts.findings_frame([]).empty


def test_samples_hold_no_content():
    dataset = table_dataset(np.zeros((4, 2), np.float32), np.array([0, 1, 0, 1]), ["cat", "dog"])
    frame = artifacts.samples_frame(dataset, np.array([0, 1, 1, 2]))
    assert frame.columns.tolist() == ["id", "source_row", "given_label", "split", "group"]
    assert frame["given_label"].tolist() == ["cat", "dog", "cat", "dog"]


def test_training_comes_back_as_it_was(tmp_path):
    dynamics = TrainingDynamics(*np.where(np.arange(18) % 3 == 2, np.nan, np.arange(18)).reshape(6, 3))
    histories = (
        FitHistory("tiny_cnn", 1, 4, (Epoch(0.1, 2.0, 0.3), Epoch(0.05, 1.0, 0.6, 1.5, 0.4))),
        FitHistory("mlp_head", 0, 0, (Epoch(0.2, 3.0, 0.1, score_accuracy=0.7), Epoch(0.2, 3.0, 0.1, 2.0, 0.3, 0.0))),
    )
    artifacts.save_training(tmp_path, dynamics, histories)
    loaded, again = artifacts.load_training(tmp_path)
    assert again == histories
    for name in vars(dynamics):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(dynamics, name))


def test_training_without_a_column_that_came_later_still_loads(tmp_path):
    artifacts.save_training(tmp_path, None, (FitHistory("mlp_head", 0, 0, (Epoch(0.2, 3.0, 0.1, 2.0, 0.3, 0.5),)),))
    file = tmp_path / "training.parquet"
    pd.read_parquet(file).drop(columns="score_accuracy").to_parquet(file, index=False)
    assert artifacts.load_training(tmp_path)[1] == (FitHistory("mlp_head", 0, 0, (Epoch(0.2, 3.0, 0.1, 2.0, 0.3),)),)


def test_no_training_leaves_no_files_of_an_earlier_one(tmp_path):
    artifacts.save_training(tmp_path, None, (FitHistory("mlp_head", 0, 0, (Epoch(0.2, 3.0, 0.1),)),))
    assert (tmp_path / "training.parquet").exists()
    artifacts.save_training(tmp_path, None, ())
    assert artifacts.load_training(tmp_path) == (None, ())
    assert not (tmp_path / "training.parquet").exists()


def test_predicted_numbers_come_back_as_they_were(tmp_path):
    predictions = np.array([[1.5, np.nan, -2.0], [0.0, 3.0, 1e9]])
    folds = np.array([[0, -2, 1], [1, 0, 0]])
    artifacts.save_out_of_fold_targets(tmp_path, OutOfFoldTargets(predictions, folds), list("abc"))
    loaded = artifacts.load_out_of_fold_targets(tmp_path)
    np.testing.assert_array_equal(loaded.repeat_predictions, predictions)
    np.testing.assert_array_equal(loaded.folds, folds)
    table = pq.read_table(tmp_path / "predictions.parquet")
    assert table.column_names == ["id", "repeat", "fold", "prediction"]
