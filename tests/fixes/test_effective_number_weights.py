import numpy as np
import pytest
from imbalanced_parts import balanced, imbalanced

from dataclinic.findings import DidNotApply
from dataclinic.fixes.class_weights import ClassWeights
from dataclinic.fixes.effective_number_weights import EffectiveNumberWeights


def test_weights_of_classes_are_in_the_proportion_of_the_paper():
    part = imbalanced((120, 40, 12))
    weights = EffectiveNumberWeights(beta=0.99).propose(part).weights
    by_class = [float(np.unique(weights[part.labels == code]).item()) for code in range(3)]
    papers = [(1 - 0.99) / (1 - 0.99**count) for count in (120, 40, 12)]
    assert np.divide(by_class, by_class[0]) == pytest.approx(np.divide(papers, papers[0]))
    assert weights.mean() == pytest.approx(1)


def test_spread_of_weights_grows_from_none_to_that_of_class_weights():
    part = imbalanced()
    none, some, full = (EffectiveNumberWeights(beta=beta).propose(part).weights for beta in (0, 0.9, 1 - 1e-9))
    np.testing.assert_allclose(none, 1)
    assert 1 < some.max() < full.max()
    np.testing.assert_allclose(full, ClassWeights().propose(part).weights, rtol=1e-5)


def test_balanced_classes_are_left_alone():
    assert isinstance(EffectiveNumberWeights().propose(balanced()), DidNotApply)
