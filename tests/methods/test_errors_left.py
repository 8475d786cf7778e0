import numpy as np
import pytest

from dataclinic.judgement import Estimate
from dataclinic.methods.errors_left import errors_left
from dataclinic.seeding import rng_for

SURE = np.concatenate([np.ones(20), np.zeros(80)])


def test_before_any_verdict_it_is_the_estimate_itself():
    probability = np.full(1000, 0.1)
    found = errors_left(probability, Estimate(100, 60, 150), 0)
    assert (found.value, found.low, found.high) == pytest.approx((100, 60, 150))


def test_a_case_worked_by_hand():
    # Half of the value is left, so half of the range: 20 − (40 − 30) / 2 to 20 + (52 − 40) / 2; all sure, so no chance.
    assert errors_left(SURE, Estimate(40, 30, 52), 10) == Estimate(20, 20, 26)
    assert errors_left(SURE, Estimate(40, 30, 52), 15) == Estimate(20, 15, 26)


def test_no_more_are_left_than_there_were_less_those_found():
    assert errors_left(SURE, Estimate(40, 30, 52), 28).high == 24
    assert errors_left(SURE, Estimate(40, 30, 52), 51).high == 20


def test_it_is_never_narrower_than_chance_nor_wider_than_the_samples():
    found = errors_left(np.full(100, 0.5), Estimate(50, 50, 50), 0)
    assert (found.low, found.high) == (50, 50)  # before, nothing was in doubt
    found = errors_left(np.full(100, 0.5), Estimate(80, 0, 200), 0)
    assert found.low <= 50 - 1.96 * 5
    assert found.high == 100


def test_of_nothing_nothing_is_left():
    assert errors_left(np.zeros(0), Estimate(5, 2, 9), 5) == Estimate(0, 0, 0)
    assert errors_left(np.zeros(3), Estimate(0, 0, 0), 0) == Estimate(0, 0, 0)


def test_it_holds_the_true_number_where_probabilities_are_right():
    rng = rng_for(0, "errors left")
    held = 0
    for _ in range(200):
        probability = rng.beta(0.5, 2, 500)
        wrong = rng.random(500) < probability
        seen = np.argsort(-probability)[:100]
        left = np.ones(500, bool)
        left[seen] = False
        spread = 1.96 * np.sqrt((probability * (1 - probability)).sum())
        total = probability.sum()
        told = errors_left(probability[left], Estimate(total, total - spread, total + spread), int(wrong[seen].sum()))
        held += told.low <= wrong[left].sum() <= told.high
    assert held >= 180
