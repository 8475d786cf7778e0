from math import hypot

import pytest

from dataclinic.report.scores import scores_of


def record(mean, spread=0.01, repeats=(0.8, 0.9), **more):
    return {"accuracy": {"mean": mean, "spread": spread, "per_repeat": list(repeats), **more}}


def test_accuracies_come_with_the_spread_of_their_difference():
    (score,) = scores_of(record(0.8, 0.03), record(0.84, 0.04))
    assert score.name == "accuracy"
    assert score.difference == pytest.approx(0.04)
    assert score.spread == pytest.approx(hypot(0.03, 0.04))
    assert score.within_spread


def test_a_difference_beyond_the_spread_is_told_from_one_within():
    (score,) = scores_of(record(0.8), record(0.9))
    assert not score.within_spread


def test_of_one_repeat_no_spread_is_known():
    (score,) = scores_of(record(0.8, 0.0, (0.8,)), record(0.9))
    assert score.spread is None
    assert not score.within_spread


def test_scores_that_one_run_lacks_are_left_out():
    assert scores_of(record(0.8), {"accuracy": None}) == ()
    assert [score.name for score in scores_of(record(0.8, balanced=0.7), record(0.9, balanced=None))] == ["accuracy"]
    numbers = {"errors": {"mae": 1.0, "r2": 0.5, "rmse": None}}
    assert [(score.name, score.before) for score in scores_of(numbers, numbers)] == [("mae", 1.0), ("r2", 0.5)]
