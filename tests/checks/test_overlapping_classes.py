"""Overlapping classes: pairs that models cannot tell apart are found, wrong labels and weak models are not."""

from dataclasses import replace

import numpy as np
import pytest
from cleanlab.dataset import find_overlapping_classes
from made_judgement_evidence import judgement_of, renamed

from dataclinic.findings import DidNotApply
from dataclinic.registry import CHECKS
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import confident_probs, evidence_of, table_dataset


def run(evidence, **settings):
    return CHECKS.make("overlapping_classes", settings).run(evidence)


def predicting(labels, predicted, classes, wrong=None):
    """Evidence in which the models predict `predicted`; labels are `wrong` with these probabilities, or right."""
    dataset = table_dataset(np.zeros((len(labels), 2), np.float32), labels, [f"k{code}" for code in range(classes)])
    evidence = evidence_of(dataset, confident_probs(predicted, classes=classes, sure=0.8))
    probability = np.zeros(len(labels)) if wrong is None else wrong
    return replace(evidence, judgement=judgement_of(probability, (labels + 1) % classes))


def mixed(share, *, classes=6, each=100, pair=(1, 4), noise=0.0, seed=0):
    """Labels, and predictions in which `share` of either class of the pair is taken for the other one."""
    rng = rng_for(seed, "mixed classes")
    labels = np.repeat(np.arange(classes), each)
    predicted = np.where(rng.random(len(labels)) < noise, rng.integers(0, classes, len(labels)), labels)
    for one, other in (pair, pair[::-1]):
        predicted[(labels == one) & (rng.random(len(labels)) < share)] = other
    return labels, predicted


def test_finds_the_pair_that_models_cannot_tell_apart():
    labels, predicted = mixed(0.3)
    found = run(predicting(labels, predicted, 6))
    assert [finding.subject for finding in found.findings] == ["k1 and k4"]
    assert found.findings[0].score == pytest.approx(0.3, abs=0.1)
    assert found.findings[0].row is None


@pytest.mark.parametrize(("noise", "classes"), [(0.0, 6), (0.2, 6), (0.6, 6), (0.6, 3), (0.3, 20)])
def test_models_that_err_evenly_show_no_overlap(noise, classes):
    outcomes = [
        run(predicting(*mixed(0, classes=classes, noise=noise, seed=seed, pair=(0, 1)), classes)) for seed in range(20)
    ]
    assert sum(len(outcome.findings) > 0 for outcome in outcomes) <= 1


def test_one_direction_is_no_overlap():
    labels, _ = mixed(0)
    predicted = np.where((labels == 1) & (np.arange(len(labels)) % 2 == 0), 4, labels)
    assert run(predicting(labels, predicted, 6)).findings == ()


def test_exchanged_labels_are_no_overlap():
    labels, predicted = mixed(0.3)
    wrong = np.where(predicted != labels, 0.97, 0.01)
    assert run(predicting(labels, predicted, 6, wrong)).findings == ()


def test_a_handful_of_samples_is_no_overlap():
    labels = np.repeat(np.arange(6), [100, 4, 100, 100, 4, 100])
    predicted = labels.copy()
    predicted[[100, 304]] = 4, 1
    assert run(predicting(labels, predicted, 6)).findings == ()


def test_with_three_classes_a_pair_is_compared_with_the_other_two():
    labels, predicted = mixed(0.3, classes=3, pair=(0, 2))
    assert [finding.subject for finding in run(predicting(labels, predicted, 3)).findings] == ["k0 and k2"]


def test_the_clearest_pair_is_the_first_of_cleanlab():
    labels, predicted = mixed(0.35, noise=0.05)
    evidence = predicting(labels, predicted, 6)
    theirs = find_overlapping_classes(
        labels=labels, pred_probs=evidence.out_of_fold.probs, class_names=list(evidence.dataset.classes)
    ).iloc[0]
    (finding,) = run(evidence).findings
    assert set(finding.subject.split(" and ")) == {theirs["Class Name A"], theirs["Class Name B"]}


def test_order_and_names_change_nothing():
    evidence = predicting(*mixed(0.3), 6)
    rows = np.random.default_rng(0).permutation(len(evidence.dataset))
    moved = replace(evidence.take(rows), judgement=evidence.judgement.take(rows))
    assert run(moved).findings == run(evidence).findings
    assert run(renamed(evidence)).findings[0].score == run(evidence).findings[0].score


def test_two_classes_have_no_other_pair():
    outcome = run(predicting(np.array([0, 1] * 20), np.array([0, 1] * 20), 2))
    assert isinstance(outcome, DidNotApply)
    assert "no other pair" in outcome.reason
