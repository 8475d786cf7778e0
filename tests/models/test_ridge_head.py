from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from dataclinic.errors import OptionError
from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.methods.downdated_ridge import RowMoments
from dataclinic.methods.job_vectors import JobVectors
from dataclinic.models.linear_head import LinearHead
from dataclinic.models.ridge_head import LARGEST_BLOCK, LEFT_OUT_ROWS, RidgeHead, _left_out_blocks
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.testing.planted import gaussian_classes, switch_labels

VECTORS, LABELS = gaussian_classes(150, 3, apart=3.0)
TRAIN, SCORE = np.arange(100), np.arange(100, 150)
JOB = FitJob(TRAIN, LABELS[TRAIN], SCORE, seed=3)


def run(*jobs, model=None, vectors=VECTORS, classes=3):
    results = (model or RidgeHead()).run(Embeddings(vectors), jobs, classes=classes, device="cpu", progress=silent)
    return [result.probs for result in results]


def cross_validated(model, vectors, labels):
    splits = StratifiedKFold(5, shuffle=True, random_state=0).split(vectors, labels)
    jobs = [FitJob(train, labels[train], test, 0) for train, test in splits]
    probs = np.empty((len(labels), int(labels.max()) + 1))
    for job, one in zip(jobs, run(*jobs, model=model, vectors=vectors, classes=probs.shape[1]), strict=True):
        probs[job.score_rows] = one
    return probs


def test_log_loss_and_ranking_of_planted_errors_are_near_those_of_logistic_regression():
    vectors, labels = load_digits(return_X_y=True)
    given, switched = switch_labels(labels, 0.08, classes=10)
    rows = np.arange(len(given))
    losses, precisions = [], []
    for model in (RidgeHead(), LinearHead()):
        probs = cross_validated(model, vectors.astype(np.float32), given)
        losses.append(-np.log(np.maximum(probs[rows, given], 1e-12)).mean())
        precisions.append(average_precision_score(switched, -probs[rows, given]))
    assert losses[0] < losses[1] + 0.01
    assert precisions[0] > precisions[1] - 0.04


def test_classes_are_those_of_scikit_learns_ridge_where_a_temperature_is_all(monkeypatch):
    monkeypatch.setattr("dataclinic.methods.score_calibration.OFFSET_PRIOR", 1e9)
    monkeypatch.setattr("dataclinic.methods.score_calibration.MATRIX_PRIOR", 1e9)
    scaler = StandardScaler().fit(VECTORS[TRAIN])
    reference = RidgeClassifier(alpha=0.5 * 100).fit(scaler.transform(VECTORS[TRAIN]), LABELS[TRAIN])
    decision = reference.decision_function(scaler.transform(VECTORS[SCORE]))
    logs = np.log(run(JOB, model=RidgeHead(l2=0.5))[0])
    # targets of scikit-learn are -1 and 1, so that differences of its decisions are twice those of one-hot scores
    differences, expected = np.diff(logs, axis=1), np.diff(decision, axis=1) / 2
    ratio = differences / expected
    np.testing.assert_allclose(ratio, np.median(ratio), rtol=1e-2)


def test_penalty_follows_the_noise():
    clean = run(JOB)[0]
    noise = np.random.default_rng(0).integers(0, 3, 100)
    (undecided,) = run(replace(JOB, labels=noise))
    assert clean.max(axis=1).mean() > 0.85
    assert undecided.max(axis=1).mean() < 0.55


def test_jobs_that_share_rows_and_weights_share_one_decomposition(monkeypatch):
    made = []
    spectrum = RowMoments.spectrum
    monkeypatch.setattr(RowMoments, "spectrum", lambda *given: made.append(1) or spectrum(*given))
    relabelled = replace(JOB, labels=(JOB.labels + 1) % 3)
    shuffled = replace(JOB, train_rows=TRAIN[::-1].copy(), labels=JOB.labels[::-1].copy())
    weighted = replace(JOB, weights=np.linspace(0.5, 1, 100), seed=4)
    first, second, third, fourth = run(JOB, relabelled, shuffled, weighted)
    assert len(made) == 2
    np.testing.assert_allclose(second, np.roll(first, 1, axis=1), atol=2e-3)
    np.testing.assert_allclose(third, first, atol=1e-2)
    assert np.abs(fourth - first).max() > 1e-4


def test_jobs_near_the_first_that_score_the_same_rows_need_no_decomposition(monkeypatch):
    made = []
    spectrum = RowMoments.spectrum
    monkeypatch.setattr(RowMoments, "spectrum", lambda *given: made.append(1) or spectrum(*given))
    dropped = replace(JOB, train_rows=TRAIN[5:], labels=JOB.labels[5:])
    weighted = replace(JOB, weights=np.linspace(0.5, 1, 100))
    far = replace(JOB, train_rows=TRAIN[40:], labels=JOB.labels[40:])
    other_rows = replace(dropped, score_rows=SCORE[:-1])
    together = run(JOB, dropped, weighted, far, other_rows)
    assert len(made) == 3
    for probs, job in zip(together, (JOB, dropped, weighted, far, other_rows), strict=True):
        np.testing.assert_allclose(probs, run(job)[0], atol=0.12)


def test_scored_rows_and_their_labels_have_no_say_through_jobs_beside():
    """The jobs of fold 1 train on the rows that those of fold 0 score: what these are then changes nothing there."""
    rows = np.arange(150)
    spoilt, judged = rows % 10 == 0, rows[rows % 10 == 5]
    answers = []
    for labels, vectors in (
        (LABELS, VECTORS),
        (np.where(rows % 5 == 0, (LABELS + 1) % 3, LABELS), np.where(spoilt[:, None], 3 - 2 * VECTORS, VECTORS)),
    ):
        jobs = []
        for fold in (0, 1):
            train = rows[rows % 5 != fold]
            scored = judged if fold == 0 else rows[rows % 5 == fold]
            plain = FitJob(train, labels[train], scored, 3)
            jobs += [plain, replace(plain, train_rows=train[8:], labels=labels[train[8:]])]
        answers.append(run(*jobs, vectors=vectors))
    for before, after in zip(*(own[:2] for own in answers), strict=True):
        np.testing.assert_allclose(after, before, atol=1e-4)
    for before, after in zip(*(own[2:] for own in answers), strict=True):
        assert np.abs(after - before).max() > 0.1


def test_rows_named_twice_are_rows_that_weigh_twice():
    twice = np.concatenate([TRAIN, TRAIN[LABELS[TRAIN] == 0]])
    groups = np.arange(150)
    named = FitJob(twice, LABELS[twice], SCORE, 3, groups=groups[twice])
    weighed = replace(JOB, weights=1.0 + (LABELS[TRAIN] == 0), groups=groups[TRAIN])
    np.testing.assert_allclose(run(named)[0], run(weighed)[0], atol=1e-2)


def test_twins_that_share_a_group_do_not_make_it_overconfident():
    """Every training row stands there twice with a random label: leaving one out leaves its twin in."""
    rng = np.random.default_rng(0)
    once = rng.normal(size=(60, 40)).astype(np.float32)
    vectors = np.concatenate([once, once, rng.normal(size=(50, 40)).astype(np.float32)])
    labels = np.tile(rng.integers(0, 3, 60), 2)
    job = FitJob(np.arange(120), labels, np.arange(120, 170), 0)
    alone, grouped = run(job, replace(job, groups=np.tile(np.arange(60), 2)), vectors=vectors)
    assert alone.max(axis=1).mean() > 0.7
    assert grouped.max(axis=1).mean() < 0.5


def drawn(job):
    vectors = JobVectors.of(Embeddings(np.zeros((20_000, 1), np.float32)), [job], "cpu")
    named = np.argsort(vectors.place, kind="stable")[(vectors.place < 0).sum() :]
    return [named[block.numpy()] for block in _left_out_blocks(job, vectors)]


def test_blocks_hold_whole_groups_each_row_once():
    groups = np.repeat(np.arange(40), [1] * 20 + [2] * 15 + [10] * 5)
    job = replace(JOB, groups=groups, weights=np.where(np.arange(100) == 0, 0.0, 1.0))
    blocks = drawn(job)
    assert [block.shape for block in blocks] == [(19, 1), (15, 2), (5, 10)]
    assert sorted(np.concatenate([block.reshape(-1) for block in blocks]).tolist()) == list(range(1, 100))
    assert all(len(set(groups[rows])) == 1 for block in blocks for rows in block)


def test_blocks_are_few_and_short_on_large_data():
    rows = np.arange(20_000)
    labels = rows % 3
    single = drawn(FitJob(rows, labels, rows[:0], 0))
    assert [block.shape for block in single] == [(LEFT_OUT_ROWS, 1)]
    grouped = drawn(FitJob(rows, labels, rows[:0], 0, groups=rows // 5000))
    assert [block.shape for block in grouped] == [(4, LARGEST_BLOCK)]
    loose = drawn(FitJob(rows[:50], labels[:50], rows[:0], 0, groups=np.full(50, -1)))
    assert [block.shape for block in loose] == [(50, 1)]


def test_job_without_rows_or_weight_is_undecided():
    empty = replace(JOB, train_rows=TRAIN[:0], labels=LABELS[:0])
    first, second, third = run(empty, JOB, replace(JOB, weights=np.zeros(100)))
    np.testing.assert_allclose(first, 1 / 3)
    np.testing.assert_allclose(third, 1 / 3)
    assert (second.argmax(axis=1) == LABELS[SCORE]).mean() > 0.8


def test_settings_are_checked_and_told():
    assert "leave-one-out" in RidgeHead().description
    assert "0.2" in MODELS.make("ridge-head", {"l2": 0.2}).description
    with pytest.raises(OptionError, match="l2"):
        MODELS.make("ridge-head", {"l2": 0})
