import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error

from dataclinic.methods.inner_folds import ClassFolds, Held, TargetFolds, over_samples
from dataclinic.seeding import rng_for

ROWS = 60
LABELS = np.arange(ROWS) % 3
TARGETS = rng_for(0, "targets").normal(size=ROWS)


def held(groups=None, usable=None, times=None, folds=3, seed=0):
    groups = np.arange(ROWS) if groups is None else groups
    return Held(groups, np.ones(ROWS, bool) if usable is None else usable, times, folds, seed)


def some_probs(rows):
    probs = rng_for(1, "probs").dirichlet(np.ones(3), size=rows)
    return probs.astype(np.float32)


def test_every_sample_is_scored_once_by_a_job_that_did_not_train_on_it():
    folds = ClassFolds.draw(LABELS, held())
    assert len(folds.jobs) == 3
    assert sorted(np.concatenate([job.score_rows for job in folds.jobs])) == list(range(ROWS))
    for job in folds.jobs:
        assert not np.intersect1d(job.train_rows, job.score_rows).size
        assert (job.labels == LABELS[job.train_rows]).all()
    assert folds.rows == (20, 20, 20)


def test_groups_keep_to_one_side_and_unusable_samples_take_no_part():
    groups, usable = np.arange(ROWS) // 4, np.arange(ROWS) != 7
    for job in ClassFolds.draw(LABELS, held(groups, usable)).jobs:
        assert not np.intersect1d(groups[job.train_rows], groups[job.score_rows]).size
        assert (job.groups == groups[job.train_rows]).all()
        assert 7 not in np.concatenate([job.train_rows, job.score_rows])


@pytest.mark.parametrize("draw", [ClassFolds.draw, TargetFolds.draw])
def test_models_of_samples_with_times_are_trained_on_earlier_ones(draw):
    times = rng_for(2, "times").permutation(ROWS).astype(np.float64)
    folds = draw(LABELS if draw == ClassFolds.draw else TARGETS, held(times=times))
    assert len(folds.jobs) == 3
    for job in folds.jobs:
        assert times[job.train_rows].max() < times[job.score_rows].min()


def test_the_loss_is_the_log_loss_of_scikit_learn():
    folds = ClassFolds.draw(LABELS, held())
    given, probs = LABELS[folds.jobs[1].score_rows], some_probs(20)
    loss, accuracy = folds.loss(1, probs)
    exact = probs.astype(np.float64)
    expected = log_loss(given, exact / exact.sum(axis=1, keepdims=True), labels=[0, 1, 2])
    assert loss == pytest.approx(expected, rel=1e-5)
    assert accuracy == accuracy_score(given, probs.argmax(axis=1))


def test_samples_of_a_class_that_nothing_was_learned_of_are_not_judged():
    labels = LABELS.copy()
    labels[0] = 3
    folds = ClassFolds.draw(labels, held())
    assert sum(folds.rows) == ROWS - 1
    (fold,) = [place for place, job in enumerate(folds.jobs) if 0 in job.score_rows]
    probs = np.full((len(folds.jobs[fold].score_rows), 4), 0.25, np.float32)
    probs[folds.jobs[fold].score_rows == 0] = [1, 0, 0, 0]
    assert folds.loss(fold, probs)[0] == pytest.approx(np.log(4))


def test_a_fold_in_which_nothing_can_be_judged_is_left_out():
    labels = np.arange(ROWS)
    assert ClassFolds.draw(labels, held()).jobs == ()


def test_targets_are_scored_by_mean_absolute_error_and_spread_over_folds():
    folds = TargetFolds.draw(TARGETS, held())
    given = TARGETS[folds.jobs[0].score_rows]
    assert folds.loss(0, np.zeros(len(given))) == pytest.approx(mean_absolute_error(given, np.zeros(len(given))))
    largest = np.argsort(TARGETS)[-6:]
    assert all(np.isin(largest, job.score_rows).sum() == 2 for job in folds.jobs)


def test_the_seed_decides_the_folds():
    def first(seed):
        return ClassFolds.draw(LABELS, held(seed=seed)).jobs[0].score_rows.tolist()

    assert first(0) == first(0) != first(1)


def test_a_mean_over_samples_weighs_folds_by_their_size():
    assert over_samples([1.0, 4.0], [30, 10, 99]) == pytest.approx(1.75)
