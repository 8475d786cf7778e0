"""Scores against scipy and hand-worked cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from dataclinic.methods.robust_z import robust_z_scores, z_scores

SMALL = arrays(np.float64, st.integers(1, 40), elements=st.integers(-50, 50).map(float))


def test_robust_score_by_hand():
    # Median 3, deviations 2 1 0 1 97, so MAD 1: the last value scores 0.6745 × 97.
    values = np.array([1.0, 2, 3, 4, 100])
    np.testing.assert_allclose(robust_z_scores(values), 0.6745 * np.array([-2, -1, 0, 1, 97]))


def test_mean_deviation_where_mad_is_zero():
    # Median 0, mean absolute deviation 10 / 5 = 2.
    np.testing.assert_allclose(robust_z_scores(np.array([0.0, 0, 0, 0, 10])), [0, 0, 0, 0, 10 / (1.253314 * 2)])


@pytest.mark.parametrize("score", [z_scores, robust_z_scores])
def test_equal_values_score_zero(score):
    np.testing.assert_array_equal(score(np.full(5, 0.1 + 0.2)), np.zeros(5))


@pytest.mark.parametrize("score", [z_scores, robust_z_scores])
def test_missing_stays_missing_and_infinite_is_infinitely_far(score):
    scores = score(np.array([1.0, 2, 3, np.nan, np.inf, -np.inf]))
    assert np.isnan(scores[3])
    assert scores[4] == np.inf
    assert scores[5] == -np.inf
    np.testing.assert_allclose(scores[:3], score(np.array([1.0, 2, 3])))


@pytest.mark.parametrize("score", [z_scores, robust_z_scores])
def test_nothing_known_nothing_scored(score):
    assert np.isnan(score(np.full(3, np.nan))).all()


@pytest.mark.parametrize("score", [z_scores, robust_z_scores])
def test_largest_numbers_do_not_overflow_into_errors(score):
    largest = np.finfo(float).max
    assert len(score(np.array([0.0, 1, 2, largest, -largest]))) == 5


@given(SMALL)
def test_plain_score_matches_scipy(values):
    if np.ptp(values) > 0:
        np.testing.assert_allclose(z_scores(values), stats.zscore(values), atol=1e-9)


@given(SMALL)
def test_robust_score_matches_scipy(values):
    mad = stats.median_abs_deviation(values)
    if mad > 0:
        np.testing.assert_allclose(robust_z_scores(values), 0.6745 * (values - np.median(values)) / mad, atol=1e-9)


@given(SMALL, st.sampled_from([0.5, 3.0, 100.0]), st.integers(-5, 5).map(float))
def test_unit_and_zero_point_do_not_matter(values, unit, zero):
    np.testing.assert_allclose(robust_z_scores(values * unit + zero), robust_z_scores(values), atol=1e-6)


def test_one_wild_value_hides_another_from_the_plain_score_only():
    values = np.r_[np.random.default_rng(0).normal(4000, 30, 5000), 5000.0, 700_000.0]
    assert abs(z_scores(values)[-2]) < 1
    assert robust_z_scores(values)[-2] > 20
