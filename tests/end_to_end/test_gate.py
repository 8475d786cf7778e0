"""Limits, baselines and comparisons through the real program, on real audits of data with planted errors."""

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from dataclinic.seeding import rng_for

QUICK = ("--model", "linear_head", "--folds", "3", "--repeats", "2", "--planted-copies", "0", "--fixes", "none")
SAMPLES, SWITCHED = 300, 20

# One worker for all of them: they share the run that they begin with.
pytestmark = pytest.mark.xdist_group("gate")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Class folders of 300 handwritten digits, 20 in a wrong one: they are named so."""
    folder = tmp_path_factory.mktemp("data") / "digits"
    pictures, true = load_digits(return_X_y=True)
    switched = set(rng_for(0, "gate digits").choice(SAMPLES, SWITCHED, replace=False).tolist())
    for row in range(SAMPLES):
        wrong = row in switched
        place = folder / str((true[row] + 3) % 10 if wrong else true[row])
        place.mkdir(parents=True, exist_ok=True)
        name = f"{row:04}-{'wrong' if wrong else 'right'}-{true[row]}.png"
        Image.fromarray(np.asarray(255 - pictures[row].reshape(8, 8) * 15.9, np.uint8)).save(place / name)
    return folder


@pytest.fixture(scope="module")
def audited(digits):
    """The run of an audit of these digits, beside them."""
    words = ["audit", str(digits), "--encoder", "kmeans_patches", *QUICK, "--out", str(digits.parent / "before")]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    subprocess.run([sys.executable, "-m", "dataclinic", *words], capture_output=True, check=True, env=environment)
    return digits.parent / "before"


def test_a_cleaned_data_set_passes_against_its_baseline_and_shows_what_was_fixed(cli, digits, audited, tmp_path):
    assert cli("check", audited, "--fail-on", "label_errors > 2%, unreadable > 0").code == 1

    cleaned = tmp_path / "cleaned"
    shutil.copytree(digits, cleaned)
    suspects = json.loads(cli("suspects", audited, "--top", "1000", "--json").out)
    wrong = {suspect["id"] for suspect in suspects if "wrong" in suspect["id"]}
    assert len(wrong) >= 0.8 * SWITCHED
    for name in wrong:
        picture = cleaned / name
        picture.rename(cleaned / picture.stem[-1] / picture.name)

    words = ("audit", cleaned, "--encoder", "kmeans_patches", *QUICK, "--out", "after")
    again = cli(*words, "--fail-on", "label_errors > 1%", "--baseline", audited, "--json")
    assert again.code == 0, again.err
    gate = json.loads(again.out)["gate"]
    assert (gate["verdict"], gate["baseline"]) == ("held", str(audited))

    told = json.loads(cli("compare", audited, "after", "--json").out)
    relabelled = {change["id"] for change in told["changes"]["fixed"] if change["how"] == "relabelled"}
    assert len(relabelled) >= 0.9 * len(wrong)
    assert all("wrong" in name and name[0] == name[-5] for name in relabelled)
    assert told["samples"]["relabelled"] == len(wrong)
    assert told["suspects"]["new"] <= 5
    assert told["estimated_errors"]["after"]["value"] < told["estimated_errors"]["before"]["value"] / 2

    table = " ".join(cli("compare", audited, "after").out.split())
    assert f"{len(relabelled)} relabelled" in table
    assert "not paired" in table
    # What was cleaned away is new when it comes back.
    back = cli("check", audited, "--fail-on", "label_errors > 1%", "--baseline", "after")
    assert back.code == 1
    assert "✗ broken" in back.out


def test_ci_files_are_written_beside_the_verdict(cli, audited, tmp_path):
    files = ("--junit", "report.xml", "--sarif", "problems.sarif")
    result = cli("check", audited, "--fail-on", "label_errors > 2%, split_leakage > 0", *files)
    assert result.code == 1
    suite = ET.parse(tmp_path / "report.xml").getroot()[0]  # noqa: S314 - we wrote it
    assert int(suite.get("failures")) == 1
    run = json.loads((tmp_path / "problems.sarif").read_text(encoding="utf-8"))["runs"][0]
    errors = [one for one in run["results"] if one["level"] == "error"]
    assert len(errors) >= 0.8 * SWITCHED
    uris = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in errors]
    assert sum("wrong" in uri for uri in uris) >= 0.8 * SWITCHED
    assert "Traceback" not in result.err


def test_the_program_itself_exits_with_one_where_a_limit_is_broken(audited):
    words = [sys.executable, "-m", "dataclinic", "check", str(audited), "--fail-on", "label_errors > 0"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == ""
    assert "… and" in done.stdout


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("label_errors >> 2", "expected a number"),
        ("label_erors > 2", "did you mean 'label_errors'?"),
        ("mae > 2", "cannot say whether this is too much: mae > 2"),
        ("", "there is no limit to check"),
    ],
)
def test_what_cannot_be_said_exits_with_two_and_two_lines(cli, audited, expression, told):
    result = cli("check", audited, "--fail-on", expression)
    assert result.code == 2
    assert told in result.err
    assert len(result.err.splitlines()) == 2


def test_runs_that_are_none_exit_with_two(cli, audited, tmp_path):
    for words in (
        ("check", "gone", "--fail-on", "dark > 0"),
        ("compare", "gone", audited),
        ("compare", audited, "gone"),
    ):
        result = cli(*words)
        assert (result.code, "no such run" in result.err) == (2, True)
    assert "no such run" in cli("check", audited, "--fail-on", "dark > 0", "--baseline", "gone").err
    shutil.copytree(audited, "unfinished")
    record = json.loads((tmp_path / "unfinished" / "run.json").read_text(encoding="utf-8"))
    (tmp_path / "unfinished" / "run.json").write_text(json.dumps({**record, "status": "interrupted"}))
    assert "did not finish" in cli("check", "unfinished", "--fail-on", "dark > 0").err
    assert cli("compare", "unfinished", audited).code == 2


def test_a_file_that_cannot_be_written_is_told(cli, audited):
    result = cli("check", audited, "--fail-on", "dark > 0", "--junit", "no/such/folder/report.xml")
    assert result.code == 2
    assert "cannot write no/such/folder/report.xml" in result.err


class TestAudit:
    def test_exits_with_one_after_the_whole_audit_where_a_limit_is_broken(self, cli, survey, tmp_path):
        result = cli("audit", survey.path, "--label", "grade", *QUICK, "--out", "run", "--fail-on", "label_errors > 2%")
        assert result.code == 1, result.err
        assert "✗ broken" in result.out
        assert result.out.index("Most suspect") < result.out.index("label_errors > 2%")
        assert (tmp_path / "run" / "report.html").exists()
        # The settings of the run hold the limits, so that they can be checked again without a word.
        assert cli("check", "run").code == 1

    def test_takes_limits_from_the_settings(self, cli, survey, tmp_path):
        (tmp_path / "dataclinic.toml").write_text('label = "grade"\nfail_on = """\nlabel_errors > 2%\ndark > 0\n"""\n')
        settings = ("--settings", "dataclinic.toml", "--out", "run")
        assert cli("audit", survey.path, *QUICK, *settings).code == 1
        assert cli("audit", survey.path, *QUICK, *settings, "--fresh", "--fail-on", "label_errors > 90%").code == 0

    def test_tells_mistakes_before_it_begins(self, cli, survey, tmp_path):
        words = ("audit", survey.path, "--label", "grade", *QUICK, "--out", "run")
        assert "knows no 'label_eror'" in cli(*words, "--fail-on", "label_eror > 1").err
        assert "no such run" in cli(*words, "--fail-on", "label_errors > 1", "--baseline", "gone").err
        assert cli(*words, "--baseline", "gone").code == 2
        assert not (tmp_path / "run").exists()

    def test_does_not_overwrite_its_baseline(self, cli, survey, tmp_path):
        words = ("audit", survey.path, "--label", "grade", *QUICK, "--out", "run")
        assert cli(*words).code == 0
        before = (tmp_path / "run" / "ranking.parquet").read_bytes()
        result = cli(*words, "--fresh", "--fail-on", "label_errors > 1", "--baseline", "run")
        assert (result.code, "the run itself" in result.err) == (2, True)
        assert (tmp_path / "run" / "ranking.parquet").read_bytes() == before

    def test_exits_with_two_where_a_check_failed_unless_a_limit_is_broken(self, cli, survey, monkeypatch):
        def broken(*_args, **_kwargs):
            raise ValueError("Input contains infinity")

        monkeypatch.setattr("cleanlab.filter.find_label_issues", broken)
        words = ("audit", survey.path, "--label", "grade", *QUICK, "--out", "run", "--fresh", "--fail-on")
        held = cli(*words, "label_errors > 90%")
        assert (held.code, "1 checks failed" in held.err) == (2, True)
        assert cli(*words, "label_errors > 2%, checks.label_errors > 2%").code == 1
        unanswered = cli("check", "run", "--fail-on", "checks.label_errors > 2%")
        assert (unanswered.code, "Input contains infinity" in unanswered.err) == (2, True)

    def test_of_a_table_places_problems_on_its_lines(self, cli, survey, tmp_path):
        assert cli("audit", survey.path, "--label", "grade", *QUICK, "--out", "run").code == 0
        assert cli("check", "run", "--fail-on", "suspects > 2%", "--sarif", "problems.sarif").code == 1
        run = json.loads((tmp_path / "problems.sarif").read_text(encoding="utf-8"))["runs"][0]
        ranking = pd.read_parquet(tmp_path / "run" / "ranking.parquet")
        flagged = ranking.loc[ranking["flagged"], "row"]
        physical = [one["locations"][0]["physicalLocation"] for one in run["results"] if one["level"] == "error"]
        assert [one["region"]["startLine"] for one in physical] == [row + 2 for row in flagged]
        assert {one["artifactLocation"]["uri"] for one in physical} == {"survey.csv"}
