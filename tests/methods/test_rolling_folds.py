"""Periods in order of time, whole moments, all jittered by the generator."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dataclinic.errors import DataError
from dataclinic.methods.rolling_folds import rolling_folds
from dataclinic.seeding import rng_for

RNG = rng_for(0, "rolling")


def test_as_many_moments_as_periods_leave_one_each():
    np.testing.assert_array_equal(rolling_folds(np.array([30.0, 10, 20, 0]), 3, RNG), [2, 0, 1, -1])


def test_periods_hold_about_equal_shares():
    sizes = np.bincount(rolling_folds(RNG.permutation(np.arange(6000.0)), 5, RNG) + 1, minlength=6)
    assert sizes.min() >= 500
    assert sizes.max() <= 1500


@pytest.mark.parametrize("crowded", [0.0, 5.0])
def test_one_crowded_moment_leaves_the_others_their_periods(crowded):
    times = np.concatenate([np.arange(6.0), np.full(200, crowded)])
    folds = rolling_folds(times, 5, RNG)
    assert len(set(folds.tolist())) == 6


@given(
    arrays(np.float64, st.integers(4, 60), elements=st.integers(0, 12).map(float)), st.integers(1, 3), st.integers(0, 9)
)
def test_folds_grow_with_time_and_part_no_moment(times, folds, seed):
    if len(np.unique(times)) <= folds:
        return
    fold_of = rolling_folds(times, folds, rng_for(seed, "rolling"))
    assert set(fold_of.tolist()) == set(range(-1, folds))
    order = np.argsort(times, kind="stable")
    assert (np.diff(fold_of[order]) >= 0).all()
    for moment in np.unique(times):
        assert len(set(fold_of[times == moment].tolist())) == 1


def test_repeats_differ_and_a_seed_gives_the_same():
    times = np.arange(300.0)
    first, again, other = (rolling_folds(times, 4, rng_for(seed, "rolling")) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_too_few_moments_are_refused_with_a_number_of_folds_that_fits():
    with pytest.raises(DataError, match="3 different times") as caught:
        rolling_folds(np.array([1.0, 2, 2, 3]), 5, RNG)
    assert "--folds 2" in caught.value.hint
    with pytest.raises(DataError) as caught:
        rolling_folds(np.ones(9), 5, RNG)
    assert "leave --time out" in caught.value.hint
