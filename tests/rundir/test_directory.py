import json
import os

import pandas as pd
import pytest

from dataclinic.errors import RunError
from dataclinic.rundir import RunDir, is_run_dir


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def test_names_count_up_beside_each_other(source):
    first, second = RunDir.start(None, source), RunDir.start(None, source)
    assert [run.path.as_posix() for run in (first, second)] == [
        "dataclinic-runs/photos-001",
        "dataclinic-runs/photos-002",
    ]


def test_a_run_is_never_put_inside_the_data(source, monkeypatch):
    monkeypatch.chdir(source)
    run = RunDir.start(None, source)
    assert run.path == source.parent / "dataclinic-runs" / "photos-001"
    assert not any(source.iterdir())


def test_a_folder_with_something_else_in_it_is_refused(tmp_path, source):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.txt").write_text("precious")
    for options in ({}, {"resume": True}, {"fresh": True}):
        with pytest.raises(RunError, match="holds something that is no run"):
            RunDir.start(tmp_path / "notes", source, **options)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError):
        RunDir.start(tmp_path / "file", source)


def test_an_earlier_run_needs_resume_or_fresh(tmp_path, source):
    out = tmp_path / "run"
    RunDir.start(out, source).update(steps={"measure": {"key": "abc", "seconds": 1.0}})
    with pytest.raises(RunError, match="already holds a run"):
        RunDir.start(out, source)
    assert RunDir.start(out, source, resume=True).record["steps"]["measure"]["key"] == "abc"
    assert RunDir.start(out, source, fresh=True).record["steps"] == {}


def test_resume_without_a_path_finds_the_newest_run_of_that_source(source, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    mine = RunDir.start(None, source)
    RunDir.start(None, other)
    assert RunDir.start(None, source, resume=True).path.resolve() == mine.path.resolve()


def test_status_says_how_it_ended(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    with run.recording():
        assert run.record["status"] == "running"
    assert run.record["status"] == "done"
    with pytest.raises(KeyboardInterrupt), run.recording():
        raise KeyboardInterrupt
    assert run.record["status"] == "interrupted"
    with pytest.raises(ZeroDivisionError), run.recording():
        raise ZeroDivisionError("a bug")
    assert run.record["status"] == "failed"
    with pytest.raises(RunError), run.recording():
        raise RunError("disk is full", "free some")
    assert (run.record["status"], run.record["failure"]) == ("failed", "disk is full")


def test_a_finished_step_with_the_same_key_is_not_computed_again(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    calls = []

    def remember(key):
        return run.remember(
            "step",
            key,
            lambda: calls.append(key) or key,
            lambda folder, value: (folder / "step.txt").write_text(value),
            lambda folder: (folder / "step.txt").read_text() or None,
        )

    assert [remember(key) for key in ("a", "a", "b", "b")] == ["a", "a", "b", "b"]
    assert calls == ["a", "b"]
    (run.path / "step.txt").write_text("")
    assert remember("b") == "b"
    assert calls == ["a", "b", "b"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    run.write_json("report.json", {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        run.write_json("report.json", {"a": float("nan")})
    with pytest.raises(AttributeError):
        run.write_table("report.json", None)
    assert run.read_json("report.json") == {"a": 1}
    assert not list(run.path.glob(".*.partial"))


def test_opening_says_what_is_wrong(tmp_path, source):
    with pytest.raises(RunError, match="no such run"):
        RunDir.open(tmp_path / "nothing")
    with pytest.raises(RunError, match="not a run directory"):
        RunDir.open(source)
    run = RunDir.start(tmp_path / "run", source)
    with pytest.raises(RunError, match=r"cannot read .*ranking\.parquet"):
        run.read_table("ranking.parquet")
    (run.path / "ranking.parquet").write_bytes(b"not parquet")
    with pytest.raises(RunError, match=r"cannot read .*ranking\.parquet"):
        run.read_table("ranking.parquet")
    (run.path / "run.json").write_text(json.dumps({"schema": 99}))
    with pytest.raises(RunError, match="form 99"):
        RunDir.open(run.path)
    (run.path / "run.json").write_text("[]")
    assert not is_run_dir(run.path)


def test_tables_round_trip(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    frame = pd.DataFrame({"id": ["<b>", "ü"], "x": [1.0, None]})
    run.write_table("t.parquet", frame)
    pd.testing.assert_frame_equal(run.read_table("t.parquet"), frame)


def test_a_source_whose_name_is_not_text_keeps_the_run_readable(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = tmp_path / os.fsdecode(b"caf\xe9")
    source.mkdir()
    run = RunDir.start(None, source)
    assert is_run_dir(run.path)
    assert run.record["source"] == str(source)


def test_finishing_inside_the_recording_stands(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    with run.recording():
        run.finish()
        assert run.record["status"] == "done"
    assert run.record["status"] == "done"
    with pytest.raises(KeyboardInterrupt), run.recording():  # noqa: PT012 - what counts is the order
        run.finish()
        raise KeyboardInterrupt
    assert run.record["status"] == "interrupted"


def test_an_audit_that_starts_removes_the_results_of_an_earlier_one(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    for name in ("ranking.parquet", "report.html", "predictions.parquet"):
        (run.path / name).write_bytes(b"old")
    RunDir.start(run.path, source, resume=True)
    assert not (run.path / "ranking.parquet").exists()
    assert not (run.path / "report.html").exists()
    assert (run.path / "predictions.parquet").exists()


def test_only_a_finished_run_is_read(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    with pytest.raises(RunError, match="did not finish") as caught:
        RunDir.open_finished(run.path)
    assert "--resume" in caught.value.hint
    run.finish()
    assert RunDir.open_finished(run.path) == run


def test_a_run_that_only_tuned_has_no_ranking_and_says_how_to_go_on(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    (run.path / "tuned.toml").touch()
    with pytest.raises(RunError, match="did not finish"):
        RunDir.open_finished(run.path)
    run.finish()
    with pytest.raises(RunError, match="it only tuned a model") as caught:
        RunDir.open_finished(run.path)
    assert caught.value.hint.endswith(f"dataclinic audit {source.resolve()} --settings {run.path / 'tuned.toml'}")
    (run.path / "ranking.parquet").touch()
    assert RunDir.open_finished(run.path) == run


def test_a_run_of_other_data_is_not_resumed(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(RunError, match="is an audit of"):
        RunDir.start(run.path, other, resume=True)
    assert RunDir.start(run.path, other, fresh=True).record["source"] == str(other)


def test_a_run_inside_the_data_is_refused(source):
    with pytest.raises(RunError, match="lies inside the data"):
        RunDir.start(source / "run", source)
    assert not any(source.iterdir())


@pytest.mark.parametrize(
    "error", [FileNotFoundError("gone"), ValueError("junk"), EOFError("empty"), KeyError("column")]
)
def test_a_step_whose_file_is_broken_is_done_again(tmp_path, source, error):
    def load(_folder):
        raise error

    run = RunDir.start(tmp_path / "run", source)
    for expected in (1, 2):
        assert run.remember("step", "key", lambda value=expected: value, lambda *_: None, load) == expected
    assert "cannot be read" in (run.path / "log.txt").read_text()


def test_a_table_that_lacks_a_column_is_broken(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    run.write_table("t.parquet", pd.DataFrame({"id": ["a"]}))
    assert list(run.read_table("t.parquet", ["id"])) == ["id"]
    with pytest.raises(RunError, match="no column flagged"):
        run.read_table("t.parquet", ["id", "flagged"])


def test_steps_of_the_wrong_shape_are_forgotten(tmp_path, source):
    run = RunDir.start(tmp_path / "run", source)
    run.update(steps=[])
    assert RunDir.start(run.path, source, resume=True).record["steps"] == {}


def test_columns_are_read_without_the_others_and_those_that_are_not_there_are_left_out(tmp_path):
    run = RunDir(tmp_path)
    run.write_table("table.parquet", pd.DataFrame({"a": [1, 2], "b": [3, 4], "c": [5, 6]}))
    assert run.read_columns("table.parquet", ("c", "a", "none")).to_dict("list") == {"c": [5, 6], "a": [1, 2]}
    with pytest.raises(RunError, match=r"cannot read .*other\.parquet"):
        run.read_columns("other.parquet", ("a",))
    (tmp_path / "broken.parquet").write_bytes(b"no table")
    with pytest.raises(RunError, match=r"cannot read .*broken\.parquet"):
        run.read_columns("broken.parquet", ("a",))
