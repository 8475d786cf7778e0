import numpy as np
import pytest
from imbalanced_parts import balanced, imbalanced

from dataclinic.findings import DidNotApply
from dataclinic.fixes.logit_adjustment import LogitAdjustment
from dataclinic.testing.parts import vector_part


@pytest.mark.parametrize("tau", [0.5, 1.0])
def test_offsets_take_the_logarithm_of_the_classes_shares_out(tau):
    part = imbalanced((120, 40, 12))
    treatment = LogitAdjustment(tau=tau).propose(part)
    np.testing.assert_allclose(treatment.offsets, -tau * np.log(np.array([120, 40, 12]) / 120))
    assert treatment.weights is None
    np.testing.assert_array_equal(treatment.rows, part.rows)


def test_odds_that_only_the_classes_shares_speak_for_become_even():
    part = imbalanced()
    logs = np.log(part.class_counts / len(part)) + LogitAdjustment().propose(part).offsets
    np.testing.assert_allclose(logs, logs[0])


def test_class_without_samples_is_not_raised():
    part = vector_part(np.eye(9), np.array([0, 0, 0, 0, 0, 0, 2, 2, 2]), classes=["a", "b", "c"])
    np.testing.assert_allclose(LogitAdjustment().propose(part).offsets, [0, 0, np.log(2)])


def test_balanced_classes_are_left_alone():
    assert isinstance(LogitAdjustment().propose(balanced()), DidNotApply)
