"""What every classifier owes, whoever wrote it: built in or from an entry point."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dataclinic.dataset import Table
from dataclinic.features import Embeddings, Pictures
from dataclinic.fits import FitJob
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS, MODELS
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import gaussian_classes

CLASSES = 4
ROWS = 200
QUICK = {
    "tree_ensemble": {"forest_trees": 15, "boosted_trees": 15},
    "timm_finetune": {
        "architecture": "test_resnet",
        "pretrained": False,
        "epochs": 5,
        "batch_size": 32,
        "learning_rate": 0.02,
        "augmentation": "none",
    },
    "tiny_cnn": {"epochs": 8, "width": 8, "batch_size": 32, "augmentation": "none"},
}
"""Smaller values for settings that only cost time, and a rate, which is else that of the first job for all."""

CLASSIFIERS = [name for name in MODELS.ids() if MODELS.find(name).task == "classification"]
CASES = [
    (name, kind)
    for name in CLASSIFIERS
    for kind in (("pictures",) if MODELS.find(name).encoder == "raw_pixels" else ("vectors", "table"))
]
"""Models with what they can train on."""

VECTORS, LABELS = gaussian_classes(ROWS, CLASSES, dims=5, apart=5.0)


@pytest.fixture(params=CASES, ids="-".join)
def case(request):
    return request.param


@pytest.fixture
def model(case):
    return MODELS.make(case[0], QUICK.get(case[0], {}))


@pytest.fixture
def features(case):
    return FEATURES[case[1]](VECTORS)


def table_features(vectors):
    rng = rng_for(0, "holes")
    frame = pd.DataFrame(np.where(rng.random(vectors.shape) < 0.1, np.nan, vectors)).add_prefix("number_")
    frame["category"] = pd.Categorical.from_codes((LABELS + rng.integers(0, 2, ROWS)) % 5, list("abcde"))
    return ENCODERS.make("raw_columns").encode(Table(frame), device="cpu", seed=0, progress=silent).features


def picture_features(vectors):
    """Four numbers of each vector as the brightness of the quarters of a picture, a fifth as its tint."""
    quarters = vectors[:, :4].reshape(-1, 2, 2).repeat(8, axis=1).repeat(8, axis=2)
    tinted = np.stack([quarters, quarters, vectors[:, 4, None, None] + np.zeros_like(quarters)], axis=3)
    return Pictures(np.clip(128 + 15 * tinted, 0, 255).astype(np.uint8))


FEATURES = {"vectors": Embeddings, "table": table_features, "pictures": picture_features}


def job(fold, seed=0, labels=LABELS, weights=None):
    train = np.flatnonzero(np.arange(ROWS) % 5 != fold)
    return FitJob(train, labels[train], np.flatnonzero(np.arange(ROWS) % 5 == fold), seed, weights)


def run(model, features, *jobs, progress=silent):
    return [result.probs for result in model.run(features, jobs, classes=CLASSES, device="cpu", progress=progress)]


def test_probabilities_are_finite_and_rows_sum_to_one(model, features):
    (probs,) = run(model, features, job(0))
    assert probs.shape == (ROWS // 5, CLASSES)
    assert probs.dtype == np.float32
    assert np.isfinite(probs).all()
    assert (probs >= 0).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-5)


def test_learns_what_can_be_learned(model, features):
    (probs,) = run(model, features, job(0))
    assert (probs.argmax(axis=1) == LABELS[job(0).score_rows]).mean() > 0.8


def test_results_stand_in_the_order_of_the_jobs_and_of_their_rows(model, features):
    jobs = [job(fold) for fold in (3, 0, 2)]
    together = run(model, features, *jobs)
    for probs, one in zip(together, jobs, strict=True):
        backwards = replace(one, score_rows=one.score_rows[::-1].copy())
        np.testing.assert_allclose(run(model, features, backwards)[0][::-1], probs, atol=1e-2)


def test_same_seed_gives_the_same_numbers(model, features):
    first, second = (run(model, features, job(0, seed=7), job(1, seed=8)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_other_jobs_change_nothing(model, features):
    alone = run(model, features, job(0))[0]
    other_labels = rng_for(0, "other").permutation(LABELS)
    among_others = run(model, features, job(1, labels=other_labels), job(0), job(2, seed=5, labels=other_labels))[1]
    np.testing.assert_allclose(among_others, alone, atol=1e-2)


def test_jobs_on_the_same_rows_keep_their_own_labels(model, features):
    swapped = np.array([1, 0, 3, 2])[LABELS]
    given, changed = run(model, features, job(0), job(0, labels=swapped))
    assert (given.argmax(axis=1) == LABELS[job(0).score_rows]).mean() > 0.8
    assert (changed.argmax(axis=1) == swapped[job(0).score_rows]).mean() > 0.8


def test_rows_that_are_not_trained_on_have_no_say(model, case):
    """Neither the features nor the labels of the other rows: a model sees its training rows and nothing else."""
    of_kind = FEATURES["vectors" if case[1] == "table" else case[1]]
    train, score, rest = np.arange(0, 100), np.arange(100, 150), np.arange(150, 200)
    only = FitJob(train, LABELS[train], score, 0)
    changed = VECTORS.copy()
    changed[rest] = 1e3 * changed[rest] + 7
    others = FitJob(score, (LABELS[score] + 1) % CLASSES, rest, 0)
    (before,) = run(model, of_kind(VECTORS), only)
    after = run(model, of_kind(changed), only, others)[0]
    np.testing.assert_allclose(after, before, atol=1e-2)


def test_training_labels_belong_to_the_training_rows_in_their_order(model, features):
    order = rng_for(0, "order").permutation(len(job(0).train_rows))
    shuffled = replace(job(0), train_rows=job(0).train_rows[order], labels=job(0).labels[order])
    (probs,) = run(model, features, shuffled)
    assert (probs.argmax(axis=1) == LABELS[job(0).score_rows]).mean() > 0.8


def test_labels_that_are_trained_on_matter(model, features):
    given, changed = run(model, features, job(0)), run(model, features, job(0, labels=(LABELS + 1) % CLASSES))
    assert np.abs(given[0] - changed[0]).max() > 0.3


def test_class_without_training_rows_gets_next_to_nothing(model, features):
    rows = np.flatnonzero(LABELS != 2)
    train, score = rows[:100], np.concatenate([rows[100:], np.flatnonzero(LABELS == 2)])
    (probs,) = run(model, features, FitJob(train, LABELS[train], score, 0))
    assert np.isfinite(probs).all()
    assert (probs[:, 2] < 1e-3).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("count", [1, 2])
def test_class_of_one_or_two_rows_does_not_stop_it(model, features, count):
    labels = np.where(np.arange(ROWS) < ROWS - count, LABELS % 3, 3)
    train = np.arange(20, ROWS)
    (probs,) = run(model, features, FitJob(train, labels[train], np.arange(20), 0))
    assert np.isfinite(probs).all()


def test_training_rows_of_one_class_give_that_class(model, features):
    train = np.flatnonzero(LABELS == 1)
    (probs,) = run(model, features, FitJob(train, LABELS[train], np.flatnonzero(LABELS != 1), 0))
    assert (probs[:, 1] > 0.99).all()


def test_no_rows_to_score_and_no_jobs_are_fine(model, features):
    (probs,) = run(model, features, replace(job(0), score_rows=np.arange(0)))
    assert probs.shape == (0, CLASSES)
    assert run(model, features) == []


def test_weights_count(model, features):
    confused = np.where(np.arange(ROWS) // CLASSES % 2, LABELS, (LABELS + 1) % CLASSES)
    train = job(0).train_rows
    right = np.where(confused[train] == LABELS[train], 1.0, 1e-4)
    (probs,) = run(model, features, job(0, labels=confused, weights=right))
    assert (probs.argmax(axis=1) == LABELS[job(0).score_rows]).mean() > 0.8


def test_given_arrays_are_left_alone(model, case):
    vectors, labels = VECTORS.copy(), LABELS.copy()
    features = FEATURES["vectors" if case[1] == "table" else case[1]](vectors)
    given = features.pixels if case[1] == "pictures" else vectors
    before = given.copy()
    one = job(0, labels=labels)
    for array in (given, labels, one.train_rows, one.labels, one.score_rows):
        array.setflags(write=False)
    (probs,) = run(model, features, one)
    assert np.isfinite(probs).all()
    np.testing.assert_array_equal(given, before)


def test_progress_grows_to_its_end(model, features):
    told = []
    run(model, features, job(0), job(1), progress=lambda *step: told.append(step))
    (total,) = {total for _, _, total in told}
    assert total % 2 == 0
    done = [done for _, done, _ in told]
    assert done == sorted(done)
    assert done[0] >= 0
    assert done[-1] == total


def test_says_what_runs(model):
    assert model.summary
    assert model.description
