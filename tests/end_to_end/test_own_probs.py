"""An audit by probabilities of a model of the user's own, and what it says of files that do not fit."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from threadpoolctl import threadpool_limits

import dataclinic
from dataclinic.testing.planted import gaussian_classes, switch_labels

NAMES = np.array(["ash", "birch", "cedar"])


@pytest.fixture
def trees(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    vectors, true = gaussian_classes(300, 3, dims=4)
    given, switched = switch_labels(true, 0.08, classes=3)
    frame = pd.DataFrame(vectors, columns=list("wxyz")).assign(kind=NAMES[given])
    frame.insert(0, "id", [f"tree-{row}" for row in range(300)])
    frame.to_parquet("trees.parquet")
    with threadpool_limits(1):
        probs = cross_val_predict(LogisticRegression(), vectors, given, cv=5, method="predict_proba")
    return given, switched, probs


def audit(cli, *options):
    return cli("audit", "trees.parquet", "--label", "kind", "--id", "id", "--fixes", "none", "--out", "run", *options)


def test_ranks_by_the_given_probabilities_and_trains_no_model(cli, trees, tmp_path):
    _, switched, probs = trees
    np.save("probs.npy", probs)
    result = audit(cli, "--probs", "probs.npy")
    assert result.code == 0, result.err
    ranking = pd.read_parquet(tmp_path / "run" / "ranking.parquet").sort_values("row")
    assert ranking["flagged"].to_numpy()[switched].mean() >= 0.85
    assert ranking["flagged"].to_numpy()[~switched].mean() <= 0.02
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["model"]["id"] == "own"
    assert "predict" not in record["steps"]
    assert json.loads((tmp_path / "run" / "judgement.json").read_text())["power"] is None
    assert np.allclose(ranking["self_confidence"].mean(), 0.85, atol=0.15)


def test_columns_are_found_by_class_and_rows_by_id(cli, trees, tmp_path):
    _, _, probs = trees
    np.save("probs.npy", probs)
    assert audit(cli, "--probs", "probs.npy").code == 0
    expected = pd.read_parquet(tmp_path / "run" / "ranking.parquet")
    shuffled = pd.DataFrame(probs, columns=NAMES).assign(id=[f"tree-{row}" for row in range(300)])
    shuffled[["cedar", "id", "ash", "birch"]].sample(frac=1, random_state=0).to_parquet("probs.parquet")
    assert audit(cli, "--probs", "probs.parquet", "--fresh").code == 0
    found = pd.read_parquet(tmp_path / "run" / "ranking.parquet")
    assert found["row"].tolist() == expected["row"].tolist()


def test_the_same_as_the_library_call_says_of_them(cli, trees, tmp_path):
    given, _, probs = trees
    np.save("probs.npy", probs)
    assert audit(cli, "--probs", "probs.npy", "--flag-above", "0.7").code == 0
    ranking = pd.read_parquet(tmp_path / "run" / "ranking.parquet").sort_values("row")
    vectors = pd.read_parquet("trees.parquet")[list("wxyz")].to_numpy()
    frame = dataclinic.rank_labels(NAMES[given], probs, vectors=vectors, classes=list(NAMES), threshold=0.7)
    # the audit fits a temperature first, and scales the columns
    assert np.corrcoef(frame["probability"], ranking["probability"])[0, 1] > 0.9
    assert (ranking["flagged"] == (ranking["probability"] > 0.7)).all()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda probs: np.save("probs.npy", probs[:, :2]), "samples × 3 classes are needed"),
        (lambda probs: np.save("probs.npy", probs - 0.9), "negative"),
        (lambda _: np.save("probs.npy", np.array([{}], object)), "cannot read probabilities"),
        (lambda _: None, "cannot read probabilities"),
    ],
    ids=["too few columns", "negative", "pickled", "no file"],
)
def test_says_what_does_not_fit(cli, trees, make, said):
    make(trees[2])
    result = audit(cli, "--probs", "probs.npy")
    assert result.code == 2
    assert said in result.err
    assert len(result.err.strip().splitlines()[-2:]) == 2
    assert "Traceback" not in result.err


def test_probabilities_of_numbers_are_refused(cli, trees):
    np.save("probs.npy", trees[2])
    result = cli(
        "audit", "trees.parquet", "--label", "w", "--task", "regression", "--probs", "probs.npy", "--fixes", "none"
    )
    assert result.code == 2
    assert "the labels are numbers" in result.err
