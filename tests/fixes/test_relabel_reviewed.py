import numpy as np
import pandas as pd
from flipped_parts import flipped_part

from dataclinic.findings import DidNotApply
from dataclinic.fixes import UNKNOWN
from dataclinic.fixes.relabel_reviewed import RelabelReviewed
from dataclinic.testing.parts import accusing, regression_part


def reviewed(rows):
    """Verified true labels of some rows, and the part with them."""
    _, true, wrong = flipped_part()
    trusted = np.full(len(true), UNKNOWN)
    chosen = rows(wrong)
    trusted[chosen] = true[chosen]
    return flipped_part(trusted=trusted)


def test_suspects_that_people_looked_at_get_their_label():
    part, true, wrong = reviewed(lambda wrong: np.flatnonzero(wrong)[:12])
    treatment = RelabelReviewed().propose(part)
    seen = np.flatnonzero(wrong)[:12]
    np.testing.assert_array_equal(treatment.labels[seen], true[seen])
    others = np.setdiff1d(part.rows, seen)
    np.testing.assert_array_equal(treatment.labels[others], part.labels[others])
    assert treatment.told == "correct 12 of 200 labels, 12 suspects reviewed"


def test_verified_labels_of_rows_that_nothing_accuses_are_not_used():
    _, true, wrong = flipped_part()
    part, _, _ = flipped_part(trusted=true, accused=np.flatnonzero(wrong)[:3])
    treatment = RelabelReviewed().propose(part)
    assert (treatment.labels != part.labels).sum() == 3


def test_people_may_disagree_with_what_models_suggest():
    part, true, wrong = reviewed(lambda wrong: wrong)
    trusted = part.trusted.copy()
    row = np.flatnonzero(wrong)[0]
    trusted[row] = next(code for code in range(4) if code not in {part.labels[row], true[row]})
    other, _, _ = flipped_part(trusted=trusted)
    assert RelabelReviewed().propose(other).labels[row] == trusted[row] != other.suggested[row]


def test_says_why_there_is_nothing_to_do():
    def reason(trusted):
        return RelabelReviewed().propose(flipped_part(trusted=trusted)[0])

    part, _, wrong = flipped_part()
    nobody = DidNotApply("no label was verified by a person")
    assert reason(None) == reason(np.full(200, UNKNOWN)) == nobody
    elsewhere = np.where(wrong, UNKNOWN, part.labels)
    assert reason(elsewhere) == DidNotApply("no verified label belongs to a suspect")
    confirmed = DidNotApply("people confirmed the labels of all 20 suspects that they looked at")
    assert reason(part.labels) == confirmed


def test_numbers_of_a_regression_are_corrected_too():
    frame = pd.DataFrame({"x": np.arange(4.0)})
    records = [accusing([1, 2], "target_errors")]
    part = regression_part(frame, np.array([0, 99, 88, 3]), records=records, trusted=np.array([np.nan, 1, np.nan, 7]))
    assert RelabelReviewed().propose(part).labels.tolist() == [0, 1, 88, 3]
