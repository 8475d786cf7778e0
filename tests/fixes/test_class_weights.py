import numpy as np
from imbalanced_parts import balanced, imbalanced
from sklearn.utils.class_weight import compute_sample_weight

from dataclinic.findings import DidNotApply
from dataclinic.fixes.class_weights import ClassWeights


def test_weights_are_scikit_learns_balanced_ones():
    part = imbalanced()
    treatment = ClassWeights().propose(part)
    np.testing.assert_allclose(treatment.weights, compute_sample_weight("balanced", part.labels))
    np.testing.assert_array_equal(treatment.rows, part.rows)
    np.testing.assert_array_equal(treatment.labels, part.labels)
    assert treatment.told == "classes weigh 0.478 to 4.78"


def test_balanced_classes_are_left_alone_and_told():
    assert ClassWeights().propose(balanced()) == DidNotApply(
        "the largest class has only 1 times the samples of the smallest (less than 1.5)"
    )


def test_from_where_on_classes_are_unequal_is_a_setting():
    part = imbalanced((30, 25))
    assert isinstance(ClassWeights().propose(part), DidNotApply)
    assert not isinstance(ClassWeights(least_imbalance=1.2).propose(part), DidNotApply)
