import numpy as np
import pytest
from flipped_parts import flipped_part, unjudged

from dataclinic.findings import DidNotApply
from dataclinic.fixes.relabel_suspects import RelabelSuspects
from dataclinic.testing.parts import accusing, vector_part
from dataclinic.testing.planted import confident_probs


def test_every_suspect_gets_its_true_label_and_nothing_else_changes():
    part, true, _ = flipped_part()
    treatment = RelabelSuspects().propose(part)
    np.testing.assert_array_equal(treatment.labels, true)
    np.testing.assert_array_equal(treatment.rows, np.arange(200))
    assert treatment.told == "relabel 20 of 200 labels"


def test_wrong_labels_that_nothing_accuses_stay():
    part, _, wrong = flipped_part(accused=[])
    assert wrong.any()
    assert RelabelSuspects().propose(part) == DidNotApply("no label looks wrong")


def test_only_classes_that_are_likely_enough_are_taken_over():
    probs = np.array([[0.1, 0.6, 0.3], [0.3, 0.45, 0.25], [0.8, 0.1, 0.1]])
    part = vector_part(np.eye(3), [0, 0, 0], classes=list("abc"), probs=probs, records=[accusing([0, 1, 2])])
    assert RelabelSuspects().propose(part).labels.tolist() == [1, 0, 0]
    assert RelabelSuspects(least_probability=0.4).propose(part).labels.tolist() == [1, 1, 0]
    reason = "none of the 2 suspects has another class with 70% or more"
    assert RelabelSuspects(least_probability=0.7).propose(part) == DidNotApply(reason)


def test_rows_that_no_model_judged_keep_their_label():
    _, true, wrong = flipped_part()
    rows = np.flatnonzero(wrong)[:5]
    part, _, _ = flipped_part(probs=unjudged(confident_probs(true, classes=4), rows))
    labels = RelabelSuspects().propose(part).labels
    np.testing.assert_array_equal(labels[rows], part.labels[rows])
    assert (labels != true).sum() == 5


@pytest.mark.parametrize("check", ["iqr_outliers", "exact_duplicates"])
def test_listens_to_checks_that_accuse_labels_alone(check):
    assert check not in RelabelSuspects.listens
    assert RelabelSuspects.listens == {"label_errors", "high_loss"}
