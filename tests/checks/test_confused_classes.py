"""Confused classes: errors with a direction are found, errors without one are not."""

from dataclasses import replace

import numpy as np
import pytest
from made_judgement_evidence import Noisy, judged_evidence, judgement_of, renamed, reordered
from scipy.stats import binomtest

from dataclinic.findings import DidNotApply
from dataclinic.methods.holm import holm
from dataclinic.registry import CHECKS
from dataclinic.testing.planted import evidence_of, table_dataset


def run(evidence, **settings):
    return CHECKS.make("confused_classes", settings).run(evidence)


def exchanged(forth, back, each=200, classes=3):
    """`forth` samples of class 0 given as class 1, and `back` the other way round, all certain."""
    given = np.repeat(np.arange(classes), each)
    probability, suggested = np.zeros(len(given)), (given + 2) % classes
    for true, label, count in ((0, 1, forth), (1, 0, back)):
        rows = np.flatnonzero(given == label)[:count]
        probability[rows], suggested[rows] = 1.0, true
    dataset = table_dataset(np.zeros((len(given), 2), np.float32), given)
    return _with(evidence_of(dataset), judgement_of(probability, suggested))


def _with(evidence, judgement):
    return replace(evidence, judgement=judgement)


def test_finds_a_planted_direction_and_says_how_many():
    evidence, wrong = judged_evidence(Noisy(samples=2000), flow=(1, 3, 0.15))
    found = run(evidence)
    assert [finding.subject for finding in found.findings] == ["class 1 given as class 3"]
    moved = (evidence.dataset.labels == 3) & (evidence.out_of_fold.probs.argmax(axis=1) == 1)
    assert moved[wrong].sum() == moved.sum()
    assert found.findings[0].score == pytest.approx(moved.sum(), rel=0.25)
    assert found.findings[0].row is None
    assert "of them) but only about" in found.findings[0].reason


@pytest.mark.parametrize("noisy", [Noisy(noise=0.0), Noisy(), Noisy(noise=0.4), Noisy(noise=0.1, balanced=False)])
def test_errors_without_a_direction_are_none(noisy):
    outcomes = [run(judged_evidence(noisy, seed)[0]) for seed in range(25)]
    assert sum(len(outcome.findings) > 0 for outcome in outcomes) <= 1


def test_as_many_errors_both_ways_are_no_direction():
    assert run(exchanged(40, 40)).findings == ()
    assert len(run(exchanged(40, 4)).findings) == 1


def test_few_errors_are_no_finding_whatever_their_direction():
    assert run(exchanged(4, 0)).findings == ()
    assert run(exchanged(4, 0), fewest=1, significance=0.9).findings != ()


def test_p_is_the_binomial_test_of_scipy_adjusted_by_holm():
    forth, back = 30, 6
    evidence = exchanged(forth, back)
    # true sizes: 200 + 30 − 6 and 200 − 30 + 6
    share = 224 / (224 + 176)
    total = forth + back
    each = [2 * binomtest(count, total, p, alternative="greater").pvalue for count, p in ((30, share), (6, 1 - share))]
    expected = holm(np.minimum(each, 1))[0]
    (finding,) = run(evidence, significance=0.9).findings
    assert float(finding.reason.rpartition("p ")[2]) == pytest.approx(expected, rel=0.05)


def test_a_small_class_is_not_accused_of_receiving_what_its_size_explains():
    """With a tenth of the samples, a class gets ten times the errors of the large one that the large one gets of it."""
    given = np.repeat([0, 1, 2], [1000, 150, 400])
    probability, suggested = np.zeros(len(given)), (given + 2) % 3
    for true, label, count in ((0, 1, 50), (1, 0, 5)):
        rows = np.flatnonzero(given == label)[:count]
        probability[rows], suggested[rows] = 1.0, true
    dataset = table_dataset(np.zeros((len(given), 2), np.float32), given)
    assert run(_with(evidence_of(dataset), judgement_of(probability, suggested))).findings == ()


def test_order_and_names_change_nothing():
    evidence, _ = judged_evidence(Noisy(samples=2000), flow=(1, 3, 0.15))
    found = run(evidence)
    assert run(reordered(evidence)).findings == found.findings
    assert [finding.score for finding in run(renamed(evidence)).findings] == [f.score for f in found.findings]


def test_unjudged_labels_are_left_out_and_one_class_does_not_apply():
    evidence = exchanged(40, 4)
    blank = judgement_of(np.full(len(evidence.dataset), np.nan), evidence.judgement.suggested)
    assert run(_with(evidence, blank)).findings == ()
    alone = table_dataset(np.zeros((5, 2), np.float32), np.zeros(5, np.int64))
    outcome = run(_with(evidence_of(alone), judgement_of(np.zeros(5), np.zeros(5))))
    assert isinstance(outcome, DidNotApply)
