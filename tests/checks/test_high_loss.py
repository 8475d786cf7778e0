import json

import numpy as np
import pytest

from dataclinic.checks.high_loss import HighLoss
from dataclinic.features import Embeddings
from dataclinic.fits import FitJob, FoldPlan
from dataclinic.methods.label_quality import mean_loss_nats
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.steps.predict_out_of_fold import predict_out_of_fold
from dataclinic.testing.planted import confident_probs, evidence_of, gaussian_classes, switch_labels, table_dataset

VECTORS, TRUE = gaussian_classes(400, 4)
PROBS = confident_probs(TRUE, classes=4)


def run(labels, probs=PROBS, **settings):
    return HighLoss(**settings).run(evidence_of(table_dataset(VECTORS, labels), probs))


def test_finds_planted_flips():
    given, switched = switch_labels(TRUE, 0.08, classes=4)
    found = {finding.row for finding in run(given).findings}
    planted = set(np.flatnonzero(switched))
    assert len(found & planted) >= 0.9 * len(planted)
    assert len(found & planted) >= 0.8 * len(found)


def test_is_nearly_silent_on_clean_labels():
    assert len(run(TRUE).findings) <= 0.03 * 400


def test_judges_each_class_by_its_own_losses():
    # Class 0 is hard for the model: losses that are usual there would be outlying in class 1.
    labels = np.repeat([0, 1], 200)
    sure = np.where(labels == 0, 0.6, 0.99) + np.linspace(-0.005, 0.005, 400)
    sure[[7, 207]] = [0.6, 0.6]
    probs = np.column_stack([np.where(labels == 0, sure, 1 - sure), np.where(labels == 1, sure, 1 - sure)])
    found = [finding.row for finding in run(labels, probs.astype(np.float32)).findings]
    assert found == [207]


def test_reason_names_loss_and_fence_and_highest_comes_first():
    given, _ = switch_labels(TRUE, 0.05, classes=4)
    findings = run(given).findings
    losses = -np.log(PROBS[np.arange(400), given])
    assert [finding.score for finding in findings] == sorted((finding.score for finding in findings), reverse=True)
    assert f"loss {losses[findings[0].row]:.3g} nats" in findings[0].reason


def test_row_order_does_not_matter():
    given, _ = switch_labels(TRUE, 0.05, classes=4)
    order = np.random.default_rng(2).permutation(400)
    evidence = evidence_of(table_dataset(VECTORS[order], given[order]), PROBS[order])
    turned = {int(order[finding.row]) for finding in HighLoss().run(evidence).findings}
    assert turned == {finding.row for finding in run(given).findings}


def test_small_classes_are_left_out_and_said():
    labels = TRUE.copy()
    labels[:3] = 4
    probs = np.column_stack([PROBS * 0.9, np.full(400, 0.1, np.float32)])
    outcome = run(labels, probs)
    assert not {0, 1, 2} & {finding.row for finding in outcome.findings}
    assert "left out, with fewer than 8 judged samples: 1 class" in outcome.summary


def test_a_huge_factor_gives_a_fence_that_json_takes():
    outcome = run(TRUE, factor=1e6)
    assert outcome.findings == ()
    assert json.dumps(outcome.details, allow_nan=False)


def test_one_sample_is_told_in_the_singular():
    probs = np.full((40, 2), 0.5, np.float32)
    probs[:, 0] = np.linspace(0.9, 0.91, 40)
    probs[3, 0] = 0.01
    probs[:, 1] = 1 - probs[:, 0]
    labels = np.zeros(40, np.int64)
    dataset = table_dataset(VECTORS[:40], labels, ["cat", "dog"])
    summary = HighLoss().run(evidence_of(dataset, probs)).summary
    assert summary.startswith("1 sample lies above the loss fence of its class")


def losses_in_batches_and_alone(model, *, one_call):
    """(60,) losses of the scan, and of each sample scored by itself through the model that did not train on it."""
    vectors, true = gaussian_classes(60, 3, apart=2.0)
    labels, _ = switch_labels(true, 0.1, classes=3)
    features = Embeddings(vectors)
    out_of_fold = predict_out_of_fold(
        table_dataset(vectors, labels),
        features,
        {"linear": model},
        groups=np.arange(60),
        usable=np.ones(60, bool),
        plan=FoldPlan(folds=3, repeats=1, seed=0),
        device="cpu",
        progress=silent,
    ).out_of_fold
    jobs = []
    for row in range(60):
        train_rows = np.flatnonzero(out_of_fold.folds[0] != out_of_fold.folds[0, row])
        jobs.append(FitJob(train_rows, labels[train_rows], np.array([row]), seed=0))
    calls = [jobs] if one_call else [[job] for job in jobs]
    results = [
        result for call in calls for result in model.run(features, call, classes=3, device="cpu", progress=silent)
    ]
    alone = np.array([-np.log(result.probs[0, labels[row]]) for row, result in enumerate(results)])
    return mean_loss_nats(out_of_fold.repeat_probs, labels), alone


def test_a_literal_loop_over_batches_of_one_gives_the_same_losses():
    # Fitted to the end: with the default tolerance a fit stops a little earlier or later by what else is in its call.
    batched, alone = losses_in_batches_and_alone(MODELS.make("linear_head", {"tolerance": 1e-12}), one_call=False)
    assert alone == pytest.approx(batched, abs=1e-5)


def test_scoring_one_sample_at_a_time_changes_nothing_at_the_default_tolerance():
    batched, alone = losses_in_batches_and_alone(MODELS.make("linear_head"), one_call=True)
    assert alone == pytest.approx(batched, abs=1e-5)
