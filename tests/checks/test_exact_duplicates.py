"""Copies are found, the ones that contradict each other first; coarse tables are told apart from copies."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_evidence import evidence_of, png, shuffled, told

from dataclinic.checks.exact_duplicates import ExactDuplicates
from dataclinic.dataset import Texts
from dataclinic.findings import DidNotApply


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def run(*arguments, **options):
    return ExactDuplicates().run(evidence_of(*arguments, **options))


def test_conflicting_copies_name_each_other_and_both_labels():
    outcome = run([png(0), png(1), png(0)], [0, 1, 1], ids=["cats/12.png", "dogs/1.png", "dogs/7.png"])
    assert [finding.subject for finding in outcome.findings] == ["cats/12.png", "dogs/7.png"]
    assert outcome.findings[1].reason == (
        "same picture as cats/12.png, which is labelled 'cats' while this one is labelled 'dogs'"
    )
    assert outcome.details["conflicting_sets"] == 1


def test_copies_across_splits_say_so():
    outcome = run([png(0), png(0), png(1)], split=["train", "test", "test"])
    assert outcome.findings[0].reason == "same picture as s00001; the copies stand in the splits test and train"
    assert outcome.details["cross_split_sets"] == 1


def test_most_serious_sets_come_first():
    sources = [png(seed) for seed in (0, 0, 1, 1, 2, 2, 3, 3)]
    outcome = run(
        sources, [0, 0, 0, 0, 0, 1, 0, 1], split=["train", "train", "train", "test", "train", "train", "train", "test"]
    )
    assert [finding.row for finding in outcome.findings] == [6, 7, 4, 5, 2, 3, 0, 1]
    assert [finding.score for finding in outcome.findings] == [4, 4, 3, 3, 2, 2, 1, 1]


def test_large_sets_name_three_copies_and_count_the_rest():
    outcome = run([png(0)] * 7, [0, 0, 0, 0, 0, 0, 1])
    assert len(outcome.findings) == 7
    assert outcome.findings[1].reason == (
        "same picture as s00006, which is labelled 'dogs' while this one is labelled 'cats'; "
        "also the same as s00000, s00002 and 3 more"
    )
    assert outcome.findings[6].reason == (
        "same picture as s00000, which is labelled 'cats' while this one is labelled 'dogs'; "
        "also the same as s00001, s00002 and 3 more"
    )


def test_agreeing_copies_are_listed():
    assert run([png(0)] * 3).findings[0].reason == "same picture as s00001 and s00002"
    assert run([png(0)] * 5).findings[4].reason == "same picture as s00000, s00001, s00002 and 1 more"


def test_unreadable_pictures_are_not_copies_of_each_other():
    outcome = run([None, None, b"x", b"y", png(0)])
    assert outcome.findings == ()


def test_finds_all_planted_copies_of_rows_and_no_others(rng):
    frame = pd.DataFrame({"number": rng.normal(size=400), "text": rng.choice(list("abc"), 400)})
    frame = pd.concat([frame, frame.iloc[:40]], ignore_index=True)
    outcome = run(frame)
    assert {finding.row for finding in outcome.findings} == {*range(40), *range(400, 440)}
    assert outcome.findings[0].reason == "same cells as s00400"
    assert outcome.details == {"sets": 40, "rows": 80, "conflicting_sets": 0, "cross_split_sets": 0, "natural": False}


def test_clean_data_has_no_findings(rng):
    assert run([png(seed) for seed in range(20)]).findings == ()
    assert run(pd.DataFrame({"number": rng.normal(size=100)})).findings == ()


def test_coarse_tables_are_summed_up_instead(rng):
    frame = pd.DataFrame(rng.integers(0, 2, (500, 3)), columns=list("abc"))
    outcome = run(frame, rng.integers(0, 2, 500))
    assert outcome.findings == ()
    assert outcome.details["natural"]
    assert outcome.details["rows"] == 500
    assert outcome.details["conflicting_sets"] == 8
    assert outcome.summary.startswith("500 samples (100.0%) in 8 sets of equal content, 8 with different labels")
    assert outcome.summary.endswith("so they are not reported one by one")


def test_table_in_which_every_row_stands_twice_is_not_coarse(rng):
    frame = pd.DataFrame(rng.normal(size=(100, 3)), columns=list("abc"))
    outcome = run(pd.concat([frame, frame], ignore_index=True))
    assert len(outcome.findings) == 200


@pytest.mark.parametrize("payload", [[None, b""], pd.DataFrame(index=range(2))])
def test_does_not_apply_without_content(payload):
    outcome = run(payload)
    assert isinstance(outcome, DidNotApply)
    assert outcome.reason == "no sample has content to compare"


def test_order_of_samples_does_not_matter(rng):
    sources = [png(seed) for seed in (0, 0, 1, 1, 2, 2, 2, 3, 4, 4, 4, 4, 4)]
    evidence = evidence_of(sources, rng.integers(0, 2, 13), split=rng.choice(["train", "test"], 13).tolist())
    assert told(ExactDuplicates().run(evidence)) == told(ExactDuplicates().run(shuffled(evidence)))


def test_names_of_classes_do_not_matter():
    sources = [png(seed) for seed in (0, 0, 0, 1, 1, 1)]
    one = run(sources, [0, 1, 1, 0, 0, 1], classes=("cats", "dogs"))
    other = run(sources, [0, 1, 1, 0, 0, 1], classes=("zebras", "<b>ants</b>"))
    assert [finding.row for finding in one.findings] == [finding.row for finding in other.findings]
    assert "'<b>ants</b>'" in other.findings[0].reason


def test_one_set_is_told_in_the_singular():
    frame = pd.DataFrame({"a": [0, 0, 1, 2, 3]})
    assert "2 samples (40.0%) in 1 set of equal content" in run(frame).summary


def test_texts_with_the_same_words_are_copies_and_blank_ones_are_not():
    texts = Texts(("Where is it?", "Where  is it?\n", "where is it?", "", "", "Where is it"))
    outcome = run(texts, [0, 1, 0, 0, 1, 0])
    assert [finding.row for finding in outcome.findings] == [0, 1]
    assert "same text as s00001, which is labelled 'dogs'" in outcome.findings[0].reason
    assert outcome.details["conflicting_sets"] == 1


def test_copies_of_a_text_share_a_group():
    evidence = evidence_of(Texts(("a b", "c", "a  b", "", "")))
    assert evidence.groups.tolist() == [0, 1, 0, 2, 3]


def test_copies_with_other_numbers_conflict():
    evidence = evidence_of(pd.DataFrame({"x": [1.25, 1.25, 7.5, 7.5, 3.0, 4.0, 5.0, 6.0]}), classes=(), ids="abcdefgh")
    targets = np.array([10.0, 12.5, 3.0, 3.0, 1.0, 2.0, 3.0, 4.0])
    outcome = ExactDuplicates().run(replace(evidence, dataset=replace(evidence.dataset, targets=targets)))
    assert (outcome.details["sets"], outcome.details["conflicting_sets"]) == (2, 1)
    first = outcome.findings[0]
    assert (first.subject, first.reason) == (
        "a",
        "same cells as b, which is labelled '12.5' while this one is labelled '10'",
    )
