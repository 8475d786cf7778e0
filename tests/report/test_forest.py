"""The forest plot draws numbers where they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_trials import MadeTrials, trials_content
from pydantic import TypeAdapter

from dataclinic.report.forest import MOST_ROWS, WIDTH, forest_plot
from dataclinic.report.trials import Trials

ADAPTER = TypeAdapter(Trials)


def trials_of(made: MadeTrials | None = None) -> Trials:
    return ADAPTER.validate_python(trials_content(made or MadeTrials()))


GAINS = st.lists(st.tuples(st.floats(-50, 50), st.floats(0, 30)), min_size=1, max_size=12)


@given(GAINS)
def test_places_are_in_the_order_of_the_gains_on_the_right_side_of_zero(pairs):
    arms = tuple((f"fix_{at}", None, gain, half, "no measurable effect") for at, (gain, half) in enumerate(pairs))
    trials = trials_of(MadeTrials(arms=arms, combined=False))
    plot = forest_plot(trials)
    assert plot is not None
    assert 0 < plot.zero < WIDTH
    gains = [arm.measured.gain for arm in trials.tried]
    places = [row.place for row in plot.rows]
    assert places == sorted(places, reverse=True)
    for gain, row in zip(gains, plot.rows, strict=True):
        assert 0 <= row.place <= WIDTH
        if gain > 0:
            assert row.place >= plot.zero
        if gain < 0:
            assert row.place <= plot.zero
        assert row.bar is not None
        assert row.bar.low <= row.place <= row.bar.high


def test_a_gain_is_as_far_from_zero_as_the_scale_says():
    plot = forest_plot(trials_of())
    assert plot is not None
    at = {tick.text: tick.place for tick in plot.ticks}
    point = (at["+2"] - at["−2"]) / 4
    first = plot.rows[0]
    assert (first.title, first.gain, first.interval) == ("Relabel suspects", "+1.8", "+1.1 to +2.5")
    assert at["0"] == plot.zero
    assert first.place == pytest.approx(plot.zero + 1.8 * point, abs=0.05)
    assert first.bar is not None
    assert (first.bar.low, first.bar.high) == pytest.approx(
        (plot.zero + 1.1 * point, plot.zero + 2.5 * point), abs=0.05
    )
    assert not plot.cut


def test_arms_that_drop_rows_have_their_control_and_others_none():
    plot = forest_plot(trials_of())
    assert plot is not None
    assert [row.title for row in plot.rows if row.control] == ["Drop label errors", "Drop outliers", "Undersample"]


def test_the_combination_stands_apart():
    plot = forest_plot(trials_of())
    assert plot is not None
    assert plot.combination is not None
    assert (plot.combination.title, plot.combination.gain) == ("Relabel suspects + Class weights", "+2.1")
    assert len(plot.rows) == 10


def test_one_wild_interval_does_not_squeeze_the_others_and_is_marked():
    calm = [(f"fix_{at}", None, 0.1 * at, 0.5, "no measurable effect") for at in range(8)]
    wild = ("wild", None, 0.0, 400.0, "no measurable effect")
    plot = forest_plot(trials_of(MadeTrials(arms=(*calm, wild), combined=False)))
    assert plot is not None
    row = next(row for row in plot.rows if row.title == "Wild")
    assert row.bar is not None
    assert (row.bar.low, row.bar.high, row.bar.cut_low, row.bar.cut_high) == (0, WIDTH, True, True)
    assert plot.cut
    others = [other.bar for other in plot.rows if other.title != "Wild" and other.bar]
    assert min(bar.high - bar.low for bar in others) > 5
    assert not any(bar.cut_low or bar.cut_high for bar in others)


def test_a_gain_without_bounds_is_a_mark_alone():
    trials = trials_of()
    bare = [
        replace(arm, metrics={arm.metric: replace(arm.measured, interval=None)}, control_interval=None)
        for arm in trials.tried
    ]
    plot = forest_plot(replace(trials, arms=bare, combination=None))
    assert plot is not None
    assert all(row.bar is None for row in plot.rows)
    assert plot.rows[0].place > plot.zero > plot.rows[-1].place


def test_gains_of_nothing_at_all_are_drawn_at_zero():
    plot = forest_plot(trials_of(MadeTrials(arms=(("same", None, 0.0, 0.0, "no measurable effect"),), combined=False)))
    assert plot is not None
    assert plot.rows[0].place == plot.zero == pytest.approx(WIDTH / 2)


def test_no_more_rows_than_fit_on_a_page_and_no_plot_of_nothing():
    arm = ("fix", None, 0.2, 0.5, "no measurable effect")
    plot = forest_plot(trials_of(MadeTrials(arms=(arm,) * 90)))
    assert plot is not None
    assert len(plot.rows) == MOST_ROWS
    assert forest_plot(trials_of(MadeTrials(arms=(), combined=False))) is None


def test_the_axis_names_metric_and_unit():
    plots = [forest_plot(trials_of(made)) for made in (MadeTrials(), MadeTrials(task="regression"))]
    assert [plot.axis for plot in plots if plot] == [
        "Gain in accuracy, percentage points",
        "Reduction of mean absolute error, target units",
    ]


def test_the_plot_is_told_in_words():
    plot = forest_plot(trials_of())
    assert plot is not None
    assert "relabel 212 of 16,000 labels: +1.8" in plot.told
