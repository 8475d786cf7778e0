import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from dataclinic.methods.grouped_folds import grouped_folds
from dataclinic.seeding import rng_for


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), min_size=1, max_size=60), st.integers(2, 7))
@settings(max_examples=60, deadline=None)
def test_no_group_is_ever_split_and_every_sample_has_a_fold(samples, folds):
    labels, groups = np.array(samples).T
    fold_of = grouped_folds(labels, groups, folds, rng_for(0, "test"))
    assert ((fold_of >= 0) & (fold_of < folds)).all()
    for group in np.unique(groups):
        assert len(np.unique(fold_of[groups == group])) == 1


@given(st.lists(st.integers(0, 4), min_size=1, max_size=80), st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_single_samples_are_stratified_to_within_one(labels, folds):
    labels = np.array(labels)
    fold_of = grouped_folds(labels, np.arange(len(labels)), folds, rng_for(1, "test"))
    for code in np.unique(labels):
        counts = np.bincount(fold_of[labels == code], minlength=folds)
        assert counts.max() - counts.min() <= 1


def test_fold_sizes_stay_equal_over_many_rare_classes():
    labels = np.repeat(np.arange(40), 3)
    fold_of = grouped_folds(labels, np.arange(len(labels)), 5, rng_for(0, "test"))
    sizes = np.bincount(fold_of, minlength=5)
    assert sizes.max() - sizes.min() <= 1


def test_folds_depend_on_the_stream_alone():
    labels, groups = np.arange(50) % 3, np.arange(50) // 2
    first = grouped_folds(labels, groups, 5, rng_for(0, "a"))
    assert np.array_equal(first, grouped_folds(labels, groups, 5, rng_for(0, "a")))
    assert not np.array_equal(first, grouped_folds(labels, groups, 5, rng_for(0, "b")))


@pytest.mark.parametrize("seed", range(3))
def test_stratifies_uneven_groups_about_as_well_as_scikit_learn(seed):
    rng = rng_for(seed, "uneven groups")
    groups = rng.integers(0, 60, size=1200)
    # Groups lean towards a class, as patients do.
    labels = np.where(rng.random(1200) < 0.7, groups % 3, rng.integers(0, 3, size=1200))
    ours = grouped_folds(labels, groups, 5, rng)
    theirs = np.empty(1200, int)
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    for fold, (_, rows) in enumerate(splitter.split(labels, labels, groups)):
        theirs[rows] = fold
    assert _unevenness(ours, labels) <= 1.5 * _unevenness(theirs, labels) + 0.01


def _unevenness(fold_of, labels):
    counts = np.array([np.bincount(labels[fold_of == fold], minlength=3) for fold in range(5)])
    return (counts / counts.sum(axis=0)).std(axis=0).mean()
