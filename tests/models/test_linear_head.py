from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dataclinic.errors import OptionError
from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.methods import job_vectors
from dataclinic.models.linear_head import LinearHead
from dataclinic.progress import silent
from dataclinic.recipe import Recipe
from dataclinic.registry import MODELS
from dataclinic.seeding import rng_for
from dataclinic.testing.planted import gaussian_classes, switch_labels


def cross_validated(model, vectors, labels, folds=5, seed=0):
    """Out-of-fold probabilities of one repeat, stratified."""
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed).split(vectors, labels)
    jobs = [FitJob(train, labels[train], test, 0) for train, test in splits]
    classes = int(labels.max()) + 1
    probs = np.empty((len(labels), classes))
    results = model.run(Embeddings(vectors), jobs, classes=classes, device="cpu", progress=silent)
    for job, result in zip(jobs, results, strict=True):
        probs[job.score_rows] = result.probs
    return probs


def digits():
    vectors, labels = load_digits(return_X_y=True)
    return vectors.astype(np.float32), labels.astype(np.int64)


def test_out_of_fold_probabilities_match_scikit_learn():
    vectors, labels = digits()
    reference = cross_val_predict(
        make_pipeline(StandardScaler(), LogisticRegression(C=1 / 20, tol=1e-8, max_iter=5000)),
        vectors.astype(np.float64),
        labels,
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
        method="predict_proba",
    )
    ours = cross_validated(LinearHead(l2=20.0, tolerance=1e-10), vectors, labels)
    np.testing.assert_allclose(ours, reference, atol=1e-3)


@pytest.mark.parametrize(("size", "offset"), [(1e-4, 0.0), (1e4, 0.0), (1.0, 500.0)])
def test_scale_and_offset_of_the_vectors_do_not_matter(size, offset):
    vectors, labels = gaussian_classes(200, 3)
    plain = cross_validated(LinearHead(tolerance=1e-9), vectors, labels)
    moved = cross_validated(LinearHead(tolerance=1e-9), size * vectors + np.float32(offset), labels)
    np.testing.assert_allclose(moved, plain, atol=5e-3)


def test_planted_label_errors_come_first():
    vectors, labels = digits()
    given, switched = switch_labels(labels, 0.08, classes=10)
    probs = cross_validated(LinearHead(), vectors, given)
    assert average_precision_score(switched, -probs[np.arange(len(given)), given]) > 0.9


def test_penalty_chosen_from_the_dimensions_suits_few_and_many_of_them():
    for dims in (8, 400):
        vectors, labels = gaussian_classes(300, 4, dims=dims, apart=3.0)
        given, _ = switch_labels(labels, 0.2, classes=4)
        losses = {}
        for l2 in (None, 1.0, 1e4):
            probs = cross_validated(LinearHead(l2=l2), vectors, given)
            losses[l2] = -np.log(probs[np.arange(len(given)), given]).mean()
        assert losses[None] == min(losses.values())


@dataclass(frozen=True)
class FoldScaled:
    """Features that differ with the training rows, and say for which they were asked."""

    matrix: np.ndarray
    asked: list
    frozen: bool = False

    def __len__(self):
        return len(self.matrix)

    def vectors(self, train_rows):
        self.asked.append(sorted(train_rows.tolist()))
        return self.matrix - self.matrix[train_rows].mean(axis=0)


def test_features_fitted_in_the_fold_are_made_once_for_the_same_training_rows():
    vectors, labels = gaussian_classes(90, 3)
    thirds = np.arange(90) // 3 % 3
    rows = [np.flatnonzero(thirds != fold) for fold in (0, 1, 0)]
    jobs = [FitJob(train, labels[train], np.setdiff1d(np.arange(90), train), 0) for train in rows]
    features = FoldScaled(vectors, [])
    results = LinearHead().run(features, jobs, classes=3, device="cpu", progress=silent)
    assert features.asked == [rows[0].tolist(), rows[1].tolist()]
    np.testing.assert_allclose(results[0].probs, results[2].probs, atol=1e-5)
    for job, result in zip(jobs, results, strict=True):
        assert (result.probs.argmax(axis=1) == labels[job.score_rows]).mean() > 0.9


def test_jobs_in_several_batches_give_what_one_batch_gives(monkeypatch):
    vectors, labels = gaussian_classes(150, 3, apart=2.0)
    told = []
    jobs = [
        FitJob(rows, labels[rows], np.setdiff1d(np.arange(150), rows), 0)
        for rows in (np.sort(rng_for(seed, "rows").choice(150, 90, replace=False)) for seed in range(5))
    ]

    def run():
        model = LinearHead(tolerance=1e-9)
        return model.run(
            Embeddings(vectors), jobs, classes=3, device="cpu", progress=lambda *step: told.append(step[1])
        )

    whole = run()
    monkeypatch.setattr(job_vectors, "BATCH_NUMBERS", 2 * (30 * 8 * 3 + 3 * 150))
    told.clear()
    for part, one in zip(run(), whole, strict=True):
        np.testing.assert_allclose(part.probs, one.probs, atol=1e-3)
    assert told == sorted(told)
    assert {2, 4, 5} <= set(told)


def test_smoothing_of_a_job_wins_over_the_setting_and_stays_its_own():
    vectors, labels = gaussian_classes(120, 3)
    train, test = np.arange(80), np.arange(80, 120)
    plain = FitJob(train, labels[train], test, 0, recipe=Recipe(label_smoothing=0.0))
    smooth = FitJob(train, labels[train], test, 0, recipe=Recipe(label_smoothing=0.3))
    unset = FitJob(train, labels[train], test, 0)

    def probs(model, *jobs):
        return [one.probs for one in model.run(Embeddings(vectors), jobs, classes=3, device="cpu", progress=silent)]

    first, second = probs(LinearHead(tolerance=1e-9), plain, smooth)
    assert second.max(axis=1).mean() < first.max(axis=1).mean() - 0.1
    third, fourth = probs(LinearHead(tolerance=1e-9, label_smoothing=0.3), unset, plain)
    np.testing.assert_allclose(third, second, atol=1e-4)
    np.testing.assert_allclose(fourth, first, atol=1e-4)
    assert "label smoothing 0.3" in LinearHead(label_smoothing=0.3).description


def test_recipe_that_it_cannot_follow_is_refused():
    vectors, labels = gaussian_classes(30, 3)
    job = FitJob(np.arange(20), labels[:20], np.arange(20, 30), 0, recipe=Recipe(mixup=0.2))
    with pytest.raises(OptionError, match="mixup"):
        LinearHead().run(Embeddings(vectors), [job], classes=3, device="cpu", progress=silent)


def test_vectors_kept_in_a_file_that_cannot_be_written(tmp_path):
    vectors, labels = gaussian_classes(60, 3)
    np.save(tmp_path / "embeddings.npy", vectors)
    mapped = np.load(tmp_path / "embeddings.npy", mmap_mode="r")
    np.testing.assert_array_equal(
        cross_validated(LinearHead(), mapped, labels), cross_validated(LinearHead(), vectors, labels)
    )


def test_repr_and_settings_are_checked():
    assert repr(LinearHead()) == "LinearHead(l2=None, max_iterations=200, tolerance=1e-05, label_smoothing=0.0)"
    assert MODELS.make("linear-head", {"l2": 3}).l2 == 3.0
    with pytest.raises(OptionError, match="l2"):
        MODELS.make("linear-head", {"l2": 0})
