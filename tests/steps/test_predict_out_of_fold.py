from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from dataclinic.features import Embeddings
from dataclinic.fits import Dynamics, Epoch, FitResult, FoldPlan
from dataclinic.progress import silent
from dataclinic.seeding import rng_for
from dataclinic.steps.predict_out_of_fold import predict_out_of_fold
from dataclinic.testing.planted import gaussian_classes, table_dataset

VECTORS, LABELS = gaussian_classes(60, 3)


@dataclass
class Recorder:
    """Remembers what it was trained on, and says how often it saw each class."""

    jobs: list = field(default_factory=list)

    def run(self, features, jobs, *, classes, device, progress):
        self.jobs = list(jobs)
        shares = [np.bincount(job.labels, minlength=classes) / len(job.labels) for job in jobs]
        return [
            FitResult(np.tile(share, (len(job.score_rows), 1)).astype(np.float32))
            for job, share in zip(jobs, shares, strict=True)
        ]


PLAN = FoldPlan(5, 3, 0)


def predict(labels=LABELS, groups=None, usable=None, plan=PLAN):
    model = Recorder()
    predicted = predict_out_of_fold(
        table_dataset(VECTORS[: len(labels)], labels),
        Embeddings(VECTORS[: len(labels)]),
        {"recorder": model},
        groups=np.arange(len(labels)) if groups is None else groups,
        usable=np.ones(len(labels), bool) if usable is None else usable,
        plan=plan,
        device="cpu",
        progress=silent,
    )
    return predicted.out_of_fold, model


def test_no_sample_is_scored_by_a_model_that_trained_on_it():
    out_of_fold, model = predict()
    assert len(model.jobs) == 15
    for job in model.jobs:
        assert not np.intersect1d(job.train_rows, job.score_rows).size
        assert np.array_equal(job.labels, LABELS[job.train_rows])
    scored = np.concatenate([job.score_rows for job in model.jobs])
    assert (np.bincount(scored) == 3).all()
    assert out_of_fold.judged.all()


def test_no_sample_is_scored_by_a_model_that_trained_on_its_group():
    groups = np.arange(60) // 4
    _, model = predict(groups=groups)
    for job in model.jobs:
        assert not np.intersect1d(groups[job.train_rows], groups[job.score_rows]).size


def test_results_reach_the_repeat_and_row_they_belong_to():
    out_of_fold, model = predict()
    job = model.jobs[7]
    expected = np.bincount(job.labels, minlength=3) / len(job.labels)
    assert out_of_fold.repeat_probs[1, job.score_rows] == pytest.approx(np.tile(expected, (len(job.score_rows), 1)))
    assert (out_of_fold.folds[1, job.score_rows] == 2).all()


def test_unusable_samples_take_no_part():
    usable = np.ones(60, bool)
    usable[[3, 8]] = False
    out_of_fold, model = predict(usable=usable)
    for job in model.jobs:
        assert not np.isin([3, 8], np.concatenate([job.train_rows, job.score_rows])).any()
    assert (out_of_fold.folds[:, [3, 8]] == -1).all()
    assert np.flatnonzero(~out_of_fold.judged).tolist() == [3, 8]


def test_a_class_with_one_sample_is_kept_in_training_but_not_judged():
    labels = LABELS.copy()
    labels[0] = 3
    out_of_fold, model = predict(labels)
    assert np.flatnonzero(~out_of_fold.judged).tolist() == [0]
    assert any(0 in job.train_rows for job in model.jobs)


def test_a_class_whose_samples_are_one_group_is_not_judged():
    labels = LABELS.copy()
    labels[[0, 1]] = 3
    groups = np.arange(60)
    groups[1] = 0
    out_of_fold, _ = predict(labels, groups)
    assert np.flatnonzero(~out_of_fold.judged).tolist() == [0, 1]


def test_a_class_with_two_samples_is_judged():
    labels = LABELS.copy()
    labels[[0, 1]] = 3
    out_of_fold, _ = predict(labels)
    assert out_of_fold.judged.all()


def test_more_folds_than_samples_still_judges_each():
    out_of_fold, model = predict(LABELS[:6], plan=FoldPlan(10, 1, 0))
    assert out_of_fold.judged.all()
    assert len(model.jobs) == 6


def test_same_seed_gives_the_same_folds_and_another_seed_does_not():
    first, _ = predict(plan=FoldPlan(5, 2, 1))
    again, _ = predict(plan=FoldPlan(5, 2, 1))
    other, _ = predict(plan=FoldPlan(5, 2, 2))
    assert np.array_equal(first.folds, again.folds)
    assert not np.array_equal(first.folds, other.folds)
    assert not np.array_equal(first.folds[0], first.folds[1])


def predicted_by(models, times=None, plan=PLAN):
    dataset = replace(table_dataset(VECTORS, LABELS), times=times)
    return predict_out_of_fold(
        dataset,
        Embeddings(VECTORS),
        models,
        groups=np.arange(60),
        usable=np.ones(60, bool),
        plan=plan,
        device="cpu",
        progress=silent,
    )


def test_several_models_share_their_folds_and_add_repeats():
    first, second = Recorder(), Recorder()
    out_of_fold = predicted_by({"first": first, "second": second}).out_of_fold
    assert out_of_fold.repeat_probs.shape == (6, 60, 3)
    assert (out_of_fold.folds[:3] == out_of_fold.folds[3:]).all()
    assert [job.train_rows.tolist() for job in first.jobs] == [job.train_rows.tolist() for job in second.jobs]


def test_with_times_every_model_learns_from_earlier_samples_alone():
    times = rng_for(0, "times").permutation(60).astype(float)
    model = Recorder()
    out_of_fold = predicted_by({"only": model}, times=times).out_of_fold
    assert len(model.jobs) == 15
    for job in model.jobs:
        assert times[job.train_rows].max() < times[job.score_rows].min()
    assert not out_of_fold.judged[np.argmin(times)]
    assert out_of_fold.judged[np.argmax(times)]


def test_training_is_reported_per_model_repeat_and_fold():
    histories = predicted_by({"epochs": Trained()}, plan=FoldPlan(3, 2, 0)).histories
    assert [(history.repeat, history.fold) for history in histories] == [(r, f) for r in range(2) for f in range(3)]
    assert {history.model for history in histories} == {"epochs"}
    assert histories[4].epochs == (Epoch(0.1, 1.0, 0.5),)


def test_dynamics_are_pooled_over_all_fits():
    dynamics = predicted_by({"epochs": Trained()}, plan=FoldPlan(3, 2, 0)).dynamics
    assert dynamics.confidence == pytest.approx(np.full(60, 0.75))
    assert dynamics.held_out_confidence == pytest.approx(LABELS / 2)


@dataclass
class Trained(Recorder):
    """Also trains for one epoch, in which it is as sure of a held-out sample as half its class code."""

    def run(self, features, jobs, *, classes, device, progress):
        answers = super().run(features, jobs, classes=classes, device=device, progress=progress)
        return [
            replace(
                answer,
                history=(Epoch(0.1, 1.0, 0.5),),
                dynamics=Dynamics(
                    np.full((1, len(job.train_rows)), 0.75, np.float32),
                    np.ones((1, len(job.train_rows)), np.float32),
                    job.score_labels[None].astype(np.float32) / 2,
                ),
            )
            for job, answer in zip(jobs, answers, strict=True)
        ]
