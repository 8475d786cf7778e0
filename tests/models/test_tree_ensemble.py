import sys
import threading

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score
from threadpoolctl import threadpool_info

from dataclinic.dataset import Table
from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.models.tree_ensemble import TreeEnsemble
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import gaussian_classes, switch_labels

QUICK = TreeEnsemble(forest_trees=30, boosted_trees=30)


@pytest.fixture(params=["lightgbm", "scikit-learn"])
def boosting(request, monkeypatch):
    """Both libraries; the second is what is left where the first does not import."""
    if request.param == "scikit-learn":
        monkeypatch.setitem(sys.modules, "lightgbm", None)
    else:
        pytest.importorskip("lightgbm")
    return request.param


def raw_columns(frame):
    return ENCODERS.make("raw_columns").encode(Table(frame), device="cpu", seed=0, progress=silent).features


def out_of_fold(features, labels, *, folds=3, model=QUICK):
    fold_of = rng_for(0, "folds").permutation(len(labels)) % folds
    jobs = [
        FitJob(np.flatnonzero(fold_of != fold), labels[fold_of != fold], np.flatnonzero(fold_of == fold), fold)
        for fold in range(folds)
    ]
    classes = int(labels.max()) + 1
    probs = np.empty((len(labels), classes))
    for job, result in zip(
        jobs, model.run(features, jobs, classes=classes, device="cpu", progress=silent), strict=True
    ):
        probs[job.score_rows] = result.probs
    return probs


def test_planted_label_errors_come_first(boosting):
    vectors, labels = gaussian_classes(400, 3)
    given, switched = switch_labels(labels, 0.1, classes=3)
    probs = out_of_fold(Embeddings(vectors), given)
    assert average_precision_score(switched, -probs[np.arange(len(given)), given]) > 0.85


@pytest.mark.parametrize("classes", [2, 5])
def test_probabilities_are_whole_with_two_and_with_more_classes(boosting, classes):
    vectors, labels = gaussian_classes(200, classes)
    probs = out_of_fold(Embeddings(vectors), labels)
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-5)
    assert (probs.argmax(axis=1) == labels).mean() > 0.8


def test_learns_from_more_categories_than_a_tree_can_number(boosting):
    rng = rng_for(0, "levels")
    shop = (400 * rng.random(4000) ** 3).astype(np.int64)
    labels = shop % 2
    frame = pd.DataFrame(
        {"shop": pd.Categorical([f"shop {number}" for number in shop]), "noise": rng.normal(size=4000)}
    )
    probs = out_of_fold(raw_columns(frame), labels)
    assert np.isfinite(probs).all()
    assert (probs.argmax(axis=1) == labels).mean() > 0.75


def test_missing_values_are_information(boosting):
    rng = rng_for(0, "holes")
    labels = rng.integers(0, 2, 300)
    frame = pd.DataFrame(
        {"reading": np.where(labels == 1, np.nan, rng.normal(size=300)), "noise": rng.normal(size=300)}
    )
    probs = out_of_fold(raw_columns(frame), labels)
    assert (probs.argmax(axis=1) == labels).mean() > 0.95


def test_classes_of_one_row_and_classes_that_a_fold_lacks(boosting):
    vectors, labels = gaussian_classes(120, 3)
    labels[:3] = [3, 4, 5]
    probs = out_of_fold(Embeddings(vectors), labels)
    assert np.isfinite(probs).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-5)
    assert (probs[:3][np.arange(3), labels[:3]] == 0).all()


def test_seed_decides(boosting):
    vectors, labels = gaussian_classes(120, 3, apart=1.5)
    first, again, other = (
        QUICK.run(
            Embeddings(vectors),
            [FitJob(np.arange(80), labels[:80], np.arange(80, 120), seed)],
            classes=3,
            device="cpu",
            progress=silent,
        )[0].probs
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_number_of_jobs_and_so_of_threads_changes_no_number(boosting):
    vectors, labels = gaussian_classes(150, 3, apart=1.5)
    jobs = [FitJob(np.arange(100), labels[:100], np.arange(100, 150), seed) for seed in range(5)]
    together = QUICK.run(Embeddings(vectors), jobs, classes=3, device="cpu", progress=silent)
    for job, result in zip(jobs, together, strict=True):
        (alone,) = QUICK.run(Embeddings(vectors), [job], classes=3, device="cpu", progress=silent)
        np.testing.assert_array_equal(alone.probs, result.probs)


def test_leaves_thread_limits_as_they_were(boosting):
    before = [pool["num_threads"] for pool in threadpool_info()]
    vectors, labels = gaussian_classes(60, 3)
    out_of_fold(Embeddings(vectors), labels)
    assert [pool["num_threads"] for pool in threadpool_info()][: len(before)] == before
    assert threading.active_count() < 64


def test_description_says_which_library_boosts(boosting):
    said = TreeEnsemble().description
    assert "random forest (100 trees)" in said
    assert ("LightGBM" if boosting == "lightgbm" else "scikit-learn") in said
