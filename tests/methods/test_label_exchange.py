"""Exchange of labels, by hand and against the joint of cleanlab."""

import numpy as np
import pytest

from dataclinic.methods.label_exchange import label_exchange


def test_cells_and_true_sizes_by_hand():
    given = np.array([0, 0, 0, 1, 1, 2])
    suggested = np.array([1, 1, 2, 0, 1, 0])
    probability = np.array([0.9, 0.2, 0.6, 0.1, 0.8, np.nan])
    found = label_exchange(given, suggested, probability, probability > 0.5, 3)
    # the label that is suggested is given: it is no exchange
    assert list(zip(found.true.tolist(), found.given.tolist(), strict=True)) == [(1, 0), (2, 0)]
    assert found.expected.tolist() == pytest.approx([1.1, 0.6])
    assert found.flagged.tolist() == [1, 1]
    assert found.true_sizes.tolist() == pytest.approx([3 - 1.7 + 0.1, 2 - 0.1 + 1.1, 1 + 0.6])


def test_the_reverse_of_a_cell_is_the_exchanged_one():
    given = np.array([0, 0, 1, 2])
    found = label_exchange(given, np.array([1, 1, 0, 1]), np.array([0.9, 0.7, 0.8, 0.6]), np.ones(4, bool), 3)
    expected, flagged = found.reverse()
    assert dict(zip(zip(found.true.tolist(), found.given.tolist(), strict=True), flagged.tolist(), strict=True)) == {
        (0, 1): 2,
        (1, 0): 1,
        (1, 2): 0,
    }
    assert sorted(expected.tolist()) == pytest.approx([0.0, 0.8, 1.6])


def test_certain_labels_give_the_counted_joint():
    rng = np.random.default_rng(0)
    true, given = rng.integers(0, 4, 500), rng.integers(0, 4, 500)
    wrong = (true != given).astype(float)
    found = label_exchange(given, true, wrong, wrong > 0.5, 4)
    joint = np.zeros((4, 4))
    joint[found.true, found.given] = found.expected
    counted = np.histogram2d(true, given, bins=(np.arange(5), np.arange(5)))[0]
    np.testing.assert_allclose(joint, counted * (1 - np.eye(4)))
    np.testing.assert_allclose(found.true_sizes, np.bincount(true, minlength=4))
