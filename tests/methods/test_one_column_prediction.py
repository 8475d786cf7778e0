"""Leave-one-out votes of bins, against brute force and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.one_column_prediction import (
    bins_of,
    explained_by_bins,
    explained_together,
    recall_together,
    vote_recalls,
)


def test_bins_by_hand():
    values = np.array([3.0, np.nan, 1.0, 3.0, 2.0])
    assert bins_of(values).tolist() == [2, 0, 1, 2, 1]  # four known: two bins
    assert bins_of(np.full(3, np.nan)).tolist() == [0, 0, 0]
    assert bins_of(np.repeat([5.0, 7.0, 9.0], 10)).tolist() == [1] * 10 + [2] * 10 + [3] * 10


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=200))
def test_bins_keep_order_and_equal_values_together(values):
    bins = bins_of(np.array(values, float))
    order = np.argsort(values, kind="stable")
    assert (np.diff(bins[order]) >= 0).all()
    assert len({(value, place) for value, place in zip(values, bins.tolist(), strict=True)}) == len(set(values))
    assert len(np.unique(bins)) <= max(len(values) // 5, 2)
    assert set(bins.tolist()) == set(range(1, bins.max() + 1))


def test_votes_by_hand():
    # Bin 0: three of class 0, one of class 1; bin 1: two of class 1. Sizes 3 and 3.
    bins, labels = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 1])
    # Class 0 without one: 2/3 > 1/3, right; class 1 in bin 0: 0 < 1, wrong; in bin 1: 1/3 > 0, right.
    assert vote_recalls(bins, labels, np.arange(6)).tolist() == [1.0, 2 / 3]
    # The two of bin 1 in one group have nobody left.
    assert vote_recalls(bins, labels, np.array([0, 1, 2, 3, 4, 4])).tolist() == [1.0, 0.0]


@given(st.integers(0, 10**6))
def test_votes_match_brute_force(seed):
    rng = np.random.default_rng(seed)
    bins, groups = rng.integers(0, 4, 40), rng.integers(0, 25, 40)
    labels = np.r_[np.arange(3), rng.integers(0, 3, 37)]
    sizes = np.bincount(labels)
    right = np.zeros(3)
    for row in range(40):
        votes = np.array([((bins == bins[row]) & (labels == code)).sum() for code in range(3)])
        mine = (groups == groups[row]) & (bins == bins[row]) & (labels == labels[row])
        votes[labels[row]] -= mine.sum()
        others = np.delete(votes / sizes, labels[row])
        right[labels[row]] += votes[labels[row]] / sizes[labels[row]] > others.max()
    assert vote_recalls(bins, labels, groups).tolist() == pytest.approx((right / sizes).tolist())


@given(st.integers(0, 10**6))
def test_explained_share_matches_brute_force(seed):
    rng = np.random.default_rng(seed)
    bins, groups, targets = rng.integers(0, 4, 30), rng.integers(0, 20, 30), rng.normal(size=30)
    residuals = []
    for row in range(30):
        others = targets[(bins == bins[row]) & (groups != groups[row])]
        residuals.append(targets[row] - (others.mean() if others.size else targets.mean()))
    expected = 1 - np.sum(np.square(residuals)) / np.sum((targets - targets.mean()) ** 2)
    assert explained_by_bins(bins, targets, groups) == pytest.approx(expected)


def test_noise_is_at_chance_and_a_copy_perfect():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 4000)
    noise = bins_of(rng.normal(size=4000))
    assert vote_recalls(noise, labels, np.arange(4000)).mean() == pytest.approx(0.25, abs=0.03)
    assert vote_recalls(labels + 1, labels, np.arange(4000)).tolist() == [1.0] * 4
    assert explained_by_bins(noise, rng.normal(size=4000), np.arange(4000)) < 0.01


def test_together_sees_what_no_column_sees_alone():
    rng = np.random.default_rng(0)
    values = rng.integers(0, 2, (400, 2)).astype(float)
    labels = (values[:, 0] != values[:, 1]).astype(np.int64)
    groups = np.arange(400)
    assert vote_recalls(bins_of(values[:, 0]), labels, groups).mean() < 0.6
    assert recall_together(values, labels, groups) == 1.0
    assert explained_together(values, labels.astype(float), groups) > 0.99
    assert recall_together(rng.normal(size=(400, 2)), labels, groups) < 0.6


def test_together_keeps_groups_whole():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 10)
    labels = np.repeat(rng.integers(0, 2, 40), 10)
    values = np.repeat(rng.normal(size=(40, 1)), 10, axis=0)
    assert recall_together(values, labels, np.arange(400)) > 0.95
    assert recall_together(values, labels, groups) < 0.75
