"""Overlap of pairs, by hand and against the confusion table of scikit-learn."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from dataclinic.methods.pair_overlap import pair_overlap


def test_rates_are_those_of_the_confusion_table():
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(0, 5, 600), rng.integers(0, 5, 600)
    weights = rng.random(600)
    table = confusion_matrix(labels, predicted, sample_weight=weights, normalize="true")
    found = pair_overlap(labels, predicted, weights, 5)
    assert len(found.first) == 10
    for first, second, (forth, back) in zip(found.first, found.second, found.rates, strict=True):
        assert forth == pytest.approx(table[first, second])
        assert back == pytest.approx(table[second, first])


def test_overlap_is_the_smaller_rate_and_needs_both_directions():
    labels = np.array([0] * 10 + [1] * 10 + [2] * 10)
    predicted = labels.copy()
    predicted[:4], predicted[10:12], predicted[20:25] = 1, 0, 1
    found = pair_overlap(labels, predicted, np.ones(30), 3)
    assert (found.first.tolist(), found.second.tolist()) == ([0], [1])
    assert found.overlap.tolist() == [0.2]


def test_the_least_is_the_lower_end_of_wilsons_interval():
    labels = np.array([0] * 50 + [1] * 40)
    predicted = labels.copy()
    predicted[:20], predicted[50:60] = 1, 0
    expected = binomtest(10, 40).proportion_ci(0.95, "wilson").low
    assert pair_overlap(labels, predicted, np.ones(90), 2).least.tolist() == pytest.approx([expected])


def test_nothing_confused_is_no_pair():
    labels = np.arange(6) % 3
    assert len(pair_overlap(labels, labels, np.ones(6), 3).first) == 0
