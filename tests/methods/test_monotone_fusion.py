"""Weights are those of logistic regression wherever that has no negative ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from dataclinic.methods.monotone_fusion import PENALTY, fusion_weights
from dataclinic.seeding import rng_for


def told_apart(rows=2_000, strengths=(1.0, 0.5, 0.2), seed=0):
    """Signals that are higher for wrong labels by so many standard deviations."""
    rng = rng_for(seed, "told apart")
    wrong = (np.arange(rows) % 4 == 0).astype(np.float64)
    return rng.normal(size=(rows, len(strengths))) + wrong[:, None] * strengths, wrong, rng.uniform(0.2, 2, rows)


def test_equals_logistic_regression_where_its_weights_are_positive():
    signals, wrong, counts = told_apart()
    scale = np.abs(signals).mean(axis=0)
    with threadpool_limits(1):
        free = LogisticRegression(C=1 / PENALTY, tol=1e-8, max_iter=1000).fit(signals / scale, wrong, counts)
    assert (free.coef_ > 0).all()
    assert fusion_weights(signals, wrong, counts) == pytest.approx(free.coef_[0] / scale, rel=2e-3)


def test_equals_logistic_regression_without_the_signals_that_it_would_count_against_suspicion():
    signals, wrong, counts = told_apart(strengths=(1.0, -0.7, 0.4))
    found = fusion_weights(signals, wrong, counts)
    assert found[1] == 0
    assert found[[0, 2]] == pytest.approx(fusion_weights(signals[:, [0, 2]], wrong, counts), rel=2e-3)


def test_a_signal_that_tells_nothing_counts_next_to_nothing():
    signals, wrong, counts = told_apart(rows=20_000, strengths=(1.0, 0.0))
    found = fusion_weights(signals, wrong, counts)
    assert found[1] < 0.05 * found[0]


def test_signals_that_tell_nothing_or_the_wrong_way_have_weight_zero():
    wrong = np.array([1.0, 0.0] * 50)
    signals = np.column_stack([-wrong, np.zeros(100), np.ones(100)])
    assert fusion_weights(signals, wrong, np.ones(100))[:2].tolist() == [0, 0]
    # a constant is the intercept's business
    assert fusion_weights(signals, wrong, np.ones(100))[2] == pytest.approx(0, abs=1e-4)


def test_units_of_a_signal_do_not_matter():
    signals, wrong, counts = told_apart()
    rescaled = fusion_weights(signals * [1e-3, 1, 1e4], wrong, counts) * [1e-3, 1, 1e4]
    assert rescaled == pytest.approx(fusion_weights(signals, wrong, counts), rel=1e-3)


def test_a_row_that_counts_twice_is_two_rows():
    signals, wrong, _ = told_apart(rows=200)
    twice = fusion_weights(np.concatenate([signals, signals[:100]]), np.concatenate([wrong, wrong[:100]]), np.ones(300))
    counts = np.where(np.arange(200) < 100, 2.0, 1.0)
    # the scale of the penalty is a mean over rows, and differs by a little
    assert fusion_weights(signals, wrong, counts) == pytest.approx(twice, rel=0.02)
    assert fusion_weights(signals, wrong, np.ones(200)) != pytest.approx(twice, rel=0.02)


def test_rows_that_do_not_count_change_nothing():
    signals, wrong, counts = told_apart(rows=200)
    nothing = np.where(np.arange(200) < 100, counts, 0)
    odd = np.where(nothing[:, None] > 0, signals, -signals)  # same absolute values, so the same scale
    assert fusion_weights(odd, wrong, nothing) == pytest.approx(fusion_weights(signals, wrong, nothing), rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(2, 60), st.integers(0, 10_000))
def test_never_negative_and_always_finite(width, rows, seed):
    rng = rng_for(seed, "anything")
    signals = rng.normal(size=(rows, width)) * 10.0 ** rng.integers(-6, 6, width)
    signals.setflags(write=False)
    found = fusion_weights(signals, rng.integers(0, 2, rows).astype(float), rng.random(rows))
    assert found.shape == (width,)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
