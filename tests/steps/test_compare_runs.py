import numpy as np
import pandas as pd

from dataclinic.steps.compare_runs import compare_runs


def samples(*rows):
    """(label, flagged) of each; they rank in reverse, so that order by rank is seen."""
    frame = pd.DataFrame(list(rows), columns=["given_label", "flagged"])
    return frame.assign(rank=np.arange(len(frame), 0, -1))


def changes(before, after, partner, approved=()):
    said = np.zeros(len(after), bool)
    said[list(approved)] = True
    found = compare_runs(samples(*before), samples(*after), np.array(partner, np.int64), said)
    return [(row.change, row.how, row.before, row.after) for row in found.itertuples()]


def test_a_suspect_that_was_none_or_was_not_there_is_new():
    found = changes([("cat", False)], [("cat", True), ("cat", True)], [0, -1])
    assert found == [
        ("new", "was not there before", -1, 1),
        ("new", "was no suspect before", 0, 0),
    ]
    assert changes([("cat", False)], [("dog", True)], [0]) == [("new", "relabelled, and a suspect now", 0, 0)]


def test_a_suspect_in_both_with_the_same_label_is_still_there():
    assert changes([("cat", True)], [("cat", True)], [0]) == [("still", "same label as before", 0, 0)]


def test_a_suspect_that_was_relabelled_and_is_one_again_has_returned():
    assert changes([("cat", True)], [("dog", True)], [0]) == [("returned", "relabelled, and a suspect again", 0, 0)]


def test_a_suspect_whose_label_a_person_called_right_has_returned():
    told = "a person said that its label is right"
    assert changes([("cat", True)], [("cat", True)], [0], approved=[0]) == [("returned", told, 0, 0)]
    assert changes([("cat", False)], [("cat", True)], [0], approved=[0]) == [("returned", told, 0, 0)]


def test_fixed_ones_are_told_apart_by_how():
    before = [("cat", True), ("cat", True), ("cat", True), ("cat", False)]
    found = changes(before, [("cat", False), ("dog", False)], [0, 1])
    assert found == [
        ("fixed", "gone from the data", 2, -1),
        ("fixed", "relabelled", 1, 1),
        ("fixed", "same label, no longer a suspect", 0, 0),
    ]


def test_every_suspect_of_either_run_is_told_once():
    rng = np.random.default_rng(1)
    before = [
        (label, bool(flag)) for label, flag in zip(rng.choice(["cat", "dog"], 60), rng.random(60) < 0.4, strict=True)
    ]
    after = [
        (label, bool(flag)) for label, flag in zip(rng.choice(["cat", "dog"], 50), rng.random(50) < 0.4, strict=True)
    ]
    partner = rng.permutation(60)[:50]
    partner[:5] = -1
    found = compare_runs(samples(*before), samples(*after), partner, np.zeros(50, bool))
    now = found[found["change"] != "fixed"]
    assert sorted(now["after"]) == [row for row, (_, flagged) in enumerate(after) if flagged]
    was = sorted(row for row in found["before"] if row >= 0 and before[row][1])
    assert was == [row for row, (_, flagged) in enumerate(before) if flagged]


def test_runs_without_suspects_have_no_changes():
    assert changes([("cat", False)], [("cat", False)], [0]) == []
