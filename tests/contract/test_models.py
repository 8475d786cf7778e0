"""What every model owes, whoever wrote it: built in or from an entry point."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dataclinic.dataset import Table
from dataclinic.evidence import Embeddings
from dataclinic.fits import FitJob
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS, MODELS
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import gaussian_classes

CLASSES = 4
ROWS = 200
QUICK = {"forest_trees": 15, "boosted_trees": 15}
"""Smaller values for settings that only cost time."""

VECTORS, LABELS = gaussian_classes(ROWS, CLASSES, dims=5, apart=5.0)


@pytest.fixture(params=MODELS.ids())
def model(request):
    kind = MODELS.find(request.param)
    return kind(**{name: value for name, value in QUICK.items() if name in kind.__dataclass_fields__})


@pytest.fixture(params=["vectors", "table"])
def features(request):
    if request.param == "vectors":
        return Embeddings(VECTORS)
    rng = rng_for(0, "holes")
    frame = pd.DataFrame(np.where(rng.random(VECTORS.shape) < 0.1, np.nan, VECTORS)).add_prefix("number_")
    frame["category"] = pd.Categorical.from_codes((LABELS + rng.integers(0, 2, ROWS)) % 5, list("abcde"))
    return ENCODERS.make("raw_columns").encode(Table(frame), device="cpu", seed=0, progress=silent).features


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


def test_rows_that_are_not_trained_on_have_no_say(model):
    """Neither the vectors nor the labels of the other rows: a model sees its training rows and nothing else."""
    train, score, rest = np.arange(0, 100), np.arange(100, 150), np.arange(150, 200)
    only = FitJob(train, LABELS[train], score, 0)
    changed = VECTORS.copy()
    changed[rest] = 1e3 * changed[rest] + 7
    others = FitJob(score, (LABELS[score] + 1) % CLASSES, rest, 0)
    (before,) = run(model, Embeddings(VECTORS), only)
    after = run(model, Embeddings(changed), only, others)[0]
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


def test_given_arrays_are_left_alone(model):
    vectors, labels = VECTORS.copy(), LABELS.copy()
    for array in (vectors, labels):
        array.setflags(write=False)
    one = job(0, labels=labels)
    for array in (one.train_rows, one.labels, one.score_rows):
        array.setflags(write=False)
    (probs,) = run(model, Embeddings(vectors), one)
    assert np.isfinite(probs).all()
    np.testing.assert_array_equal(vectors, VECTORS)


def test_progress_ends_at_the_number_of_jobs(model, features):
    told = []
    run(model, features, job(0), job(1), progress=lambda *step: told.append(step))
    assert told[-1][1:] == (2, 2)
    assert all(total == 2 and 0 <= done <= total for _, done, total in told)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_says_what_runs(model):
    assert model.summary
    assert model.description
