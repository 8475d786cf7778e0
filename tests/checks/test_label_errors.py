from dataclasses import replace

import numpy as np
import pytest
from cleanlab.filter import find_label_issues

from dataclinic.checks.label_errors import LabelErrors
from dataclinic.testing.planted import confident_probs, evidence_of, gaussian_classes, switch_labels, table_dataset

VECTORS, TRUE = gaussian_classes(400, 4)
PROBS = confident_probs(TRUE, classes=4)
GIVEN, SWITCHED = switch_labels(TRUE, 0.08, classes=4)


def flagged(labels, probs=PROBS, **settings):
    evidence = evidence_of(table_dataset(VECTORS, labels), probs)
    return {finding.row for finding in LabelErrors(**settings).run(evidence).findings}


# cleanlab estimates how many labels are wrong and flags that many; of few errors the estimate is rough.
@pytest.mark.parametrize(("share", "recall"), [(0.02, 0.7), (0.08, 0.9), (0.3, 0.95)])
def test_finds_planted_flips(share, recall):
    given, switched = switch_labels(TRUE, share, classes=4)
    found = flagged(given)
    planted = set(np.flatnonzero(switched))
    assert len(found & planted) >= recall * len(planted)
    assert len(found & planted) >= 0.95 * len(found)


def test_clean_labels_have_no_suspects():
    assert flagged(TRUE) == set()


def test_is_what_cleanlab_finds_on_the_same_probs():
    rng = np.random.default_rng(0)
    noisy = PROBS + rng.random(PROBS.shape).astype(np.float32)
    noisy /= noisy.sum(axis=1, keepdims=True)
    for name in ("confident_learning", "both", "prune_by_noise_rate"):
        theirs = find_label_issues(GIVEN, noisy.astype(np.float64), filter_by=name, n_jobs=1)
        assert flagged(GIVEN, noisy, filter_by=name) == set(np.flatnonzero(theirs)) != set()


def test_row_order_and_class_names_do_not_matter():
    order = np.random.default_rng(1).permutation(400)
    turned = {int(order[row]) for row in flagged_of_rows(order)}
    assert turned == flagged(GIVEN)
    swapped = np.array([2, 0, 3, 1])
    probs = np.empty_like(PROBS)
    probs[:, swapped] = PROBS
    assert flagged(swapped[GIVEN], probs) == flagged(GIVEN)


def flagged_of_rows(order):
    evidence = evidence_of(table_dataset(VECTORS[order], GIVEN[order]), PROBS[order])
    return {finding.row for finding in LabelErrors().run(evidence).findings}


def test_most_suspect_come_first_with_numbers_in_the_reason():
    evidence = evidence_of(table_dataset(VECTORS, GIVEN), PROBS)
    findings = LabelErrors().run(evidence).findings
    scores = [finding.score for finding in findings]
    assert scores == sorted(scores, reverse=True)
    first = findings[0]
    given, said = f"'class {GIVEN[first.row]}'", f"'class {TRUE[first.row]}'"
    assert given in first.reason
    assert said in first.reason
    assert "%" in first.reason


def test_unjudged_samples_are_left_out_even_when_they_are_all_of_a_class():
    labels = np.where(np.arange(400) == 5, 4, GIVEN)
    probs = np.column_stack([PROBS, np.zeros(400, np.float32)])
    evidence = evidence_of(table_dataset(VECTORS, labels), probs)
    judged = np.ones(400, bool)
    judged[5] = False
    evidence = replace(evidence, out_of_fold=replace(evidence.out_of_fold, judged=judged))
    outcome = LabelErrors().run(evidence)
    assert 5 not in {finding.row for finding in outcome.findings}
    assert outcome.details["judged"] == 399
    assert len(outcome.findings) == pytest.approx(SWITCHED.sum(), abs=2)


def test_one_label_is_told_in_the_singular():
    labels = np.arange(40) % 2
    sure = np.where(np.arange(40) == 5, 0.02, 0.95)
    probs = np.where(np.arange(2) == labels[:, None], sure[:, None], 1 - sure[:, None]).astype(np.float32)
    outcome = LabelErrors().run(evidence_of(table_dataset(VECTORS[:40], labels), probs))
    assert outcome.summary == "1 of 40 judged labels looks wrong (2.5%)"
