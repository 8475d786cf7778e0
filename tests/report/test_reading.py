"""Files of the wrong shape are named in an error, whoever reads them for the report."""

from __future__ import annotations

import pytest
from made_runs import Made, change_record, make_run

from dataclinic.errors import RunError
from dataclinic.report.html import render_html, write_report
from dataclinic.report.summary import summarise

READERS = [summarise, render_html, write_report]
PAGE_READERS = [render_html, write_report]
CHECK = {"check": "x", "outcome": "ran", "reason": "", "count": 0}


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", Made(samples=30, flagged=5))


def message(read, run):
    with pytest.raises(RunError) as caught:
        read(run)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "content", [None, [1], {"a": 1}, "x", [{"check": "x"}], [{**CHECK, "outcome": "odd"}], [{**CHECK, "count": "3"}]]
)
def test_checks_of_the_wrong_shape(run, read, content):
    run.write_json("checks.json", content)
    assert f"cannot read {run.path / 'checks.json'}" in message(read, run)


@pytest.mark.parametrize("read", PAGE_READERS)
@pytest.mark.parametrize("content", [[], None, 3, {"0": []}, {"0": {"values": ["a"]}}, {"0": {"thumbnail": 3}}])
def test_previews_of_the_wrong_shape(run, read, content):
    run.write_json("previews.json", content)
    assert f"cannot read {run.path / 'previews.json'}" in message(read, run)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "change",
    [
        {"dataset": []},
        {"dataset": {"kind": "table"}},
        {"steps": []},
        {"notes": "x"},
        {"accuracy": 3},
        {"encoder": {}},
        {"command": "x"},
        {"steps": {"load": {}}},
    ],
    ids=str,
)
def test_a_record_of_the_wrong_shape(run, read, change):
    change_record(run, **change)
    assert f"cannot read {run.path / 'run.json'}" in message(read, run)


@pytest.mark.parametrize("read", READERS)
def test_a_record_that_is_no_object(run, read):
    run.write_json("run.json", [1])
    assert f"cannot read {run.path / 'run.json'}" in message(read, run)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("record", [{"status": "failed"}, {"steps": {}}, {"status": "running", "dataset": None}])
def test_an_audit_that_failed_early_did_not_finish(run, read, record):
    run.write_json("run.json", {"schema": 1, **record})
    assert "did not finish" in message(read, run)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("status", ["failed", "interrupted", "running"])
def test_an_audit_that_ended_before_its_ranking_did_not_finish(run, read, status):
    change_record(run, status=status)
    (run.path / "ranking.parquet").unlink()
    assert "did not finish" in message(read, run)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("column", ["flagged", "row", "rank", "given_label", "reason", "suspicion"])
def test_a_ranking_that_lacks_a_column(run, read, column):
    run.write_table("ranking.parquet", run.read_table("ranking.parquet").drop(columns=column))
    assert f"ranking.parquet: it lacks the column {column}" in message(read, run)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("column", ["flagged", "row", "rank"])
def test_a_ranking_with_words_for_numbers(run, read, column):
    run.write_table("ranking.parquet", run.read_table("ranking.parquet").assign(**{column: "x"}))
    assert f"ranking.parquet: its column {column}" in message(read, run)


@pytest.mark.parametrize("read", PAGE_READERS)
@pytest.mark.parametrize("column", ["check", "subject", "reason", "row"])
def test_findings_that_lack_a_column(run, read, column):
    run.write_table("findings.parquet", run.read_table("findings.parquet").drop(columns=column))
    assert f"findings.parquet: it lacks the column {column}" in message(read, run)


def test_names_that_are_no_text_are_taken(run):
    odd = "caf\udce9"
    change_record(run, source=f"/data/{odd}", notes=[odd], dataset={**run.record["dataset"], "split": {odd: 3}})
    run.write_json("previews.json", {"0": {"values": {odd: odd}}})
    assert summarise(run).source == f"/data/{odd}"
    assert write_report(run).is_file()
