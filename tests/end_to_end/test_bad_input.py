"""Every expected failure is two lines on stderr, exit code 2, nothing on stdout, no traceback."""

import os

import pandas as pd
import pytest

from dataclinic.cli import app

QUICK = ("--model", "linear_head", "--folds", "3", "--repeats", "2", "--fixes", "none")


def fails(result, message, hint=""):
    lines = result.err.splitlines()
    lines = [line for line in lines if not line.endswith(" …")]
    assert result.code == 2, result
    assert result.out == ""
    assert len(lines) == 2, result.err
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("hint: ")
    assert message in lines[0]
    assert hint in lines[1]
    return lines


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_missing_path_leaves_no_run_behind(cli, tmp_path):
    fails(cli("audit", "phots"), "no such file or folder: phots")
    assert not (tmp_path / "dataclinic-runs").exists()


def test_empty_folder(cli, tmp_path):
    (tmp_path / "photos").mkdir()
    fails(cli("audit", "photos"), "photos", "class folders")


def test_a_file_that_is_no_table(cli, tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    fails(cli("audit", "notes.txt"), "notes.txt", ".parquet")


def test_broken_parquet(cli, tmp_path):
    (tmp_path / "survey.parquet").write_bytes(b"PAR1 this is no parquet file")
    fails(cli("audit", "survey.parquet"), "survey.parquet")


def test_no_label_column_names_the_columns(cli, tmp_path):
    pd.DataFrame({"width": [1.5, 2.5, 3.1], "height": [1.2, 2.1, 3.3]}).to_csv(tmp_path / "t.csv", index=False)
    lines = fails(cli("audit", "t.csv"), "label")
    assert "width" in " ".join(lines)
    assert "height" in " ".join(lines)


def test_wrong_label_column_hints_at_the_nearest(cli, survey):
    fails(cli("audit", survey.path, "--label", "grad"), "grad", "grade")


def test_one_class_only(cli, survey):
    survey.frame.assign(grade="low").to_csv(survey.path, index=False)
    fails(cli("audit", survey.path, "--label", "grade"), "class")


def test_duplicate_ids(cli, survey):
    survey.frame.assign(key=["same"] * 2 + [f"k{row}" for row in range(238)]).to_csv(survey.path, index=False)
    fails(cli("audit", survey.path, "--label", "grade", "--id", "key"), "same")


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (["--model", "liner_head"], "unknown model 'liner_head'", "did you mean 'linear_head'?"),
        (["--encoder", "raw_colums"], "unknown encoder 'raw_colums'", "did you mean 'raw_columns'?"),
        (["--skip", "label-error"], "unknown check 'label-error'", "did you mean 'label_errors'?"),
        (["--device", "cudda"], "unknown device 'cudda'", "did you mean 'cuda'?"),
        (["--set", "checks.high_loss.facto=2"], "facto", "did you mean 'factor'?"),
        (["--set", "checks.high_loss.factor=wide"], "checks.high_loss.factor cannot be 'wide'", "number"),
        (["--folds", "1"], "folds cannot be 1", "greater than or equal to 2"),
        (["--folds", "many"], "--folds", "--help"),
        (["--fold", "3"], "--fold", "--help"),
        (["--settings", "missing.toml"], "missing.toml", "TOML"),
    ],
)
def test_wrong_option_values(cli, survey, options, message, hint):
    fails(cli("audit", survey.path, *options), message, hint)


def test_unknown_command_kind_and_run(cli):
    fails(cli("audti"), "audti")
    fails(cli("list", "chekcs"), "unknown kind 'chekcs'", "did you mean 'checks'?")
    fails(cli("suspects", "nowhere"), "no such run: nowhere")
    fails(cli("report", "."), "not a run directory")


def test_an_encoder_that_does_not_fit_the_data(cli, survey):
    fails(cli("audit", survey.path, "--label", "grade", "--encoder", "timm_image"), "timm_image")


def test_weights_that_are_not_there(cli, photos):
    fails(cli("audit", photos, "--weights", "nowhere.safetensors"), "nowhere.safetensors")


def test_no_picture_can_be_read(cli, photos):
    for path in photos.rglob("*.png"):
        path.write_bytes(b"no picture")
    fails(cli("audit", photos, *QUICK), "0 of 90 samples can be read")


def test_run_directory_that_holds_something_else(cli, survey, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("precious")
    fails(cli("audit", survey.path, "--out", "thesis", "--fresh"), "thesis holds something that is no run")
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "precious"


def test_run_directory_that_cannot_be_written(cli, survey):
    fails(cli("audit", survey.path, "--out", "/dev/null/run"), "/dev/null/run", "--out")


def test_no_permission_to_write_the_run(cli, survey, tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    fails(cli("audit", survey.path, "--out", tmp_path / "run"), "Permission denied", "--out")


def test_hostile_names_stay_on_their_two_lines(cli):
    fails(cli("audit", "no\nsuch\x1b[31m file"), "no such [31m file")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, app.typer.Abort])
def test_ctrl_c_is_130(cli, survey, monkeypatch, stop):
    def interrupted(*_args, **_kwargs):
        raise stop

    monkeypatch.setattr("dataclinic.cli.audit.run_audit", interrupted)
    result = cli("audit", survey.path)
    assert result.code == 130
    assert result.err == "interrupted: an audit that had begun goes on with --resume\n"


def test_a_group_that_is_the_label_leaves_nothing_to_judge(cli, survey):
    fails(
        cli("audit", survey.path, "--label", "grade", "--group", "grade", *QUICK),
        "no sample could be judged",
        "--group",
    )


def test_no_check_left(cli, survey):
    options = ["--only", "high_loss", "--skip", "high-loss"]
    fails(cli("audit", survey.path, "--label", "grade", *QUICK, *options), "leave no check")


def test_a_failed_audit_does_not_show_the_suspects_of_an_earlier_one(cli, survey, tmp_path):
    assert cli("audit", survey.path, "--label", "grade", *QUICK, "--out", "run").code == 0
    broken = survey.frame.assign(grade="low")
    broken.to_csv(tmp_path / "other.csv", index=False)
    fails(cli("audit", "other.csv", "--label", "grade", "--out", "run", "--resume"), "is an audit of")
    assert cli("suspects", "run").code == 0
    fails(cli("audit", "other.csv", "--label", "grade", "--out", "run", "--fresh"), "class")
    for command in (["suspects", "run"], ["report", "run"], ["export", "run", "cleaned"]):
        fails(cli(*command), "did not finish", "--resume")


def test_a_full_disk_is_no_traceback(cli, survey, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dataclinic.rundir.directory.RunDir.write_table", full)
    fails(cli("audit", survey.path, "--label", "grade", *QUICK), "No space left on device", "disk space")


class TestExport:
    @pytest.fixture
    def run(self, cli, survey, tmp_path):
        assert cli("audit", survey.path, "--label", "grade", *QUICK, "--out", tmp_path / "run").code == 0
        return tmp_path / "run"

    def test_a_destination_that_exists(self, cli, run, tmp_path):
        (tmp_path / "cleaned").mkdir()
        (tmp_path / "cleaned" / "old.csv").write_text("a,b")
        fails(cli("export", run, tmp_path / "cleaned", "--apply", "drop", "--write"), "cleaned is not empty")
        fails(cli("export", run, tmp_path / "new", "--write"), "nothing to apply", "--apply")
        assert os.listdir(tmp_path / "cleaned") == ["old.csv"]

    def test_a_source_that_changed_or_went_away(self, cli, run, survey, tmp_path):
        survey.path.write_text(survey.path.read_text() + "\n")
        fails(cli("export", run, tmp_path / "cleaned"), "changed since the audit", "audit")
        survey.path.unlink()
        fails(cli("export", run, tmp_path / "cleaned"), "no such file or folder")

    def test_a_wrong_way_to_apply(self, cli, run, tmp_path):
        fails(cli("export", run, tmp_path / "cleaned", "--apply", "burn"), "burn")
        fails(cli("export", run, tmp_path / "cleaned", "--min-probability", "2"), "min-probability")
