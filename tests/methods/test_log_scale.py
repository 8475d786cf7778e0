"""Skewed positive columns go on the log scale; symmetric, negative and far-from-zero ones do not."""

import numpy as np
import pytest

from dataclinic.methods.log_scale import octile_skewness, on_symmetric_scale

RNG = np.random.default_rng(0)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_octile_skewness_by_hand():
    # Of 0 … 16 squared the octiles are at 2, 8 and 14: 4, 64, 196, so (196 + 4 − 128) / 192.
    assert octile_skewness(np.arange(17.0) ** 2) == pytest.approx(72 / 192)
    assert octile_skewness(np.arange(17.0)) == 0
    assert octile_skewness(np.zeros(5)) == 0


def test_octile_skewness_of_a_log_normal_sample_is_as_its_formula_says(rng):
    values = np.exp(rng.normal(0, 1, 200_000))
    assert octile_skewness(values) == pytest.approx(np.tanh(1.15035 / 2), abs=0.01)


@pytest.mark.parametrize("values", [RNG.lognormal(3, 1, 2000), RNG.exponential(5, 2000), RNG.pareto(2, 2000) + 1])
def test_skewed_positive_columns_become_logarithms(values):
    scaled, logarithmic = on_symmetric_scale(values)
    assert logarithmic
    np.testing.assert_array_equal(scaled, np.log(values))


@pytest.mark.parametrize(
    "values",
    [
        RNG.normal(50, 10, 2000),
        RNG.random(2000),
        -RNG.lognormal(3, 1, 2000),
        RNG.lognormal(3, 1, 2000) - 5,
        4300 + RNG.exponential(1, 2000),
        np.zeros(50),
        np.full(50, np.nan),
    ],
    ids=["normal", "uniform", "skewed to the left", "with negatives", "far from zero", "zeros", "missing"],
)
def test_other_columns_stay_as_they_are(values):
    scaled, logarithmic = on_symmetric_scale(values)
    assert not logarithmic
    assert scaled is values


def test_zeros_are_not_small_amounts(rng):
    values = np.r_[np.zeros(500), rng.lognormal(3, 1, 500), np.nan, np.inf]
    scaled, logarithmic = on_symmetric_scale(values)
    assert logarithmic
    assert np.isnan(scaled[:500]).all()
    assert np.isnan(scaled[-2])
    assert scaled[-1] == np.inf
