import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from dataclinic.methods.paired_gain import paired_gain, verdict
from dataclinic.seeding import rng_for

DIFFERENCES = st.lists(st.floats(-1, 1), min_size=2, max_size=20).map(np.array)


def test_hand_worked():
    # s² = 1 and (1/3 + 1/2) of it is 5/6. Student's t with 2 degrees of freedom: P(|T| > t) = 1 - t / √(t² + 2).
    gain = paired_gain(np.array([1.0, 2.0, 3.0]), 0.5)
    error = math.sqrt(5 / 6)
    t = 2 / error
    assert gain.mean == 2.0
    assert gain.standard_error == pytest.approx(error)
    assert gain.p == pytest.approx(1 - t / math.sqrt(t**2 + 2))
    assert (gain.low, gain.high) == pytest.approx((2 - 4.302653 * error, 2 + 4.302653 * error), abs=1e-5)
    assert gain.smallest_measurable == pytest.approx((4.302653 + 1.060660) * error, abs=1e-5)
    assert gain.count == 3


@given(DIFFERENCES, st.floats(0.01, 1), st.integers(1, 30))
def test_agrees_with_student_t_of_scipy(differences, ratio, comparisons):
    gain = paired_gain(differences, ratio, resolution=0.01, comparisons=comparisons)
    count = len(differences)
    error = math.sqrt((1 / count + ratio) * max(differences.var(ddof=1), 0.01**2 / 12))
    interval = student.interval(0.95, count - 1, loc=differences.mean(), scale=error)
    assert (gain.low, gain.high) == pytest.approx(interval)
    assert gain.p == pytest.approx(2 * student.sf(abs(differences.mean()) / error, count - 1))
    quantiles = student.ppf([1 - 0.025 / comparisons, 0.8], count - 1)
    assert gain.smallest_measurable == pytest.approx(quantiles.sum() * error)


@given(DIFFERENCES)
def test_without_shared_training_rows_it_is_the_ordinary_paired_t(differences):
    gain = paired_gain(differences, 0.0, resolution=1e-9)
    spread = max(differences.std(ddof=1), 1e-9 / math.sqrt(12))
    assert gain.standard_error == pytest.approx(spread / math.sqrt(len(differences)))


@given(DIFFERENCES, st.floats(0.01, 1))
def test_the_interval_leaves_out_zero_where_p_is_below_one_in_twenty(differences, ratio):
    gain = paired_gain(differences, ratio, resolution=0.01)
    if abs(gain.p - 0.05) > 1e-9:
        assert (gain.p < 0.05) == (not gain.low <= 0 <= gain.high)


@given(DIFFERENCES, st.floats(0.01, 1))
def test_exchanging_the_arms_turns_the_sign_alone(differences, ratio):
    there, back = (paired_gain(sign * differences, ratio, resolution=0.01) for sign in (1, -1))
    assert (back.mean, back.low, back.high) == pytest.approx((-there.mean, -there.high, -there.low))
    assert back.p == pytest.approx(there.p)


def test_an_arm_that_changes_nothing_gains_nothing_within_the_resolution():
    gain = paired_gain(np.zeros(15), 0.25, resolution=1 / 200)
    assert (gain.mean, gain.p) == (0.0, 1.0)
    assert -1 / 200 < gain.low < 0 < gain.high < 1 / 200
    exact = paired_gain(np.zeros(15), 0.25)
    assert (exact.low, exact.high, exact.p) == (0.0, 0.0, 1.0)


def test_equal_gains_of_less_than_a_row_are_no_certainty():
    tenth_of_a_row = np.full(15, 0.001)
    assert paired_gain(tenth_of_a_row, 0.25, resolution=0.01).p > 0.5
    assert paired_gain(tenth_of_a_row, 0.25).p < 1e-6
    assert paired_gain(np.full(4, 0.5), 0.25).p == 0.0


def test_a_spread_wider_than_the_resolution_is_left_as_it_is():
    differences = np.array([-1.0, 0.0, 1.0, 2.0])
    assert paired_gain(differences, 0.25, resolution=0.1) == paired_gain(differences, 0.25)


def test_missing_differences_are_left_out():
    assert paired_gain(np.array([1.0, np.nan, 2.0, np.nan, 3.0]), 0.5) == paired_gain(np.array([1.0, 2.0, 3.0]), 0.5)


@pytest.mark.parametrize(("differences", "count"), [([], 0), ([np.nan], 0), ([0.3, np.nan], 1)])
def test_fewer_than_two_differences_show_nothing(differences, count):
    gain = paired_gain(np.array(differences), 0.25, resolution=0.01)
    assert gain.mean == pytest.approx(0.3 if count else np.nan, nan_ok=True)
    assert (gain.low, gain.high, gain.p, gain.count) == (-math.inf, math.inf, 1.0, count)
    assert gain.smallest_measurable == math.inf


def test_the_smallest_measurable_gain_is_seen_in_four_of_five_experiments():
    rng = rng_for(0, "power")
    true = paired_gain(rng.normal(size=100_000), 0.0).standard_error * math.sqrt(100_000 / 15)
    true *= student.ppf(0.975, 14) + student.ppf(0.8, 14)
    seen = [paired_gain(rng.normal(true, 1.0, size=15), 0.0).p <= 0.05 for _ in range(2000)]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.03)


def test_repeating_folds_over_the_same_rows_does_not_make_gains_out_of_nothing():
    # Two equally good models whose answers differ: each row favours either by chance, and repeats reshuffle the rows.
    rng = rng_for(0, "equal models")
    corrected, naive = [], []
    for _ in range(300):
        favours = rng.choice([-1.0, 0.0, 0.0, 1.0], size=100)
        differences = np.concatenate([rng.permutation(favours).reshape(5, 20).mean(axis=1) for _ in range(10)])
        corrected.append(paired_gain(differences, 0.25, resolution=1 / 20).p <= 0.05)
        naive.append(paired_gain(differences, 0.0, resolution=1 / 20).p <= 0.05)
    assert np.mean(corrected) < 0.08
    assert np.mean(naive) > 0.4


def test_verdicts():
    assert verdict(0.4, 0.05) == "helps"
    assert verdict(-0.4, 0.001) == "hurts"
    assert verdict(0.4, 0.051) == "no measurable effect"
    assert verdict(math.nan, 1.0) == "no measurable effect"
