"""Gains read as a person writes them: with a true minus sign, in points, and never as a share of a share."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_trials import MadeTrials, trials_content
from pydantic import TypeAdapter

from dataclinic.report import gains
from dataclinic.report.trials import EpochsToBaseline, LabelNoise, Trials

UNITS = st.sampled_from(["pp", "nats", "target units"])


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.84, "pp", "+1.8"),
        (-0.3, "pp", "−0.3"),
        (0.04, "pp", "+0.04"),
        (-0.0999, "pp", "−0.1"),
        (0.0, "pp", "+0.0"),
        (-0.0, "pp", "+0.0"),
        (-0.004, "pp", "+0.0"),
        (12.0, "pp", "+12.0"),
        (-0.0213, "nats", "−0.021"),
        (-0.0001, "nats", "+0.000"),
        (1234.6, "target units", "+1,230"),
        (-0.00123, "target units", "−0.00123"),
        (None, "pp", "–"),
    ],
)
def test_signed(value, unit, text):
    assert gains.signed(value, unit) == text


@given(st.floats(-1e6, 1e6), UNITS)
def test_signs_are_right_and_nothing_is_minus_zero(value, unit):
    text = gains.signed(value, unit)
    assert text[0] in "+−"
    size = float(text[1:].replace(",", ""))
    assert text[0] == ("−" if value < 0 and size else "+")


@given(st.floats(-100, 100))
def test_points_keep_one_digit_and_two_below_a_tenth(value):
    text = gains.signed(value, "pp")
    assert re.fullmatch(r"[+−]\d+\.\d|[+−]0\.0[1-9]", text)
    assert abs(float(text.replace("−", "-")) - value) <= (0.05001 if abs(value) >= 0.1 else 0.00501)


@given(st.floats(-1e4, 1e4), st.floats(0, 1e4), UNITS)
def test_an_interval_reads_from_low_to_high(low, width, unit):
    ends = gains.interval((low, low + width), unit).split(" to ")
    low_end, high_end = (float(end.replace("−", "-").replace(",", "")) for end in ends)
    assert low_end <= high_end


def test_a_reduction_of_errors_is_named_as_such():
    assert plain(gains.removes(0.14, "accuracy")) == "removes 14 % of the errors"
    assert plain(gains.removes(-0.052, "accuracy")) == "adds 5 % to the errors"
    assert plain(gains.removes(0.004, "mae")) == "removes less than 1 % of the mean absolute error"
    assert gains.removes(None, "accuracy") == ""
    assert [plain(gains.reduction(share)) for share in (0.14, -0.02, -0.001, None)] == ["14 %", "−2 %", "0 %", "–"]


@pytest.mark.parametrize(("p", "text"), [(0.0004, "< 0.001"), (0.034, "0.034"), (0.614, "0.61"), (None, "–")])
def test_p_values(p, text):
    assert gains.p_value(p) == text


def test_names_of_fixes():
    assert gains.fix_title("relabel_suspects + smote") == "Relabel suspects + SMOTE"


def test_what_noise_hides():
    assert plain(gains.hidden(LabelNoise(0.08, 0.089))) == (
        "About 8 % of the given labels look wrong; scores on them can hide about 9 % of a true gain."
    )


def test_epochs_to_the_baseline():
    assert gains.epochs(EpochsToBaseline(18.2, 11.4)) == (
        "reaches the untreated accuracy after 11.4 instead of 18.2 epochs"
    )


def test_those_not_tried_in_a_line_failed_ones_first():
    trials = TypeAdapter(Trials).validate_python(trials_content(MadeTrials()))
    assert gains.untried_line(trials.untried) == (
        "Failed: Borderline SMOTE. Did not apply: Drop duplicates, Logit adjustment, Test time augmentation."
    )


def test_many_not_tried_are_counted():
    many = tuple((f"fix_{at}", "did not apply", "no pictures") for at in range(25))
    trials = TypeAdapter(Trials).validate_python(trials_content(MadeTrials(untried=many)))
    assert gains.untried_line(trials.untried).endswith("Fix 6, Fix 7 and 17 more.")


def test_next_to_no_noise_is_not_told_as_zero_percent():
    assert "Hardly any" in gains.hidden(LabelNoise(0.001, 0.002))
    assert "0 %" not in plain(gains.hidden(LabelNoise(0.0, 0.0)))
