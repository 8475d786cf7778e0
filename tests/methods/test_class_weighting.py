import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from dataclinic.methods.class_weighting import balanced_weights, effective_number_weights

counts_of_classes = st.lists(st.integers(1, 10**6), min_size=1, max_size=6).map(np.array)


@given(st.lists(st.integers(1, 50), min_size=2, max_size=6))
def test_balanced_weights_are_scikit_learns(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    expected = compute_class_weight("balanced", classes=np.arange(len(counts)), y=labels)
    np.testing.assert_allclose(balanced_weights(np.array(counts)), expected)


def test_hand_worked():
    assert balanced_weights(np.array([6, 2])).tolist() == pytest.approx([8 / 12, 8 / 4])
    # effective numbers with β = 0.5: 1.5 of two samples, 1 of one; rows of weight 1/1.5, 1/1.5 and 1 have mean 7/9
    assert effective_number_weights(np.array([2, 1]), 0.5).tolist() == pytest.approx([6 / 7, 9 / 7])


def test_classes_without_rows_weigh_nothing_and_do_not_count():
    for weights in (balanced_weights(np.array([6, 0, 2])), effective_number_weights(np.array([6, 0, 2]), 1 - 1e-9)):
        np.testing.assert_allclose(weights, [8 / 12, 0, 8 / 4], rtol=1e-6)


@given(counts_of_classes, st.floats(0, 1 - 1e-9))
def test_effective_numbers_weigh_smaller_classes_more_within_their_bound(counts, beta):
    weights = effective_number_weights(counts, beta)
    assert (weights * counts).sum() == pytest.approx(counts.sum())
    assert (np.diff(weights[np.argsort(-counts)]) >= -1e-9 * weights.max()).all()
    assert weights.max() / weights.min() <= 1 / (1 - beta) * (1 + 1e-6)
