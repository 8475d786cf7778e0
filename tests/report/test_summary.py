"""The summary says what run.json, checks.json and the ranking say, in JSON that any reader takes."""

from __future__ import annotations

import json

import pytest
from made_runs import HOSTILE, Made, change_record, make_run

from dataclinic.errors import RunError
from dataclinic.report.summary import summarise, summary_json
from dataclinic.rundir import RunDir


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def test_says_what_was_audited_and_found(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=300, flagged=40))
    summary = summarise(run)
    assert (summary.samples, summary.unlabelled, summary.suspects) == (300, 4, 40)
    assert summary.suspect_share == pytest.approx(40 / 300)
    assert summary.split == {"train": 280, "test": 20}
    assert summary.accuracy is not None
    assert (summary.accuracy.mean, summary.accuracy.spread, summary.accuracy.folds) == (0.8123, 0.0041, 5)
    assert summary.run == str(run.path)
    assert summary.report == str(run.path / "report.html")
    assert summary.seconds == pytest.approx(0.4 + 71.25 + 12.5)
    assert [line.outcome for line in summary.checks] == ["ran", "ran", "ran", "did not apply", "skipped", "failed"]


def test_worst_are_the_first_three_flagged(tmp_path):
    run = make_run(tmp_path / "run", Made())
    ranking = run.read_table("ranking.parquet")
    ranking.loc[1, "flagged"] = False
    run.write_table("ranking.parquet", ranking.sample(frac=1, random_state=0))
    worst = summarise(run).worst
    assert [suspect.rank for suspect in worst] == [1, 3, 4]
    assert worst[0].id == ranking.at[0, "id"]
    assert worst[0].loss_nats == pytest.approx(ranking.at[0, "loss_nats"])
    assert worst[1].checks == ("label_errors", "high_loss")


def test_json_is_strict_and_names_the_run(tmp_path):
    run = make_run(tmp_path / "run", Made(classes=HOSTILE, hostile_ids=True))
    text = json.dumps(summary_json(summarise(run)), allow_nan=False)
    read = json.loads(text, parse_constant=refuse)
    assert read["run"] == str(run.path)
    assert read["classes"] == {"count": len(HOSTILE), "names": list(HOSTILE)}
    assert set(read) >= {"status", "source", "encoder", "model", "device", "accuracy", "checks", "worst", "notes"}
    assert set(read["checks"][0]) == {"check", "outcome", "reason", "count"}


def test_a_suspect_that_no_model_judged_has_nulls(tmp_path):
    run = make_run(tmp_path / "run", Made())
    ranking = run.read_table("ranking.parquet")
    numbers = ["suspicion", "suggested_probability", "loss_nats", "self_confidence", "spread"]
    ranking.loc[0, numbers] = float("nan")
    ranking.loc[0, ["suggested_label", "reason", "checks"]] = None
    run.write_table("ranking.parquet", ranking)
    first = summary_json(summarise(run))["worst"][0]
    assert [first[name] for name in [*numbers, "suggested_label"]] == [None] * 6
    assert (first["reason"], first["checks"]) == ("", ())


@pytest.mark.parametrize("accuracy", [None, {"mean": float("nan"), "per_repeat": []}])
def test_without_a_model_there_is_no_accuracy(tmp_path, accuracy):
    run = make_run(tmp_path / "run", Made(flagged=0))
    record = {**run.record, "accuracy": accuracy, "encoder": None, "model": None}
    (run.path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    summary = summarise(run)
    assert (summary.accuracy, summary.encoder, summary.model) == (None, None, None)


def test_one_repeat_has_no_spread(tmp_path):
    run = make_run(tmp_path / "run", Made())
    change_record(run, accuracy={**run.record["accuracy"], "per_repeat": [0.8], "spread": 0.0})
    accuracy = summarise(run).accuracy
    assert accuracy is not None
    assert accuracy.spread is None


def test_a_run_that_did_not_come_to_its_ranking_says_so(tmp_path):
    run = make_run(tmp_path / "run", Made())
    (run.path / "ranking.parquet").unlink()
    with pytest.raises(RunError) as caught:
        summarise(RunDir.open(run.path))
    assert "ranking.parquet" in caught.value.message
