"""Finds planted errors in numbers, accuses nearly no clean one, and says so when there is nothing to judge."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cleanlab.regression.rank import get_label_quality_scores
from made_evidence import evidence_of, told
from sklearn.datasets import load_diabetes, make_friedman1

from dataclinic.checks.target_errors import TargetErrors
from dataclinic.evidence import Need
from dataclinic.features import Embeddings
from dataclinic.fits import FoldPlan
from dataclinic.predictions import OutOfFoldTargets
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.seeding import rng_for
from dataclinic.steps.predict_targets import predict_targets

SAMPLES = 2000


def judged(targets, predictions, ids=None):
    """Evidence with these out-of-fold predictions."""
    targets, predictions = np.asarray(targets, float), np.atleast_2d(predictions).astype(float)
    evidence = evidence_of(pd.DataFrame({"x": np.arange(len(targets))}), classes=(), ids=ids)
    out_of_fold = OutOfFoldTargets(predictions, np.zeros(predictions.shape, np.int64))
    return replace(evidence, dataset=replace(evidence.dataset, targets=targets), targets=out_of_fold)


def flagged(evidence, check=None):
    return [finding.row for finding in (check or TargetErrors()).run(evidence).findings]


def predicted(vectors, targets):
    """Evidence with predictions by a real model."""
    evidence = judged(targets, np.zeros(len(targets)))
    out_of_fold = predict_targets(
        evidence.dataset,
        Embeddings(vectors.astype(np.float32)),
        [MODELS.make("tree_regression", {"forest_trees": 20, "boosted_trees": 80})],
        groups=np.arange(len(targets)),
        usable=np.ones(len(targets), bool),
        plan=FoldPlan(4, 1, 0),
        device="cpu",
        progress=silent,
    )
    return replace(evidence, targets=out_of_fold)


def planted(targets, share=0.05):
    """Targets with a share of them a decimal point off, and which those are."""
    rng = rng_for(0, "planted")
    wrong = rng.random(len(targets)) < share
    return np.where(wrong, targets * rng.choice([10.0, 0.1], len(targets)), targets), wrong


@pytest.mark.parametrize(("name", "recall", "precision"), [("friedman", 0.85, 0.9), ("diabetes", 0.4, 0.9)])
def test_finds_slipped_decimal_points(name, recall, precision):
    data = {
        "friedman": lambda: make_friedman1(500, 6, noise=1.0, random_state=0),
        "diabetes": lambda: load_diabetes(return_X_y=True),
    }
    vectors, targets = data[name]()
    given, wrong = planted(targets + 10 * (name == "friedman"))
    found = flagged(predicted(vectors, given))
    assert wrong[found].mean() >= precision
    assert wrong[found].sum() / wrong.sum() >= recall


@pytest.mark.parametrize("name", ["friedman", "diabetes"])
def test_real_predictions_of_clean_numbers_accuse_at_most_one_in_a_hundred(name):
    data = {
        "friedman": lambda: make_friedman1(500, 6, noise=1.0, random_state=0),
        "diabetes": lambda: load_diabetes(return_X_y=True),
    }
    vectors, targets = data[name]()
    assert len(flagged(predicted(vectors, targets))) <= len(targets) / 100


NOISES = {
    "normal": (0.0, lambda rng, said: rng.normal(size=len(said))),
    "uniform": (0.0, lambda rng, said: rng.uniform(-1, 1, len(said))),
    "Laplace": (0.01, lambda rng, said: rng.laplace(size=len(said))),
    "Student's t at 3": (0.01, lambda rng, said: rng.standard_t(3, len(said))),
    "growing": (0.005, lambda rng, said: rng.normal(0, said)),
}


@pytest.mark.parametrize("name", NOISES)
def test_clean_noise_of_any_shape_is_let_be(name):
    share, noise = NOISES[name]
    found = 0
    for seed in range(8):
        rng = rng_for(seed, "noise")
        predictions = rng.uniform(1, 30, SAMPLES)
        found += len(flagged(judged(predictions + noise(rng, predictions), predictions)))
    assert found <= share * 8 * SAMPLES


def test_reason_gives_the_numbers_in_their_unit():
    predictions = np.array([10.0, 20, 30, 40, 50])
    outcome = TargetErrors().run(judged(predictions + np.array([0, 1, -1, 0.5, 940.25]), predictions, ids="abcde"))
    (finding,) = outcome.findings
    assert finding.subject == "e"
    # Residuals 0 1 -1 0.5 940.25: median 0.5, MAD 0.5, spread 0.5 / 0.6745 = 0.7413, z = 939.75 / 0.7413.
    assert (
        finding.reason == "given 990.25, models that never saw it say 50: 1268 times the usual spread of ± 0.7413 there"
    )
    assert finding.score == pytest.approx(939.75 * 0.6745 / 0.5)
    assert outcome.summary.startswith("1 of 5 judged numbers lies")
    assert outcome.details == {"flagged": 1, "judged": 5, "fence": 5.5}


def test_the_worst_by_cleanlab_comes_first_and_the_fence_decides_how_many():
    rng = rng_for(0, "order")
    predictions = rng.normal(50, 10, 400)
    given = predictions + rng.normal(size=400)
    given[:5] += [20, 60, 15, 40, 12]
    evidence = judged(given, predictions)
    assert flagged(evidence) == [1, 3, 0, 2, 4]
    assert flagged(evidence, TargetErrors(fence=30.0)) == [1, 3]
    quality = get_label_quality_scores(given, predictions, method="outre")
    order = flagged(evidence, TargetErrors(method="outre"))
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert quality[order].tolist() == pytest.approx(sorted(quality[:5]), abs=0.05)


def test_order_of_the_rows_changes_nothing():
    rng = rng_for(0, "shuffled")
    predictions = rng.normal(50, 10, 300)
    given, _ = planted(predictions + rng.normal(size=300))
    rows = rng.permutation(300)
    ids = [f"s{row}" for row in range(300)]
    first = TargetErrors().run(judged(given, predictions, ids=ids))
    other = TargetErrors().run(judged(given[rows], predictions[rows], ids=[ids[row] for row in rows]))
    assert told(first) == told(other)
    assert first.summary == other.summary
    assert len(first.findings) > 5


def test_unjudged_samples_are_neither_found_nor_counted():
    predictions = np.array([10.0, 20, 30, 40, 50, np.nan])
    outcome = TargetErrors().run(judged([10, 21, 29, 40.5, 50, 9e9], predictions))
    assert outcome.findings == ()
    assert outcome.details["judged"] == 5


def test_needs_predictions_of_numbers():
    assert TargetErrors.needs == {Need.TARGETS}
    assert not evidence_of(pd.DataFrame({"x": [1.0, 2]})).has(Need.TARGETS)
