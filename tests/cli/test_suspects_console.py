"""Suspects and the estimate of wrong labels at a terminal of eighty columns."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_judgement import CLEAN, make_judged_run
from made_runs import Made, make_run

from dataclinic.cli.console import print_summary
from dataclinic.report.summary import summarise

WIDTH = 80


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", str(WIDTH))


@pytest.fixture
def judged(tmp_path):
    return make_judged_run(tmp_path / "run", Made(samples=20, flagged=4, previews=False), near=False)


def lines_of(text: str) -> list[str]:
    return text.replace("\N{NO-BREAK SPACE}", " ").splitlines()


def test_suspects_are_listed_with_their_probability_within_eighty_columns(cli, judged, narrow):
    lines = lines_of(cli("suspects", judged.path).out)
    assert max(map(len, lines)) <= WIDTH
    header, *rows = lines[:5]
    assert header.split() == ["#", "Sample", "Given", "Suggested", "Wrong", "Loss", "Named", "by"]
    at = header.index("Wrong")
    assert [row[at - 4 : at + 5].strip().rstrip() for row in rows] == ["> 99 %", "97 %", "95 %", "92 %"]


def test_the_estimate_stands_below_the_list(cli, judged, narrow):
    text = " ".join(" ".join(lines_of(cli("suspects", judged.path).out)).split())
    assert "About 143 of 1,797 labels are wrong (120–170); of the 150 flagged about 91 % are;" in text
    assert text.endswith("4 of 4 suspects among 20 samples")


def test_runs_without_probabilities_show_the_suspicion(cli, tmp_path, narrow):
    run = make_run(tmp_path / "run", Made(samples=20, flagged=4, previews=False))
    out = cli("suspects", run.path).out
    assert "Suspicion" in out.splitlines()[0]
    assert "wrong" not in out.lower()


def test_json_has_the_probability_and_null_where_there_is_none(cli, judged):
    shown = json.loads(cli("suspects", judged.path, "--json", "--all").out)
    assert shown[0]["probability"] == pytest.approx(0.999)
    assert shown[0]["suggested_probability"] == pytest.approx(0.95 * 0.999)
    assert shown[-1]["probability"] is None


def test_the_summary_opens_with_the_estimate_and_the_power(judged, capsys, narrow):
    print_summary(summarise(judged))
    lines = lines_of(capsys.readouterr().out)
    text = " ".join(" ".join(lines).split())
    assert "Labels About 143 of 1,797 labels are wrong (120–170); of the 150 flagged about 91 % are;" in text
    assert "Of 240 errors planted in copies of the labels 93 % were flagged. Suspects 4" in text
    assert "1. photos/" in text
    assert "(> 99 % likely wrong)" in text
    assert max(len(line.rstrip()) for line in lines if not line.startswith(("Report", "Next"))) <= WIDTH


def test_clean_labels_are_told_as_clean(tmp_path, capsys, narrow):
    run = make_judged_run(tmp_path / "run", Made(samples=20, flagged=0, previews=False), CLEAN, near=False)
    print_summary(summarise(run))
    assert "The labels look clean: about 2 of" in capsys.readouterr().out


def test_checks_that_say_nothing_are_named_on_one_line(judged, capsys, narrow):
    print_summary(summarise(judged))
    lines = [line.split() for line in lines_of(capsys.readouterr().out)]
    assert ["Nothing", "found", "high_loss"] in lines
    assert ["Did", "not", "apply", "split_leakage"] in lines
    assert ["Skipped", "zscore_outliers"] in lines
    assert any(line[:2] == ["dark_images", "failed"] for line in lines)
    assert any(line[:2] == ["near_duplicates", "3"] for line in lines)
