"""Whom a fold is judged by: other folds, no relative, and where there are times nobody later."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.fold_drawing import LEFT_OUT, ONLY_TRAINED_ON, draw_folds, training_rows

TIMES = np.array([0.0, 1, 2, 3, 4, 5])


def test_without_times_the_other_folds_train():
    fold_of = np.array([0, 1, 2, 0, LEFT_OUT, 1])
    np.testing.assert_array_equal(training_rows(fold_of, 0, np.arange(6)), [1, 2, 5])


def test_with_times_only_earlier_samples_train():
    fold_of = np.array([ONLY_TRAINED_ON, ONLY_TRAINED_ON, 0, 0, 1, 1])
    np.testing.assert_array_equal(training_rows(fold_of, 0, np.arange(6), TIMES), [0, 1])
    np.testing.assert_array_equal(training_rows(fold_of, 1, np.arange(6), TIMES), [0, 1, 2, 3])


def test_relatives_of_the_fold_do_not_train_and_minus_one_is_no_group():
    fold_of = np.array([ONLY_TRAINED_ON, ONLY_TRAINED_ON, 0, 0, 1, 1])
    groups = np.array([7, -1, 8, -1, 7, 8])
    np.testing.assert_array_equal(training_rows(fold_of, 1, groups, TIMES), [1, 3])


def test_an_empty_fold_has_no_training_rows():
    assert len(training_rows(np.array([0, 0, 1]), 2, np.arange(3))) == 0


@given(st.integers(0, 200), st.booleans())
def test_no_split_is_straddled_by_a_group_or_by_time(seed, timed):
    rng = np.random.default_rng(seed)
    samples = 40
    groups, usable = rng.integers(0, 15, samples), rng.random(samples) < 0.9
    times = rng.integers(0, 12, samples).astype(float) if timed else None
    if times is not None:
        times[:6], usable[:6] = np.arange(6), True
    folds = draw_folds(rng.integers(0, 3, samples), groups, usable, folds=3, repeats=2, seed=seed, times=times)
    assert folds.shape == (2, samples)
    for fold_of in folds:
        np.testing.assert_array_equal(fold_of == LEFT_OUT, ~usable)
        assert (fold_of == ONLY_TRAINED_ON).any() == timed
        for fold in range(3):
            held_out, train = np.flatnonzero(fold_of == fold), training_rows(fold_of, fold, groups, times)
            assert usable[train].all()
            assert not set(groups[train]) & set(groups[held_out])
            if times is not None and len(train):
                assert times[train].max() < times[held_out].min()
