import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import sem

from dataclinic.methods.fold_gain import fold_gain

LOSSES = st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=2, max_size=8)


def test_hand_worked():
    # Differences 1, 2, 3: mean 2, s = 1, s / √3.
    gain, error = fold_gain([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], [7, 7, 7])
    assert gain == pytest.approx(2.0)
    assert error == pytest.approx(1 / np.sqrt(3))


def test_larger_folds_count_for_more():
    gain, _ = fold_gain([1.0, 1.0], [0.0, 1.0], [30, 10])
    assert gain == pytest.approx(0.75)


@given(LOSSES)
def test_equal_folds_give_the_standard_error_of_the_mean(losses):
    before, after = np.array(losses).T
    gain, error = fold_gain(before, after, [5] * len(before))
    assert gain == pytest.approx((before - after).mean(), abs=1e-12)
    assert error == pytest.approx(sem(before - after), abs=1e-12)


def test_the_same_gain_in_every_fold_has_no_error():
    assert fold_gain([1.0, 2.0, 3.0], [0.5, 1.5, 2.5], [3, 4, 5])[1] == pytest.approx(0.0, abs=1e-15)


def test_one_fold_says_nothing_of_its_error():
    assert fold_gain([1.0], [0.25], [9]) == (0.75, None)
