"""Audits whose models train in epochs, are several, are tuned first, or see earlier samples alone."""

import json

import numpy as np
import pandas as pd
import pytest

from dataclinic.rundir import RunDir
from dataclinic.settings import read_settings

ONCE = ("--folds", "2", "--repeats", "1")
SMALL_CNN = [
    part for setting in ("epochs=3", "width=8", "batch_size=16") for part in ("--set", f"models.tiny_cnn.{setting}")
]


@pytest.fixture
def audited(cli, tmp_path):
    """Audit with these arguments into a run directory of its own."""

    def audit(*arguments):
        run = RunDir(tmp_path / "run")
        done = cli("audit", *arguments, "--out", run.path, "--json")
        assert done.code == 0, done.err
        return run, json.loads(done.out)

    return audit


def test_a_network_leaves_dynamics_and_event_files(audited, photos, tmp_path):
    run, summary = audited(photos, "--model", "tiny_cnn", "--tensorboard", tmp_path / "logs", *ONCE, *SMALL_CNN)
    assert summary["encoder"]["id"] == "raw_pixels"
    training = run.read_table("training.parquet")
    assert len(training) == 2 * 3
    assert training["epoch"].tolist() == [1, 2, 3] * 2
    ranking = run.read_table("ranking.parquet")
    for signal in ("area_under_margin", "forgetting_events", "confidence", "variability", "held_out_confidence"):
        assert ranking[signal].notna().all()
    assert ranking["confidence"].between(0, 1).all()
    assert len(list((tmp_path / "logs").rglob("*tfevents*"))) == 2
    assert any("tensorboard --logdir" in note for note in summary["notes"])


def test_models_without_epochs_have_no_event_files_and_say_so(audited, survey, tmp_path):
    _, summary = audited(survey.path, "--label", "grade", "--tensorboard", tmp_path / "logs", *ONCE)
    assert any("no event files" in note for note in summary["notes"])
    assert not list((tmp_path / "logs").rglob("*tfevents*"))


def test_several_models_are_averaged_and_their_disagreement_kept(audited, survey):
    run, summary = audited(survey.path, "--label", "grade", "--model", "linear_head", "--model", "ridge_head", *ONCE)
    assert summary["model"]["id"] == "linear_head, ridge_head"
    predictions = run.read_table("predictions.parquet")
    assert len(predictions) == 2 * 240
    ranking = run.read_table("ranking.parquet").set_index("row")
    of_given = [
        np.array([rows[grade].iloc[row] for row, grade in enumerate(survey.frame["grade"])])
        for _, rows in predictions.groupby("repeat")
    ]
    assert np.abs(of_given[0] - of_given[1]).max() > 0.01
    expected = np.std(of_given, axis=0, ddof=0)
    assert np.corrcoef(ranking.loc[range(240), "spread"], expected)[0, 1] > 0.99


def test_tuned_settings_are_used_said_and_kept(audited, survey):
    run, summary = audited(survey.path, "--label", "grade", "--model", "linear_head", "--tune", *ONCE)
    tuning = run.read_json("tuning.json")
    assert len(tuning["trials"]) == 20
    assert any("settings of linear_head were searched on these samples" in note for note in summary["notes"])
    settings = read_settings(run.path / "tuned.toml")
    assert settings.label == "grade"
    assert not settings.tune
    chosen = settings.models.get("linear_head", {})
    assert (f"l2 {chosen['l2']:g}" if chosen else "per dimension") in summary["model"]["description"]


def test_with_times_the_first_period_is_not_judged_and_no_fold_sees_later_rows(audited, survey):
    frame = survey.frame.assign(day=pd.date_range("2026-01-01", periods=240).astype(str)[::-1])
    frame.to_csv(survey.path, index=False)
    run, summary = audited(survey.path, "--label", "grade", "--time", "day", "--folds", "3", "--repeats", "2")
    assert any("nothing earlier is left to learn from" in note for note in summary["notes"])
    samples = run.read_table("predictions.parquet")
    for _, rows in samples.groupby("repeat"):
        folds = rows["fold"].to_numpy()[::-1]
        assert (np.diff(folds) >= 0).all()
        assert set(folds) == {-2, 0, 1, 2}
        assert rows.loc[rows["fold"] == -2, "low"].isna().all()
        assert rows.loc[rows["fold"] >= 0, "low"].notna().all()
