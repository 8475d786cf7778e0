"""An audit of numbers through the command line: from a CSV file to a cleaned one."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_friedman1

from dataclinic.seeding import rng_for

FAST = ("--repeats", "1", "--folds", "4", "--set", "models.tree_regression.forest_trees=20")


@pytest.fixture(scope="module")
def wrong():
    return rng_for(0, "wrong").choice(300, 9, replace=False)


@pytest.fixture(scope="module")
def prices(tmp_path_factory, wrong):
    vectors, targets = make_friedman1(300, 5, noise=1.0, random_state=0)
    targets = np.round(100 + 10 * targets, 2)
    targets[wrong] *= 10
    frame = pd.DataFrame(vectors, columns=list("abcde"))
    frame["day"] = pd.date_range("2024-01-01", periods=300).strftime("%Y-%m-%d")
    path = tmp_path_factory.mktemp("data") / "prices.csv"
    frame.assign(price=targets).to_csv(path, index=False)
    return path


def test_planted_errors_are_found_reported_and_dropped(cli, prices, wrong, tmp_path):
    run = tmp_path / "run"
    done = cli("audit", prices, "--task", "regression", "--label", "price", "--out", run, "--json", *FAST)
    assert done.code == 0, done.err
    summary = json.loads(done.out)
    assert summary["task"] == "regression"
    assert (
        summary["errors"]["models"]["median_absolute_error"]
        < 0.6 * summary["errors"]["of_median"]["median_absolute_error"]
    )
    outcomes = {check["check"]: check["outcome"] for check in summary["checks"]}
    assert outcomes["target_errors"] == "ran"
    assert outcomes["label_errors"] == outcomes["high_loss"] == outcomes["class_imbalance"] == "did not apply"
    ranking = pd.read_parquet(run / "ranking.parquet")
    assert set(ranking["row"].head(9)) == set(wrong)
    assert "Given against predicted" in (run / "report.html").read_text(encoding="utf-8")
    refused = cli("export", run, tmp_path / "clean", "--apply", "relabel")
    assert refused.code == 2
    assert "cannot be relabelled" in refused.err
    assert cli("export", run, tmp_path / "clean", "--apply", "drop", "--write").code == 0
    kept = pd.read_csv(tmp_path / "clean" / "prices.csv")
    assert len(kept) == 300 - ranking["flagged"].sum()
    assert kept["price"].max() < 500
    assert cli("suspects", run, "--all").code == 0


def test_a_time_column_judges_by_the_past_alone(cli, prices, tmp_path):
    run = tmp_path / "run"
    done = cli("audit", prices, "--task", "regression", "--label", "price", "--time", "day", "--out", run, *FAST)
    assert done.code == 0, done.err
    predictions = pd.read_parquet(run / "predictions.parquet")
    assert (predictions["fold"].to_numpy()[:30] == -2).all()
    assert predictions["prediction"].isna().sum() == (predictions["fold"] == -2).sum() < 90
    assert predictions["fold"].is_monotonic_increasing
    assert "nothing earlier is left to learn from" in done.out


def test_classes_are_not_asked_of_a_quantity(cli, prices, tmp_path):
    refused = cli("audit", prices, "--label", "price", "--out", tmp_path / "run")
    assert refused.code == 2
    assert "--task regression" in refused.err
