import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclinic.steps.match_runs import match_runs


def frame(*samples):
    return pd.DataFrame(list(samples), columns=["id", "content", "given_label"]).astype("str")


def matched(before, after):
    return match_runs(frame(*before), frame(*after)).tolist()


def test_equal_content_is_the_same_sample_whatever_its_id():
    before = [("cat/1.png", "x", "cat"), ("cat/2.png", "y", "cat")]
    assert matched(before, [("dog/2.png", "y", "dog"), ("cat/1.png", "x", "cat"), ("new", "z", "cat")]) == [1, 0, -1]


def test_an_id_whose_content_changed_is_another_sample():
    assert matched([("1.png", "x", "cat")], [("1.png", "y", "cat")]) == [-1]


def test_without_content_on_either_side_the_id_decides():
    assert matched([("a", "", "cat")], [("a", "", "dog")]) == [0]
    assert matched([("a", "x", "cat")], [("a", "", "cat")]) == [0]
    assert matched([("a", "", "cat")], [("a", "x", "cat")]) == [0]
    assert matched([("a", "", "cat")], [("b", "", "cat")]) == [-1]


def test_rows_that_moved_up_are_found_by_content_not_by_their_number():
    before = [(str(row), f"content {row}", "cat") for row in range(5)]
    after = [(str(row), f"content {row + 2}", "cat") for row in range(3)]
    assert matched(before, after) == [2, 3, 4]


def test_of_equal_contents_id_and_label_decide_and_one_more_is_new():
    before = [("a", "x", "cat"), ("b", "x", "dog")]
    assert matched(before, [("c", "x", "dog"), ("a", "x", "cat"), ("d", "x", "dog")]) == [1, 0, -1]
    assert matched(before, [("b", "x", "cat"), ("a", "x", "dog")]) == [1, 0]
    assert matched(before, [("c", "x", "dog"), ("d", "x", "cat")]) == [1, 0]


def test_empty_runs_match_nothing():
    assert matched([], [("a", "x", "cat")]) == [-1]
    assert matched([("a", "x", "cat")], []) == []


SAMPLES = st.lists(
    st.tuples(st.integers(0, 9).map(str), st.sampled_from(["", "x", "y", "z"]), st.sampled_from(["cat", "dog"])),
    max_size=12,
    unique_by=lambda sample: sample[0],
)


@settings(deadline=None, max_examples=40)
@given(SAMPLES, SAMPLES)
def test_each_sample_is_matched_once_by_content_or_by_id_and_none_that_could_be_is_left(before, after):
    partner = matched(before, after)
    taken = [row for row in partner if row >= 0]
    assert len(set(taken)) == len(taken)
    for (name, content, _), row in zip(after, partner, strict=True):
        if row >= 0:
            other, other_content, _ = before[row]
            assert content == other_content if content and other_content else name == other
    free = {row for row in range(len(before)) if row not in taken}
    for (name, content, _), row in zip(after, partner, strict=True):
        if row < 0:
            assert not [old for old in free if content and before[old][1] == content]
            assert not [old for old in free if not (content and before[old][1]) and before[old][0] == name]


@settings(deadline=None, max_examples=40)
@given(SAMPLES)
def test_a_run_matches_itself(samples):
    assert matched(samples, samples) == list(range(len(samples)))


def test_order_of_the_data_does_not_matter_where_contents_differ():
    rng = np.random.default_rng(0)
    before = [(f"id {row}", f"content {row}", "cat") for row in range(50)]
    order = rng.permutation(50)
    assert matched(before, [(f"other {row}", f"content {row}", "dog") for row in order]) == order.tolist()
