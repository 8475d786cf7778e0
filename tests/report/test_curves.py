"""Training curves: every fit thin, their mean thick, the kept epoch marked, and small however long training was."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from made_galleries import EPOCHS, add_curves
from made_runs import Made, make_run

from dataclinic.errors import RunError
from dataclinic.report.curves import HEIGHT, MOST_FITS, MOST_MODELS, MOST_POINTS, WIDTH, read_curves
from dataclinic.report.html import render_html


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", Made(samples=20, flagged=2, previews=False))


def places(points: str) -> np.ndarray:
    return np.array([[float(part) for part in point.split(",")] for point in points.split()])


def test_a_model_has_two_charts_with_a_line_a_fit_and_a_mean(run):
    add_curves(run)
    (curves,) = read_curves(run)
    assert (curves.model, curves.fits, curves.epochs, curves.kinds) == (
        "tiny_cnn",
        5,
        EPOCHS,
        ("train", "inner", "scored"),
    )
    loss, accuracy = curves.charts
    assert [sum(line.mean for line in chart.lines) for chart in (loss, accuracy)] == [2, 3]
    assert [len(chart.lines) for chart in (loss, accuracy)] == [12, 18]
    for chart in curves.charts:
        for line in chart.lines:
            x, y = places(line.points).T
            assert (x[0], x[-1]) == (0, WIDTH)
            assert y.min() >= 0
            assert y.max() <= HEIGHT


def test_the_mean_lies_where_the_mean_is(run):
    add_curves(run)
    history = run.read_table("training.parquet")
    loss = read_curves(run)[0].charts[0]
    mean = next(line for line in loss.lines if line.mean and line.kind == "train")
    expected = history.groupby("epoch")["loss_nats"].mean().to_numpy()
    ticks = sorted((tick.place, float(tick.text)) for tick in loss.y_ticks)
    read = np.interp(places(mean.points)[:, 1], *zip(*ticks, strict=True))
    assert read == pytest.approx(expected, abs=0.002)


def test_the_axes_have_round_numbers(run):
    add_curves(run)
    loss, accuracy = read_curves(run)[0].charts
    assert [tick.text for tick in loss.y_ticks] == ["0", "1", "2", "3"]
    assert [tick.text for tick in accuracy.y_ticks] == ["40 %", "60 %", "80 %", "100 %"]
    assert [tick.text for tick in accuracy.x_ticks] == ["1", "4", "7", "10"]


def test_the_epoch_whose_weights_are_kept_is_that_of_the_least_inner_loss(run):
    add_curves(run)
    (curves,) = read_curves(run)
    assert (curves.kept.least, curves.kept.median, curves.kept.most) == (5, 7, 9)
    marked = sorted(x for x, _ in curves.charts[0].kept)
    assert marked == pytest.approx([WIDTH * (epoch - 1) / (EPOCHS - 1) for epoch in range(5, 10)], abs=0.06)


def test_without_inner_rows_nothing_is_marked_and_the_page_says_why(run):
    add_curves(run, inner=False)
    (curves,) = read_curves(run)
    assert curves.kept is None
    assert curves.kinds == ("train", "scored")
    assert "all epochs were trained, and the last weights are used" in render_html(run)


def test_long_trainings_and_many_fits_stay_small(run):
    epochs = np.arange(1, 1001)
    fits = [
        pd.DataFrame(
            {"model": "m", "repeat": 0, "fold": fold, "epoch": epochs, "loss_nats": 1 / epochs, "accuracy": 0.5}
        )
        for fold in range(60)
    ]
    run.write_table("training.parquet", pd.concat(fits))
    (curves,) = read_curves(run)
    assert (curves.fits, curves.drawn) == (60, MOST_FITS)
    assert max(len(line.points.split()) for chart in curves.charts for line in chart.lines) == MOST_POINTS
    (section,) = re.findall(r'<section aria-labelledby="training">.*?</section>', render_html(run), re.DOTALL)
    assert len(section) < 60_000


def test_the_mean_ends_where_most_fits_have_stopped(run):
    add_curves(run, folds=4)
    history = run.read_table("training.parquet")
    run.write_table("training.parquet", history[(history["fold"] == 0) | (history["epoch"] <= 6)])
    loss = read_curves(run)[0].charts[0]
    mean = next(line for line in loss.lines if line.mean and line.kind == "train")
    assert places(mean.points)[-1, 0] == pytest.approx(WIDTH * 5 / (EPOCHS - 1), abs=0.06)


def test_values_that_are_no_numbers_leave_gaps_and_nothing_breaks(run):
    add_curves(run)
    history = run.read_table("training.parquet")
    run.write_table("training.parquet", history.assign(loss_nats=np.inf, inner_loss_nats=np.nan, inner_accuracy=np.nan))
    (curves,) = read_curves(run)
    assert [chart.title for chart in curves.charts] == ["Accuracy"]
    assert "nan" not in render_html(run).partition('id="training"')[2].partition("</section>")[0]


def test_a_single_epoch_is_told_but_not_drawn(run):
    add_curves(run)
    history = run.read_table("training.parquet")
    run.write_table("training.parquet", history[history["epoch"] == 1])
    assert read_curves(run)[0].charts == ()
    assert "5 fits of up to 1 epoch;" in render_html(run)


def test_models_without_epochs_are_said_to_have_no_curves(run):
    assert read_curves(run) == ()
    assert "linear_head does not train in epochs, so there are no curves." in render_html(run)


def test_of_many_models_the_first_are_shown(run):
    add_curves(run, tuple("abcdefg"), folds=1)
    assert [one.model for one in read_curves(run)] == list("abcdefg")[:MOST_MODELS]


def test_a_broken_file_is_named(run):
    run.write_table("training.parquet", pd.DataFrame({"model": ["m"]}))
    with pytest.raises(RunError, match=r"training\.parquet"):
        read_curves(run)
