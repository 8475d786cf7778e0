"""A report of numbers: errors instead of accuracy, a picture of given against predicted, no classes anywhere."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_runs import HOSTILE, Made, change_record, make_run, read_report

from dataclinic.cli.console import print_summary
from dataclinic.errors import RunError
from dataclinic.report.html import render_html, write_report
from dataclinic.report.summary import summarise, summary_json
from dataclinic.report.synopsis import synopsis
from dataclinic.report.targets import MOST_POINTS, SIDE, target_plot

NUMBERS = Made(kind="table", task="regression", samples=300, flagged=12)


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", NUMBERS)


def test_summary_holds_errors_and_no_classes(run):
    summary = summarise(run)
    assert (summary.task, summary.classes, summary.accuracy) == ("regression", (), None)
    assert summary.errors is not None
    assert (summary.errors.models.mae, summary.errors.of_median.mae) == (312.5, 1204.0)
    assert summary.errors.mae_per_repeat == (310.0, 315.0)
    json.dumps(summary_json(summary), allow_nan=False)


def test_words_speak_of_numbers(run):
    looked, wrong, do = synopsis(summarise(run)).sentences
    assert looked.startswith("300 rows with a number each (280 train, 20 test; 4 more without a label left out) were")
    assert "it is off by 312.5 in the mean, where always saying the median is off by 1,204." in looked
    assert wrong.startswith("12 given labels")
    assert do.startswith("Look at the suspects")


def test_page_shows_errors_and_a_dot_for_each_judged_sample(run):
    page = render_html(run)
    assert "Mean absolute" in page
    assert "3,650" in page
    assert page.count('<circle class="other"') == 287
    assert page.count('<circle class="suspect"') == 12
    assert "off by" in page
    for of_classes in ("Confusions", "Class table", "Cross-entropy", "Telling value", "None", "nan"):
        assert of_classes not in page, of_classes


def test_json_report_has_an_empty_class_table(run):
    write_report(run)
    report = read_report(run)
    assert report["class_table"] == []
    assert report["errors"]["models"]["r2"] == 0.41
    assert len(report["first_suspects"]) == 12


def test_hostile_names_do_nothing(tmp_path):
    made = Made(kind="table", task="regression", classes=HOSTILE, hostile_ids=True)
    assert "<script>document" not in render_html(make_run(tmp_path / "run", made))


def test_console_prints_errors_beside_those_of_the_median(run, capsys):
    print_summary(summarise(run))
    out = " ".join(capsys.readouterr().out.split())
    assert "Samples 300;" in out
    assert "mean absolute 312.5 (1,204)" in out
    assert "R² 0.41" in out
    assert "Accuracy" not in out


def test_a_run_without_errors_or_columns_says_so(run):
    change_record(run, errors=None)
    assert "No model was trained" in render_html(run)
    ranking = run.read_table("ranking.parquet")
    run.write_table("ranking.parquet", ranking.drop(columns="prediction"))
    with pytest.raises(RunError, match="lacks the column prediction"):
        render_html(run)


def test_broken_errors_are_refused(run):
    change_record(run, errors={"mae": "much"})
    with pytest.raises(RunError, match=r"run\.json"):
        summarise(run)


def test_dots_stand_where_the_numbers_say(run):
    ranking = run.read_table("ranking.parquet").dropna(subset=["prediction"]).sort_values("rank")
    plot = target_plot(ranking)
    others = ranking[~ranking["flagged"]]
    step = SIDE / (plot.high - plot.low)
    for point, (_, row) in zip(plot.others, others.iterrows(), strict=True):
        assert point.x == pytest.approx((row["target"] - plot.low) * step, abs=0.06)
        assert point.y == pytest.approx(SIDE - (row["prediction"] - plot.low) * step, abs=0.06)
        assert not point.edge
    assert plot.outside == (ranking["target"] > plot.high).sum() > 0
    assert all(point.x == SIDE for point in plot.suspects if point.edge)


def test_many_samples_are_thinned_and_hopeless_numbers_are_not_drawn(run):
    ranking = run.read_table("ranking.parquet")
    many = ranking.loc[np.arange(len(ranking)).repeat(20)].assign(flagged=False)
    plot = target_plot(many.assign(rank=np.arange(len(many))))
    assert plot.drawn == len(plot.others) == MOST_POINTS
    assert target_plot(ranking.assign(prediction=np.nan)) is None
    assert target_plot(ranking.assign(target=1e308, prediction=-1e308, flagged=False)) is None
    same = target_plot(ranking.assign(target=5.0, prediction=5.0, flagged=False))
    assert (same.low, same.high) == (0.0, 10.0)
