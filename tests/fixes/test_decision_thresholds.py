from dataclasses import replace

import numpy as np
import pytest
from imbalanced_parts import balanced, imbalanced

from dataclinic.findings import DidNotApply
from dataclinic.fixes.decision_thresholds import DecisionThresholds
from dataclinic.seeding import rng_for
from dataclinic.testing.parts import vector_part


def timid(counts=(400, 60), seed=0):
    """A part of two classes whose probabilities are informative and lean to the larger class."""
    labels = np.repeat(np.arange(2), counts)
    rng = rng_for(seed, "timid")
    evidence = rng.normal(loc=2.0 * (labels == 1), size=len(labels)) - 1 - np.log(counts[0] / counts[1])
    chance = 1 / (1 + np.exp(-evidence))
    return vector_part(rng.normal(size=(len(labels), 2)), labels, probs=np.stack([1 - chance, chance], axis=1))


def recalls(part, offsets):
    decided = (np.log(part.evidence.out_of_fold.probs) + offsets).argmax(axis=1)
    return np.array([(decided == part.labels)[part.labels == code].mean() for code in range(len(part.classes))])


@pytest.mark.parametrize("metric", ["balanced_accuracy", "macro_f1"])
def test_offsets_raise_the_rare_class(metric):
    part = timid()
    treatment = DecisionThresholds(metric=metric).propose(part)
    assert treatment.offsets[0] == 0
    assert 0.3 < treatment.offsets[1] < 4
    before, after = recalls(part, 0), recalls(part, treatment.offsets)
    assert after[1] > before[1] + 0.1
    assert metric.replace("_", " ") in treatment.told
    np.testing.assert_array_equal(treatment.rows, part.rows)


def test_offsets_are_near_those_of_calibrated_probabilities():
    """Where probabilities are right, the best for balanced accuracy is the logarithm of the ratio of the classes."""
    found = [DecisionThresholds().propose(timid((4000, 600), seed)).offsets[1] for seed in range(5)]
    assert np.mean(found) == pytest.approx(np.log(4000 / 600), abs=0.4)


def test_balanced_classes_are_left_alone():
    assert isinstance(DecisionThresholds().propose(balanced()), DidNotApply)


def test_nothing_is_taken_where_offsets_do_not_hold_on_others():
    """Every decision is right already, so that no offset can do better."""
    outcome = DecisionThresholds().propose(imbalanced())
    assert outcome == DidNotApply("no thresholds raise the balanced accuracy of samples that they were not chosen by")


def test_samples_that_nobody_judged_play_no_part():
    part = timid()
    probs = part.evidence.out_of_fold.probs.copy()
    probs[::3] = np.nan
    some = vector_part(part.features.matrix, part.labels, probs=probs)
    wrong = part.labels.copy()
    wrong[::3] = 1 - wrong[::3]
    other = vector_part(part.features.matrix, np.where(np.isnan(probs[:, 0]), wrong, part.labels), probs=probs)
    first, second = (DecisionThresholds().propose(one).offsets for one in (some, other))
    np.testing.assert_array_equal(first, second)


def test_without_predictions_it_does_not_apply():
    part = timid()
    without = replace(part, evidence=replace(part.evidence, out_of_fold=None))
    assert DecisionThresholds().propose(without) == DidNotApply("there are no out-of-fold predictions")


def test_one_group_cannot_be_checked_on_others():
    part = timid()
    one = replace(part, evidence=replace(part.evidence, groups=np.zeros(len(part), np.int64)))
    assert "too few groups" in DecisionThresholds().propose(one).reason
