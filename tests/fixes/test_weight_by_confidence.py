import numpy as np
import pytest
from flipped_parts import flipped_part, unjudged

from dataclinic.findings import DidNotApply
from dataclinic.fixes.weight_by_confidence import WeightByConfidence
from dataclinic.testing.parts import vector_part
from dataclinic.testing.planted import confident_probs


def weights(probs, labels, **settings):
    part = vector_part(np.eye(len(labels)), np.array(labels), classes=list("abc"), probs=np.array(probs))
    return WeightByConfidence(**settings).propose(part)


def test_by_hand():
    # 0.8, the floor 0.2 and, unjudged, 1: over their mean 2 / 3.
    treatment = weights([[0.8, 0.1, 0.1], [0.05, 0.9, 0.05], [np.nan] * 3], [0, 0, 1], floor=0.2)
    assert treatment.weights == pytest.approx(np.array([0.8, 0.2, 1]) * 1.5)
    assert treatment.labels.tolist() == [0, 0, 1]
    assert treatment.told == "weights 0.30 to 1.50, 1 of 3 below one half"


def test_wrong_labels_count_less_than_all_others():
    part, _, wrong = flipped_part()
    found = WeightByConfidence().propose(part).weights
    assert found.mean() == pytest.approx(1)
    assert found[wrong].max() < 0.5 * found[~wrong].min()


def test_probabilities_are_the_calibrated_ones():
    part, _, _ = flipped_part()
    np.testing.assert_allclose(
        WeightByConfidence(floor=1e-9).propose(part).weights, part.self_confidence / part.self_confidence.mean()
    )


def test_says_why_there_is_nothing_to_weigh():
    probs = confident_probs(np.zeros(4, int), classes=3)
    assert weights(unjudged(probs, slice(None)), [0, 1, 2, 0]) == DidNotApply("no model could judge any label")
    same = DidNotApply("every label is as likely to be right as the next (60.0%)")
    assert weights([[0.6, 0.2, 0.2]] * 4, [0] * 4) == same
