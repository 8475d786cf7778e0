import json
from dataclasses import replace

import numpy as np
import pytest

from dataclinic.checks import drift_in_order
from dataclinic.checks.drift_in_order import DriftInOrder
from dataclinic.evidence import Measurements
from dataclinic.findings import DidNotApply
from dataclinic.testing.planted import evidence_of, gaussian_classes, table_dataset


def random_order(samples=400, classes=3, seed=0, dims=6):
    vectors, labels = gaussian_classes(samples, classes, dims=dims, seed=seed)
    order = np.random.default_rng(seed).permutation(samples)
    return vectors[order], labels[order]


def evidence(vectors, labels, *, groups=None, measured=None, **changes):
    dataset = replace(table_dataset(vectors, np.asarray(labels, np.int64)), **changes)
    measurements = None if measured is None else Measurements(measured, ())
    seen = evidence_of(dataset, measurements=measurements)
    return replace(seen, vectors=vectors, groups=seen.groups if groups is None else groups)


def subjects(outcome):
    return {finding.subject for finding in outcome.findings}


def test_independent_samples_bring_no_finding_at_the_promised_rate():
    found = 0
    for seed in range(150):
        vectors, labels = random_order(100, seed=seed)
        found += bool(DriftInOrder(alpha=0.05).run(evidence(vectors, labels)).findings)
    assert found <= 15  # binomial with .05: 16 or more in 5 of 1,000 such runs


def test_changed_stretch_is_found_and_named():
    vectors, labels = random_order()
    vectors[100:200] += 1.2
    brightness = 100 + 10 * vectors[:, 0].astype(float)
    measured = {"noise": np.random.default_rng(0).random(400), "brightness": brightness}
    outcome = DriftInOrder().run(evidence(vectors, labels, measured=measured))
    (finding,) = outcome.findings
    assert finding.subject == "order of samples"
    assert finding.row is None
    start, stop = (int(outcome.details["samples"][end]) for end in ("first", "last"))
    assert abs(start - 100) <= 10
    assert abs(stop - 199) <= 10
    assert finding.reason.startswith(f"from {start} to {stop} in file order")
    assert "the mean brightness is" in finding.reason
    assert finding.reason.endswith("p = 0.005 by 199 shuffles within classes")
    assert outcome.summary.startswith("samples depend on their order (samples p = 0.005, labels p = ")
    json.dumps(outcome.details, allow_nan=False)


def test_labels_that_cluster_are_found():
    vectors, labels = random_order()
    labels[50:90] = 2
    vectors = np.random.default_rng(1).normal(size=vectors.shape).astype(np.float32)
    outcome = DriftInOrder().run(evidence(vectors, labels))
    assert subjects(outcome) == {"order of labels"}
    assert "'class 2' makes up " in outcome.findings[0].reason


@pytest.mark.parametrize("splits", [1, 2])
def test_class_after_class_is_no_drift(splits):
    vectors, labels = random_order()
    split = np.arange(400) * splits // 400
    order = np.lexsort((labels, split))
    outcome = DriftInOrder().run(
        evidence(vectors[order], labels[order], split=tuple(np.array(["a", "b"])[split[order]]))
    )
    assert outcome.findings == ()
    assert "labels not tested, since the data is sorted by them" in outcome.summary


def test_splits_that_differ_and_stand_one_after_the_other_are_no_drift():
    vectors, labels = random_order()
    split = np.where(np.arange(400) < 100, "test", "train")
    vectors[:100] += 1.2
    labels[:100] = np.arange(100) % 2
    assert subjects(DriftInOrder().run(evidence(vectors, labels))) == {"order of samples", "order of labels"}
    assert DriftInOrder().run(evidence(vectors, labels, split=tuple(split))).findings == ()


def test_labels_of_an_image_folder_are_not_tested():
    vectors, labels = random_order()
    labels[50:90] = 2
    outcome = DriftInOrder().run(evidence(vectors, labels, format="image_folder"))
    assert "labels" not in outcome.details


def test_time_takes_the_place_of_the_file_order():
    vectors, labels = random_order()
    times = np.random.default_rng(5).permutation(400).astype(float)
    vectors[times < 100] += 1.2
    assert DriftInOrder().run(evidence(vectors, labels)).findings == ()
    outcome = DriftInOrder().run(evidence(vectors, labels, times=times))
    assert subjects(outcome) == {"order of samples"}
    assert " in order of time " in outcome.findings[0].reason


def test_file_order_within_equal_times_does_not_count():
    vectors, labels = random_order()
    vectors[100:200] += 1.2
    assert DriftInOrder().run(evidence(vectors, labels, times=np.zeros(400))).findings == ()


def test_samples_without_time_take_no_part():
    vectors, labels = random_order()
    times = np.arange(400.0)
    times[:30] = np.nan
    assert DriftInOrder().run(evidence(vectors, labels, times=times)).details["samples"]["samples"] == 370


def test_groups_and_duplicates_side_by_side_are_no_drift():
    vectors, labels = random_order()
    groups = np.repeat(np.arange(400), 4)
    seen = evidence(np.repeat(vectors, 4, axis=0), np.repeat(labels, 4))
    assert "order of samples" in subjects(DriftInOrder().run(seen))
    assert DriftInOrder().run(replace(seen, groups=groups)).findings == ()


def test_order_is_that_of_the_source():
    vectors, labels = random_order()
    vectors[100:200] += 1.2
    seen = evidence(vectors, labels)
    turned = seen.take(np.random.default_rng(3).permutation(400))
    told = [[(one.subject, one.reason) for one in DriftInOrder().run(each).findings] for each in (seen, turned)]
    assert told[0]
    assert told[0] == told[1]


@pytest.mark.parametrize("ordered", [True, False])
def test_regression_sorted_by_target_is_no_drift(ordered):
    rng = np.random.default_rng(0)
    targets = rng.normal(size=400)
    targets = np.sort(targets) if ordered else targets
    vectors = (targets[:, None] + rng.normal(size=(400, 4))).astype(np.float32)
    labels = np.zeros(400, np.int64)
    outcome = DriftInOrder().run(evidence(vectors, labels, targets=targets, classes=()))
    assert outcome.findings == ()
    assert ("labels" in outcome.details) is not ordered


def test_targets_that_rise_are_found():
    rng = np.random.default_rng(0)
    targets = rng.normal(size=400) + np.linspace(0, 3, 400)
    vectors = rng.normal(size=(400, 4)).astype(np.float32)
    outcome = DriftInOrder().run(evidence(vectors, np.zeros(400), targets=targets, classes=()))
    assert subjects(outcome) == {"order of labels"}
    assert "the mean target is " in outcome.findings[0].reason


def test_large_data_is_tested_in_part(monkeypatch):
    monkeypatch.setattr(drift_in_order, "_MOST", 500)
    vectors, labels = random_order(3000)
    vectors[1000:1800] += 1.2
    outcome = DriftInOrder().run(evidence(vectors, labels))
    details = outcome.details["samples"]
    assert details["samples"] == 500
    assert subjects(outcome) == {"order of samples"}
    assert 850 <= int(details["first"]) <= 1150
    assert 1600 <= int(details["last"]) <= 2000


def test_smaller_alpha_draws_more_arrangements():
    vectors, labels = random_order()
    vectors[100:200] += 1.2
    outcome = DriftInOrder(alpha=0.004).run(evidence(vectors, labels))
    assert outcome.details["samples"]["permutations"] == 499
    assert outcome.details["samples"]["p_value"] == 1 / 500


def test_says_why_it_does_not_apply():
    vectors, labels = random_order(60)
    why = "fewer than 50 samples that are no copies, nor of the same group"
    assert DriftInOrder().run(evidence(vectors, labels, groups=np.arange(60) // 2)) == DidNotApply(why)
