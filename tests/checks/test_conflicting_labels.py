"""Copies with different labels are accused: the minority, the unlikelier, or both where nothing tells."""

import numpy as np
import pytest
from made_copies import EXACT, NEARLY, alone, copies

from dataclinic.checks.conflicting_labels import ConflictingLabels


def run(*members, check=None, **options):
    return (check or ConflictingLabels()).run(copies(*members, **options))


def rows(outcome):
    return [finding.row for finding in outcome.findings]


def test_two_that_contradict_each_other_are_both_accused():
    outcome = run((0, 0, *EXACT), alone(), (0, 1, *EXACT))
    assert rows(outcome) == [0, 2]
    assert outcome.findings[0].reason == "same content as s2, which is labelled 'dogs' while this one is 'cats'"
    assert outcome.summary == "1 set of copies with different labels, 2 samples, 2 of them accused"
    assert outcome.details == {"sets": 1, "rows": 2, "put_aside": 0}


def test_near_copies_say_what_makes_them_alike():
    outcome = run((0, 0, *EXACT), (0, 1, *NEARLY))
    assert outcome.findings[0].reason == (
        "nearly the same (resaved, likeness 0.970) as s1, which is labelled 'dogs' while this one is 'cats'"
    )
    assert outcome.findings[1].reason.startswith("nearly the same (resaved, likeness 0.970) as s0, which is labelled")


def test_the_minority_is_accused_and_hears_of_the_majority():
    outcome = run((0, 1, *EXACT), (0, 0, *EXACT), (0, 0, *NEARLY))
    assert rows(outcome) == [0]
    assert outcome.findings[0].reason == (
        "same content as s1, which is labelled 'cats' while this one is 'dogs'; 2 of these 3 are labelled 'cats'"
    )


def test_without_a_majority_all_are_accused():
    assert rows(run((0, 0, *EXACT), (0, 0, *EXACT), (0, 1, *EXACT), (0, 2, *EXACT))) == [2, 3, 0, 1]


@pytest.mark.parametrize(("dogs", "accused"), [(0.8, [0]), (0.2, [1]), (0.5, [0, 1]), (0.6, [0, 1])])
def test_a_model_that_never_saw_them_settles_where_it_is_sure(dogs, accused):
    probs = [[1 - dogs, dogs, 0.0]] * 2
    assert rows(run((0, 0, *EXACT), (0, 1, *EXACT), probs=probs)) == accused


def test_a_model_that_scored_neither_settles_nothing():
    assert rows(run((0, 0, *EXACT), (0, 1, *EXACT), probs=np.full((2, 3), np.nan))) == [0, 1]


def test_a_model_does_not_overrule_a_majority():
    probs = [[0.0, 1.0, 0.0]] * 3
    assert rows(run((0, 0, *EXACT), (0, 0, *EXACT), (0, 1, *EXACT), probs=probs)) == [2]


def test_exact_copies_come_before_near_ones_and_rarer_labels_first():
    outcome = run(
        (0, 0, *EXACT), (0, 1, *NEARLY), (1, 0, *EXACT), (1, 1, *EXACT), (2, 0, *EXACT), (2, 0, *EXACT), (2, 1, *EXACT)
    )
    assert rows(outcome) == [6, 2, 3, 0, 1]


def test_agreeing_copies_are_no_conflict():
    outcome = run((0, 1, *EXACT), (0, 1, *NEARLY), alone(0), alone(1))
    assert outcome.findings == ()
    assert outcome.summary == "no copies contradict each other"


@pytest.mark.parametrize("way", ["mirrored", "upside down", "turned by half", "words changed", "numbers changed"])
def test_turned_or_changed_samples_count_only_where_such_pairs_mostly_agree(way):
    conflict = [(0, 0, *EXACT), (0, 1, 0.97, way)]
    agree = [member for one in (1, 2) for member in ((one, 1, *EXACT), (one, 1, 0.99, way))]
    left_out = run(*conflict)
    assert left_out.findings == ()
    assert left_out.details["put_aside"] == 1
    assert left_out.summary == (
        "no copies contradict each other; 1 more is alike in a way in which labels mostly differ"
    )
    assert rows(run(*conflict, *agree)) == [0, 1]


def test_resaved_copies_count_though_all_of_them_disagree():
    assert len(run(*(one for place in range(5) for one in ((place, 0, *EXACT), (place, 1, *NEARLY)))).findings) == 10


def test_less_alike_ones_are_left_out():
    members = (0, 0, *EXACT), (0, 1, 0.9, "resaved")
    assert run(*members).findings == ()
    assert rows(run(*members, check=ConflictingLabels(likeness=0.9))) == [0, 1]


def test_numbers_far_apart_conflict_and_near_ones_do_not():
    targets = [1.0, 5.0, 3.0, 3.2, *range(8)]
    members = [(0, 0, *EXACT), (0, 0, *EXACT), (1, 0, *EXACT), (1, 0, *EXACT), *[alone()] * 8]
    outcome = run(*members, targets=targets)
    assert rows(outcome) == [0, 1]
    assert outcome.findings[0].reason == "same content as s1, which is labelled '5' while this one is '1'"


def test_of_three_numbers_the_one_far_from_the_median_is_accused():
    members = [(0, 0, *EXACT), (0, 0, *EXACT), (0, 0, *EXACT), *[alone()] * 8]
    outcome = run(*members, targets=[2.0, 2.1, 6.0, *range(8)])
    assert rows(outcome) == [2]
    assert outcome.findings[0].reason.endswith("; the median of these 3 is 2.1")


def test_names_of_classes_do_not_matter():
    members = (0, 0, *EXACT), (0, 1, *EXACT), (0, 1, *NEARLY)
    assert rows(run(*members)) == rows(run(*members, classes=("x", "<b>", "")))


def test_finds_exactly_the_planted_contradictions():
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.integers(0, 3, 300), 2)
    wrong = rng.choice(300, 25, replace=False) * 2 + 1
    labels[wrong] = (labels[wrong] + 1) % 3
    members = [(row // 2, label, *(NEARLY if row % 2 else EXACT)) for row, label in enumerate(labels.tolist())]
    assert sorted(rows(run(*members))) == sorted([*wrong.tolist(), *(wrong - 1).tolist()])
