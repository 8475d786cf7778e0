import json
from dataclasses import replace

import numpy as np
import pytest
from cleanlab.outlier import OutOfDistribution
from sklearn.datasets import load_digits

from dataclinic.checks.embedding_outliers import EmbeddingOutliers
from dataclinic.dataset import Texts
from dataclinic.evidence import NearDuplicates
from dataclinic.findings import DidNotApply
from dataclinic.progress import silent
from dataclinic.steps.find_neighbours import find_neighbours
from dataclinic.testing.planted import evidence_of, gaussian_classes, switch_labels, table_dataset

DIGITS, OF_DIGITS = load_digits(return_X_y=True)


def evidence(vectors, labels):
    """As of texts with these vectors."""
    vectors = np.asarray(vectors, np.float32)
    dataset = table_dataset(vectors[:, :1], np.asarray(labels, np.int64))
    dataset = replace(dataset, payload=Texts(("",) * len(vectors)))
    found = find_neighbours(vectors, np.ones(len(vectors), bool), device="cpu", progress=silent)
    return replace(evidence_of(dataset), vectors=vectors, neighbours=found)


def rows_found(outcome):
    return {finding.row for finding in outcome.findings}


def with_foreign(count=40):
    rng = np.random.default_rng(0)
    noise = rng.uniform(0, 16, (count // 2, 64))
    scrambled = rng.permuted(DIGITS[: count - count // 2], axis=1)
    return np.r_[DIGITS, noise, scrambled], np.r_[OF_DIGITS, rng.integers(0, 10, count)]


def test_finds_pictures_of_something_else():
    outcome = EmbeddingOutliers().run(evidence(*with_foreign()))
    found = rows_found(outcome)
    planted = set(range(1797, 1837))
    assert len(found & planted) >= 36
    assert len(found & planted) >= 0.9 * len(found)


def test_finds_what_lies_between_dense_classes_although_a_class_is_wide():
    rng = np.random.default_rng(0)
    vectors, labels = gaussian_classes(1000, 4, dims=32, apart=9.0)
    wide = rng.normal(size=(250, 32))
    foreign = rng.normal(size=(10, 32)) * 3
    outcome = EmbeddingOutliers().run(
        evidence(np.r_[vectors, wide, foreign], np.r_[labels, np.full(250, 4), np.arange(10) % 4])
    )
    found = rows_found(outcome)
    assert set(range(1250, 1260)) <= found
    assert len(found) <= 10 + 0.005 * 1250


@pytest.mark.parametrize("noise", [0, 0.2, 0.4])
@pytest.mark.parametrize("data", ["digits", "few", "many", "classes"])
def test_next_to_silent_on_ordinary_samples_even_if_labels_are_wrong(data, noise):
    vectors, labels = {
        "digits": (DIGITS, OF_DIGITS),
        "few": gaussian_classes(200, 4, dims=8),
        "many": gaussian_classes(3000, 3, dims=48),
        "classes": gaussian_classes(1500, 30, dims=16),
    }[data]
    given, _ = switch_labels(np.asarray(labels, np.int64), noise, classes=int(labels.max()) + 1)
    assert len(EmbeddingOutliers().run(evidence(vectors, given)).findings) <= 0.005 * len(vectors)


def test_orders_by_the_distance_to_ten_neighbours_as_cleanlab_does():
    vectors, labels = with_foreign()
    vectors = vectors.astype(np.float32)
    scores = OutOfDistribution({"k": 10}).fit_score(features=vectors, verbose=False)
    check = EmbeddingOutliers()
    farthest = [one["row"] for one in check.run(evidence(vectors, labels)).details["farthest"]]
    assert farthest == np.argsort(scores)[:10].tolist()


def test_reason_by_hand():
    # Pairs at right angles: one neighbour at distance 1 - cos, and the odd one at 1 from everybody.
    angles = np.radians(np.linspace(4, 6, 40))
    vectors = np.zeros((81, 41))
    vectors[np.arange(80), np.arange(80) // 2] = np.where(np.arange(80) % 2, 1, np.cos(np.repeat(angles, 2)))
    vectors[np.arange(0, 80, 2), 40] = np.sin(angles)
    vectors[80, 40] = -1
    outcome = EmbeddingOutliers(neighbours=1).run(evidence(vectors, np.zeros(81)))
    (finding,) = outcome.findings
    assert finding.row == 80
    assert finding.score > 3.5
    assert finding.reason.startswith("mean cosine distance 1 to its 1 nearest samples, above the threshold 0.0")
    assert "of all samples (median 0.00384" in finding.reason
    assert outcome.summary == "1 of 81 samples lies far from all others"
    json.dumps(outcome.details, allow_nan=False)


def test_copies_of_an_outlier_do_not_hide_it():
    vectors, labels = gaussian_classes(600, 3, dims=16, apart=8.0)
    odd = np.repeat(np.random.default_rng(1).normal(size=(1, 16)), 12, axis=0)
    seen = evidence(np.r_[vectors, odd], np.r_[labels, np.zeros(12)])
    assert not rows_found(EmbeddingOutliers().run(seen)) & set(range(600, 612))
    sets = np.where(np.arange(612) < 600, -1, 0)
    known = NearDuplicates(sets, np.arange(612) == 600, np.where(sets < 0, np.nan, 1.0), ("",) * 612)
    assert set(range(600, 612)) <= rows_found(EmbeddingOutliers().run(replace(seen, near_duplicates=known)))


def test_order_of_samples_does_not_matter():
    vectors, labels = with_foreign()
    order = np.random.default_rng(3).permutation(len(vectors))
    turned = EmbeddingOutliers().run(evidence(vectors[order], labels[order]))
    assert {int(order[row]) for row in rows_found(turned)} == rows_found(
        EmbeddingOutliers().run(evidence(vectors, labels))
    )


def test_farthest_first():
    scores = [finding.score for finding in EmbeddingOutliers().run(evidence(*with_foreign())).findings]
    assert scores == sorted(scores, reverse=True)


def test_equal_distances_bring_nothing():
    outcome = EmbeddingOutliers().run(evidence(np.eye(60), np.zeros(60)))
    assert outcome.findings == ()


def test_says_why_it_does_not_apply():
    seen = evidence(DIGITS[:50], OF_DIGITS[:50])
    few = evidence(DIGITS[:20], OF_DIGITS[:20])
    copies = evidence(np.ones((60, 3)), np.zeros(60))
    table = replace(seen, dataset=table_dataset(DIGITS[:50], OF_DIGITS[:50]))
    why = "fewer than 30 samples have neighbours that are no copies of them"
    assert EmbeddingOutliers().run(few) == EmbeddingOutliers().run(copies) == DidNotApply(why)
    assert isinstance(EmbeddingOutliers().run(table), DidNotApply)
