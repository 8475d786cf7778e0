"""Held-out samples with a copy elsewhere are named with it, those with one to learn from first."""

import pytest
from made_copies import EXACT, NEARLY, alone, copies

from dataclinic.checks.split_leakage import SplitLeakage
from dataclinic.findings import DidNotApply


def run(*members, **options):
    return SplitLeakage().run(copies(*members, **options))


def told(outcome):
    return [(finding.row, finding.reason) for finding in outcome.findings]


def test_names_both_samples_and_splits():
    outcome = run((0, 0, *EXACT), (0, 0, *EXACT), alone(), split=["train", "test", "test"])
    assert told(outcome) == [(1, "in the split test, same content as s0 in the split train")]
    assert outcome.details == {"rows": 1, "by_split": {"test": 1}, "share_by_split": {"test": 0.5}}
    assert outcome.summary == "1 of 2 samples in test (50.0%) has a copy in another split"


def test_near_copies_leak_too():
    outcome = run((0, 0, *EXACT), (0, 0, *NEARLY), split=["test", "Training"])
    assert told(outcome) == [(0, "in the split test, nearly the same (resaved, 0.970) as s1 in the split Training")]


def test_copies_of_training_samples_come_first_and_exact_ones_before_near_ones():
    members = (0, 0, *EXACT), (0, 0, *EXACT), (1, 0, *EXACT), (1, 0, *NEARLY), (2, 0, *EXACT), (2, 0, *EXACT)
    outcome = run(*members, split=["val", "test", "train", "test", "train", "val"])
    assert [finding.row for finding in outcome.findings] == [5, 3, 0, 1]
    assert outcome.details["by_split"] == {"test": 2, "val": 2}
    assert outcome.summary == (
        "2 of 2 samples in test (100.0%), 2 of 2 samples in val (100.0%) have a copy in another split"
    )


def test_several_copies_are_counted():
    outcome = run(*[(0, 0, *EXACT)] * 4, split=["train", "train", "test", ""])
    assert told(outcome) == [
        (2, "in the split test, same content as s0 in the split train, and as 2 more in other splits")
    ]


def test_samples_without_a_split_are_learned_from():
    outcome = run((0, 0, *EXACT), (0, 0, *EXACT), split=["", "test"])
    assert told(outcome) == [(1, "in the split test, same content as s0 in the split (none)")]


def test_where_no_split_is_called_train_both_sides_are_named():
    outcome = run((0, 0, *EXACT), (0, 0, *EXACT), split=["a", "b"])
    assert [finding.row for finding in outcome.findings] == [0, 1]


def test_copies_within_a_split_do_not_leak():
    members = (0, 0, *EXACT), (0, 0, *EXACT), (1, 0, *EXACT), (1, 0, *NEARLY)
    outcome = run(*members, split=["train", "train", "test", "test"])
    assert outcome.findings == ()
    assert outcome.summary == "no sample has a copy in another split"


def test_clean_data_has_no_findings():
    assert run(*[alone()] * 6, split=["train", "test"] * 3).findings == ()


@pytest.mark.parametrize(
    ("split", "reason"), [(None, "the samples have no splits"), (["train"] * 2, "all samples are in the split train")]
)
def test_does_not_apply_without_splits(split, reason):
    outcome = run((0, 0, *EXACT), (0, 0, *EXACT), split=split)
    assert outcome == DidNotApply(reason)
