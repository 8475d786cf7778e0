"""Signals of training dynamics by hand, against brute force, and their bounds."""

import itertools
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from dataclinic.methods.training_dynamics import area_under_margin, confidence_and_variability, forgetting_events

SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9)
MARGINS = arrays(np.float32, SHAPES, elements=st.floats(-20, 20, width=32))
PROBS = arrays(np.float32, SHAPES, elements=st.floats(0, 1, width=32))

# Four epochs of four rows: learned and kept, learned and lost twice, never right, right until the end only just.
COURSE = np.array([[-1, 2, -3, 0.5], [1, -2, -1, 0.5], [2, 2, -2, 0.5], [2, -2, -2, 0]], np.float32)


def test_area_under_margin_by_hand():
    np.testing.assert_array_equal(area_under_margin(COURSE), [1, 0, -2, 0.375])


def test_forgetting_events_by_hand():
    """A margin of 0 is a tie with another class, so it is not right."""
    np.testing.assert_array_equal(forgetting_events(COURSE), [0, 2, 0, 1])


def test_confidence_and_variability_by_hand():
    # Deviations from 0.6 are 0.4 and 0.4; from 0.5 nothing.
    confidence, variability = confidence_and_variability(np.array([[0.2, 0.5], [1.0, 0.5]], np.float32))
    np.testing.assert_allclose(confidence, [0.6, 0.5], rtol=1e-6)
    np.testing.assert_allclose(variability, [0.4, 0], rtol=1e-6)


@given(MARGINS)
def test_margin_signals_are_what_a_loop_over_rows_gives(margins):
    areas, events = area_under_margin(margins), forgetting_events(margins)
    for row, course in enumerate(margins.T.tolist()):
        assert areas[row] == pytest.approx(statistics.fmean(course), abs=1e-12)
        assert events[row] == sum(before > 0 >= after for before, after in itertools.pairwise(course))


@given(PROBS)
def test_probability_signals_are_what_a_loop_over_rows_gives(probs):
    confidence, variability = confidence_and_variability(probs)
    for row, course in enumerate(probs.T.tolist()):
        assert confidence[row] == pytest.approx(statistics.fmean(course), abs=1e-12)
        assert variability[row] == pytest.approx(statistics.pstdev(course), abs=1e-9)


@given(MARGINS)
def test_a_row_is_forgotten_at_most_every_other_epoch(margins):
    assert (forgetting_events(margins) <= len(margins) // 2).all()


@given(MARGINS, st.floats(0.125, 8, width=32))
def test_larger_logits_of_the_same_order_forget_nothing_more(margins, factor):
    whole = np.round(margins)  # no product of these underflows to 0, which would be another answer
    np.testing.assert_array_equal(forgetting_events(whole * np.float32(factor)), forgetting_events(whole))
    np.testing.assert_allclose(
        area_under_margin(whole * np.float32(factor)), factor * area_under_margin(whole), rtol=1e-5, atol=1e-4
    )


@given(PROBS)
def test_probability_signals_are_bounded(probs):
    confidence, variability = confidence_and_variability(probs)
    assert ((confidence >= 0) & (confidence <= 1)).all()
    assert ((variability >= 0) & (variability <= 0.5 + 1e-9)).all()


def test_many_epochs_add_up_in_double_precision():
    """A float32 sum of 100,000 equal numbers is off in the third digit."""
    confidence, variability = confidence_and_variability(np.full((100_000, 1), 0.1, np.float32))
    assert confidence[0] == pytest.approx(float(np.float32(0.1)), abs=1e-12)
    assert variability[0] == pytest.approx(0, abs=1e-12)
