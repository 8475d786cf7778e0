from dataclasses import replace

import pytest
from sklearn.metrics import cohen_kappa_score

from dataclinic.edits import Decision
from dataclinic.steps.merge_decisions import merge_decisions


def _said(sample, verdict, label=None, **changes):
    about = {"content": f"digest of {sample}", "given": "cat", "reviewer": "Ana", "time": "2026-08-03T14:00:00+00:00"}
    return Decision(sample, verdict, label, **{**about, **changes})


ANA = (_said("a", "keep"), _said("b", "relabel", "dog"), _said("c", "drop"), _said("d", "keep"))
BEN = tuple(
    replace(said, reviewer="Ben", time="2026-08-03T15:00:00+00:00")
    for said in (_said("e", "drop"), _said("c", "drop"), _said("b", "keep"), _said("a", "keep"))
)


def test_what_one_alone_decided_and_what_both_agree_on_is_kept():
    merged = merge_decisions(ANA, BEN)
    assert merged.decisions == (ANA[0], ANA[2], ANA[3], BEN[0])
    assert (merged.only_first, merged.only_second, len(merged.both)) == (1, 1, 3)
    assert [(pair.first, pair.second) for pair in merged.disagreements] == [(ANA[1], BEN[2])]


@pytest.mark.parametrize(("way", "expected"), [("first", ANA[1]), ("second", BEN[2])])
def test_disagreements_may_follow_one_of_the_two(way, expected):
    assert merge_decisions(ANA, BEN, way).decisions == (ANA[0], expected, ANA[2], ANA[3], BEN[0])


def test_disagreements_may_be_ambiguous_signed_by_both():
    assert merge_decisions(ANA, BEN, "ambiguous").decisions[1] == Decision(
        "b", "ambiguous", None, "digest of b", "cat", "2026-08-03T15:00:00+00:00", "Ana, Ben"
    )


def test_agreement_is_on_what_a_sample_ends_up_as():
    same = (_said("a", "keep", given="dog"), _said("a", "relabel", "dog", given="cat"))
    assert merge_decisions(same[:1], same[1:]).disagreements == ()
    # a class may be called like a verdict
    for verdict in ("drop", "ambiguous"):
        apart = merge_decisions((_said("a", "relabel", verdict),), (_said("a", verdict),))
        assert len(apart.disagreements) == 1


def test_kappa_is_over_labels_dropped_and_ambiguous_ones():
    first = [_said(f"{place}", "relabel", "dog") for place in range(6)] + [
        _said(f"{place}", "drop") for place in (6, 7)
    ]
    second = [_said(f"{place}", "relabel", "dog") for place in range(5)]
    second += [_said("5", "keep"), _said("6", "drop"), _said("7", "ambiguous")]
    expected = cohen_kappa_score(["dog"] * 6 + ["drop"] * 2, ["dog"] * 5 + ["cat", "drop", "ambiguous"])
    assert merge_decisions(first, second).kappa.value == pytest.approx(expected)


def test_without_a_sample_that_both_decided_there_is_no_kappa():
    merged = merge_decisions(ANA[:2], BEN[:1])
    assert merged.kappa is None
    assert merged.decisions == (*ANA[:2], BEN[0])


def test_samples_that_were_renamed_are_found_by_their_content():
    renamed = replace(BEN[3], id="a new name")
    assert len(merge_decisions(ANA, (renamed,)).both) == 1


def test_samples_of_one_name_and_another_content_are_two():
    other = replace(BEN[3], content="changed since")
    assert merge_decisions(ANA[:1], (other,)).both == ()
    without = replace(BEN[3], content="")
    assert len(merge_decisions(ANA[:1], (without,)).both) == 1


def test_copies_of_one_content_are_not_taken_for_each_other():
    first = (_said("a", "keep", content="copy"), _said("b", "drop", content="copy"))
    second = (_said("b", "drop", content="copy"), _said("c", "keep", content="copy"))
    merged = merge_decisions(first, second)
    assert [(pair.first.id, pair.second.id) for pair in merged.both] == [("a", "c"), ("b", "b")]
    several = (*second, _said("d", "keep", content="copy"))
    assert [pair.first.id for pair in merge_decisions(first, several).both] == ["b"]


def test_nothing_and_something_is_that_thing():
    assert merge_decisions((), BEN).decisions == BEN
    assert merge_decisions(ANA, ()).decisions == ANA
