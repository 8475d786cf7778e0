from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.methods import job_vectors
from dataclinic.models.mlp_head import MlpHead
from dataclinic.progress import silent
from dataclinic.recipe import Recipe
from dataclinic.testing.planted import gaussian_classes, switch_labels

VECTORS, LABELS = gaussian_classes(150, 3, apart=3.0)
TRAIN, SCORE = np.arange(100), np.arange(100, 150)
JOB = FitJob(TRAIN, LABELS[TRAIN], SCORE, seed=3)


def run(*jobs, vectors=VECTORS, classes=3, progress=silent, **settings):
    return MlpHead(**settings).run(Embeddings(vectors), jobs, classes=classes, device="cpu", progress=progress)


@pytest.fixture(scope="module")
def digits():
    """Vectors, labels of which 8 % are switched, which ones, and out-of-fold probabilities of two folds."""
    vectors, labels = load_digits(return_X_y=True)
    given, switched = switch_labels(labels, 0.08, classes=10)
    splits = list(StratifiedKFold(2, shuffle=True, random_state=0).split(vectors, given))
    jobs = [FitJob(train, given[train], test, 0) for train, test in splits]
    vectors = vectors.astype(np.float32)
    probs = np.empty((len(given), 10))
    for job, result in zip(jobs, run(*jobs, vectors=vectors, classes=10), strict=True):
        probs[job.score_rows] = result.probs
    return vectors, given, switched, jobs, probs


def test_planted_label_errors_come_first(digits):
    _, given, switched, _, probs = digits
    assert average_precision_score(switched, -probs[np.arange(len(given)), given]) > 0.9


def test_no_worse_than_scikit_learns_perceptron_under_wrong_labels(digits):
    vectors, given, _, jobs, probs = digits
    reference = np.empty_like(probs)
    for job in jobs:
        scaler = StandardScaler().fit(vectors[job.train_rows])
        model = MLPClassifier((128,), max_iter=300, random_state=0, early_stopping=True)
        model.fit(scaler.transform(vectors[job.train_rows]), job.labels)
        reference[job.score_rows] = model.predict_proba(scaler.transform(vectors[job.score_rows]))
    rows = np.arange(len(given))
    ours, theirs = (-np.log(np.maximum(one[rows, given], 1e-12)).mean() for one in (probs, reference))
    assert ours < theirs


def test_dynamics_end_with_what_the_fitted_model_says():
    train = replace(JOB, score_rows=TRAIN, score_labels=LABELS[TRAIN], train_rows=SCORE, labels=LABELS[SCORE])
    for job in (replace(JOB, score_labels=LABELS[SCORE]), train):
        (result,) = run(job, epochs=5)
        dynamics = result.dynamics
        assert dynamics.train_probs.shape == dynamics.train_margins.shape == (5, len(job.train_rows))
        assert dynamics.score_probs.shape == (5, len(job.score_rows))
        assert {array.dtype for array in (dynamics.train_probs, dynamics.train_margins)} == {np.dtype(np.float32)}
        given = result.probs[np.arange(len(job.score_rows)), job.score_labels]
        np.testing.assert_allclose(dynamics.score_probs[-1], given, atol=1e-5)
        right = dynamics.train_margins > 0
        assert (dynamics.train_probs[right] >= 1 / 3).all()
        assert right[-1].mean() > 0.9
        assert (dynamics.train_probs[~right] <= 0.5).all()


def test_watched_labels_teach_nothing():
    plain, watched, wrong = run(
        JOB, replace(JOB, score_labels=LABELS[SCORE]), replace(JOB, score_labels=(LABELS[SCORE] + 1) % 3), epochs=4
    )
    np.testing.assert_allclose(watched.probs, plain.probs, atol=1e-6)
    np.testing.assert_allclose(wrong.probs, plain.probs, atol=1e-6)
    assert plain.dynamics.score_probs is None
    assert (watched.dynamics.score_probs[-1] > wrong.dynamics.score_probs[-1]).mean() > 0.9


def test_history_has_an_epoch_a_pass():
    (result,) = run(JOB, epochs=4)
    rates = [epoch.learning_rate for epoch in result.history]
    assert len(rates) == 4
    assert rates == sorted(rates, reverse=True)
    assert result.history[-1].loss_nats < result.history[0].loss_nats
    assert result.history[-1].accuracy > 0.8
    assert result.history[-1].inner_loss_nats is None
    assert result.history[-1].score_accuracy is None


def test_history_watches_the_accuracy_on_scored_rows_where_their_labels_are_named():
    none = replace(JOB, score_rows=SCORE[:0], score_labels=LABELS[:0])
    (result, wrong, nothing) = run(
        replace(JOB, score_labels=LABELS[SCORE]), replace(JOB, score_labels=(LABELS[SCORE] + 1) % 3), none, epochs=4
    )
    right = result.probs.argmax(axis=1) == LABELS[SCORE]
    assert result.history[-1].score_accuracy == right.mean()
    assert result.history[0].score_accuracy < result.history[-1].score_accuracy
    assert wrong.history[-1].score_accuracy < 0.1
    assert {epoch.score_accuracy for epoch in nothing.history} == {None}


def test_recipe_of_no_focal_exponent_wins_over_the_setting():
    (plain,), (asked, focal) = run(JOB), run(replace(JOB, recipe=Recipe(focal_gamma=0.0)), JOB, focal_gamma=2.0)
    np.testing.assert_allclose(asked.probs, plain.probs, atol=1e-5)
    assert np.abs(focal.probs - plain.probs).max() > 0.01


@pytest.mark.parametrize("recipe", [Recipe(label_smoothing=0.3), Recipe(focal_gamma=2.0), Recipe(mixup=1.0)])
def test_recipe_of_a_job_makes_it_less_sure_and_leaves_its_neighbour_alone(recipe):
    (alone,) = run(JOB)
    plain, changed = run(JOB, replace(JOB, recipe=recipe))
    np.testing.assert_allclose(plain.probs, alone.probs, atol=1e-4)
    assert changed.probs.max(axis=1).mean() < plain.probs.max(axis=1).mean() - 0.02


def test_jobs_in_several_batches_give_what_one_batch_gives(monkeypatch):
    jobs = [replace(JOB, seed=seed) for seed in range(3)]
    told = []
    whole = run(*jobs, epochs=4)
    monkeypatch.setattr(job_vectors, "BATCH_NUMBERS", 1)
    parts = run(*jobs, epochs=4, progress=lambda *step: told.append(step[1]))
    for part, one in zip(parts, whole, strict=True):
        np.testing.assert_allclose(part.probs, one.probs, atol=1e-4)
    assert told == sorted(told)
    assert {1, 2, 3} <= set(told)


def test_job_without_rows_or_weight_is_undecided():
    empty = replace(JOB, train_rows=TRAIN[:0], labels=LABELS[:0])
    weightless = replace(JOB, weights=np.zeros(100))
    first, second, third = run(empty, JOB, weightless, epochs=5)
    np.testing.assert_allclose(first.probs, 1 / 3)
    np.testing.assert_allclose(third.probs, 1 / 3)
    assert (second.probs.argmax(axis=1) == LABELS[SCORE]).mean() > 0.8
