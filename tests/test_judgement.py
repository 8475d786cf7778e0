"""Verdicts are placed among all samples, and taken of some."""

import numpy as np
import pytest

from dataclinic.judgement import DetectionPower, Estimate, Judgement


@pytest.fixture
def verdicts():
    return Judgement(
        suspicion=np.array([1.0, -2.0, 0.5]),
        probability=np.array([0.8, 0.1, 0.6]),
        flagged=np.array([True, False, True]),
        suggested=np.array([1, 0, 1]),
        suggested_probability=np.array([0.7, 0.1, 0.5]),
        signals={"margin": np.array([2.0, -1.0, 0.0])},
        errors=Estimate(1.5, 1.0, 2.0),
        threshold=0.4,
        power=DetectionPower(10, 0.9),
        weights={"margin": 1.0},
    )


def test_others_have_no_verdict_and_classes_get_their_own_numbers(verdicts):
    whole = verdicts.placed(np.array([4, 0, 1]), 5, np.array([3, 7]))
    nan = np.nan
    np.testing.assert_array_equal(whole.suspicion, [-2, 0.5, nan, nan, 1])
    np.testing.assert_array_equal(whole.probability, [0.1, 0.6, nan, nan, 0.8])
    np.testing.assert_array_equal(whole.suggested_probability, [0.1, 0.5, nan, nan, 0.7])
    np.testing.assert_array_equal(whole.signals["margin"], [-1, 0, nan, nan, 2])
    assert whole.flagged.tolist() == [False, True, False, False, True]
    assert whole.suggested[[0, 1, 4]].tolist() == [3, 7, 7]
    assert (whole.errors, whole.threshold, whole.power, whole.weights) == (
        *(verdicts.errors, verdicts.threshold, verdicts.power, verdicts.weights),
    )


def test_placing_leaves_the_verdicts_as_they_were(verdicts):
    verdicts.placed(np.array([4, 0, 1]), 5, np.array([3, 7]))
    assert verdicts.suggested.tolist() == [1, 0, 1]
    assert verdicts.probability.tolist() == [0.8, 0.1, 0.6]


def test_taken_rows_keep_their_verdicts_and_their_part_of_the_errors(verdicts):
    taken = verdicts.take(np.array([2, 0]))
    assert taken.suspicion.tolist() == [0.5, 1.0]
    assert taken.probability.tolist() == [0.6, 0.8]
    assert taken.flagged.tolist() == [True, True]
    assert taken.suggested.tolist() == [1, 1]
    assert taken.suggested_probability.tolist() == [0.5, 0.7]
    assert taken.signals["margin"].tolist() == [0.0, 2.0]
    share = 1.4 / 1.5
    assert (taken.errors.value, taken.errors.low, taken.errors.high) == pytest.approx((1.5 * share, share, 2 * share))


def test_all_rows_keep_the_estimate_and_none_have_no_errors(verdicts):
    whole = verdicts.placed(np.array([4, 0, 1]), 5, np.array([3, 7]))
    assert whole.take(np.arange(5)).errors.value == pytest.approx(1.5)
    assert whole.take(np.array([2, 3])).errors == Estimate(0.0, 0.0, 0.0)


def test_taking_of_verdicts_that_doubt_nothing_is_no_division_by_nothing(verdicts):
    sure = Judgement(
        suspicion=np.full(2, np.nan),
        probability=np.full(2, np.nan),
        flagged=np.zeros(2, bool),
        suggested=np.zeros(2, np.int64),
        suggested_probability=np.full(2, np.nan),
        signals={},
        errors=Estimate(0.0, 0.0, 0.0),
    )
    assert sure.take(np.array([1])).errors == Estimate(0.0, 0.0, 0.0)
    assert dict(sure.weights) == {}
