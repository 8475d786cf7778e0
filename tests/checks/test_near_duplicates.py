"""Near duplicates are reported beside the one worth keeping; sets of equal content are left to another check."""

from dataclasses import replace

import numpy as np
from made_copies import EXACT, NEARLY, alone, copies
from made_evidence import evidence_of

from dataclinic.checks.conflicting_labels import ConflictingLabels
from dataclinic.checks.near_duplicates import NearDuplicates
from dataclinic.checks.split_leakage import SplitLeakage
from dataclinic.steps.find_near_duplicates import find_near_duplicates
from made_scenes import encoded, jpeg, scene


def run(*members, **options):
    return NearDuplicates().run(copies(*members, **options))


def compared(*arguments, **options):
    evidence = evidence_of(*arguments, **options)
    near = find_near_duplicates(evidence.dataset, evidence.measurements, None, None)
    return replace(evidence, near_duplicates=near)


def test_all_but_the_kept_one_are_reported():
    outcome = run((0, 0, *EXACT), alone(), (0, 0, *NEARLY), (0, 0, 0.98, "mirrored"))
    assert [(finding.row, finding.reason) for finding in outcome.findings] == [
        (3, "mirrored: nearly the same as s0, likeness 0.980"),
        (2, "resaved: nearly the same as s0, likeness 0.970"),
    ]
    assert outcome.details == {"sets": 1, "rows": 2, "mirrored": 1, "resaved": 1}
    assert outcome.summary == (
        "2 samples are nearly the same as one that is worth keeping, in 1 set: mirrored 1, resaved 1"
    )


def test_equal_content_is_left_to_another_check():
    assert run((0, 0, *EXACT), (0, 0, *EXACT)).findings == ()
    mixed = run((0, 0, *EXACT), (0, 0, *EXACT), (0, 0, *NEARLY))
    assert [finding.row for finding in mixed.findings] == [2]


def test_other_labels_come_first_and_then_other_splits():
    members = [one for place in range(3) for one in ((place, 0, *EXACT), (place, place == 1, *NEARLY))]
    outcome = run(*members, split=["train", "train", "train", "train", "test", "train"])
    assert [finding.row for finding in outcome.findings] == [3, 5, 1]
    assert outcome.findings[0].reason.endswith("; their labels differ")
    assert outcome.findings[1].reason.endswith("; that one stands in the split test")


def test_clean_data_has_no_findings():
    outcome = NearDuplicates().run(compared([encoded(scene(seed)) for seed in range(12)]))
    assert outcome.findings == ()
    assert outcome.summary == "no two samples are nearly the same"


def test_planted_copies_are_told_with_their_sizes():
    pictures = [encoded(scene(seed)) for seed in range(10)]
    evidence = compared([*pictures, jpeg(scene(4).resize((48, 36)))])
    (finding,) = NearDuplicates().run(evidence).findings
    assert finding.row == 10
    assert finding.reason.endswith(", which has 96 x 72 px where this one has 48 x 36")


def test_the_three_checks_agree_about_a_resaved_picture_with_another_label_in_the_test_split():
    pictures = [*(encoded(scene(seed)) for seed in range(10)), jpeg(scene(4), 40)]
    evidence = compared(pictures, [0] * 10 + [1], split=["train"] * 10 + ["test"])
    # The test split stays as it is: what is to go is the training sample.
    assert [finding.row for finding in NearDuplicates().run(evidence).findings] == [4]
    assert [finding.row for finding in SplitLeakage().run(evidence).findings] == [10]
    assert {finding.row for finding in ConflictingLabels().run(evidence).findings} == {4, 10}


def test_order_of_samples_does_not_matter():
    pictures = [*(encoded(scene(seed)) for seed in range(10)), *(jpeg(scene(seed), 40) for seed in range(4))]
    evidence = compared(pictures)
    order = np.random.default_rng(0).permutation(14)
    mixed = compared([pictures[row] for row in order], ids=[f"s{row:05d}" for row in order])
    told = [
        [(finding.subject, finding.reason) for finding in NearDuplicates().run(one).findings]
        for one in (evidence, mixed)
    ]
    assert len(told[0]) == 4
    assert told[0] == told[1]
