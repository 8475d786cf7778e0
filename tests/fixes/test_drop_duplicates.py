import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclinic.findings import DidNotApply
from dataclinic.fixes.drop_duplicates import DropDuplicates
from dataclinic.testing.parts import regression_part, table_part, vector_part


def propose(content, labels):
    vectors = np.random.default_rng(0).normal(size=(len(labels), 3))
    return DropDuplicates().propose(vector_part(vectors, np.array(labels), classes=list("xyz"), content=content))


def test_the_first_of_equal_copies_stays():
    treatment = propose("abacbd", [0, 1, 0, 2, 1, 0])
    assert treatment.rows.tolist() == [0, 1, 3, 5]
    assert treatment.labels.tolist() == [0, 1, 2, 0]
    assert treatment.told == "drop 2 of 6 samples as copies, 0 sets with different labels"


def test_majority_settles_different_labels():
    treatment = propose("aaab", [2, 1, 1, 0])
    assert treatment.rows.tolist() == [1, 3]
    assert treatment.labels.tolist() == [1, 0]
    assert treatment.told == "drop 2 of 4 samples as copies, 1 set with different labels"


def test_without_a_majority_none_stays():
    assert propose("aabcc", [0, 1, 2, 2, 2]).rows.tolist() == [2, 3]
    assert propose("aaaab", [0, 0, 1, 2, 0]).rows.tolist() == [4]
    assert propose("aa", [0, 1]) == DidNotApply("every sample has a copy with another label")


def test_samples_without_content_are_no_copies():
    assert propose(["", "", "a", "a"], [0, 1, 0, 0]).rows.tolist() == [0, 1, 2]
    assert propose(["", ""], [0, 0]) == DidNotApply("no sample has content to compare")
    assert propose("ab", [0, 0]) == DidNotApply("no two samples have equal content")


def test_of_numbers_the_copy_nearest_to_their_median_stays_as_it_is():
    frame = pd.DataFrame({"x": [1.25, 7.5, 1.25, 1.25, 9, 2, 3], "y": [3.5, 1, 3.5, 3.5, 2, 6, 7]})
    treatment = DropDuplicates().propose(regression_part(frame, np.array([10, 5, 50, 20, 6, 1, 2])))
    assert treatment.rows.tolist() == [1, 3, 4, 5, 6]
    assert treatment.labels.tolist() == [5, 20, 6, 1, 2]


def test_rows_of_coarse_columns_are_no_copies():
    coarse = pd.DataFrame({"yes": [0, 1] * 50, "often": [0, 0, 1, 1] * 25})
    outcome = DropDuplicates().propose(table_part(coarse, np.arange(100) % 3))
    assert outcome == DidNotApply("columns this coarse must give equal rows: they are no copies")


@given(st.lists(st.tuples(st.sampled_from(["", *"abcd"]), st.integers(0, 2)), min_size=1, max_size=12))
@settings(max_examples=80, deadline=None)
def test_as_counted_one_by_one(samples):
    content, labels = zip(*samples, strict=True)
    kept = []
    for row, (digest, label) in enumerate(samples):
        same = [one for one in samples if one[0] == digest]
        agree = [one for one in same if one[1] == label]
        first = (digest, label) not in samples[:row]
        if not digest or (first and 2 * len(agree) > len(same)):
            kept.append(row)
    outcome = propose(content, labels)
    if isinstance(outcome, DidNotApply):
        assert not kept or len(kept) == len(samples)
    else:
        assert outcome.rows.tolist() == kept
