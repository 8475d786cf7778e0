"""What every regression model owes, whoever wrote it: built in or from an entry point."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dataclinic.dataset import Table
from dataclinic.features import Embeddings
from dataclinic.fits import TargetJob
from dataclinic.models import Choice, Interval
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS, MODELS
from dataclinic.seeding import rng_for

ROWS = 200
QUICK = {"tree_regression": {"forest_trees": 20, "boosted_trees": 60}}
"""Smaller values for settings that only cost time."""

RNG = rng_for(0, "regression")
VECTORS = RNG.normal(size=(ROWS, 5)).astype(np.float32)
TARGETS = 1000 + 50 * (3 * VECTORS[:, 0] + VECTORS[:, 1]).astype(np.float64) + 10 * RNG.normal(size=ROWS)


@pytest.fixture(params=[name for name in MODELS.ids() if MODELS.find(name).task == "regression"])
def model(request):
    return MODELS.make(request.param, QUICK.get(request.param, {}))


def table_features():
    rng = rng_for(0, "holes")
    frame = pd.DataFrame(np.where(rng.random(VECTORS.shape) < 0.05, np.nan, VECTORS)).add_prefix("number_")
    frame["category"] = pd.Categorical.from_codes(np.digitize(VECTORS[:, 0], [-1, 0, 1]), list("abcd"))
    return ENCODERS.make("raw_columns").encode(Table(frame), device="cpu", seed=0, progress=silent).features


@pytest.fixture(params=["vectors", "table"])
def features(request):
    return Embeddings(VECTORS) if request.param == "vectors" else table_features()


def job(fold, seed=0, targets=TARGETS, weights=None):
    train = np.flatnonzero(np.arange(ROWS) % 5 != fold)
    return TargetJob(train, targets[train], np.flatnonzero(np.arange(ROWS) % 5 == fold), seed, weights)


def run(model, features, *jobs, progress=silent):
    return model.run(features, jobs, device="cpu", progress=progress)


def off(predictions, one):
    return np.median(np.abs(predictions - TARGETS[one.score_rows]))


def test_says_what_it_is_and_what_may_be_searched(model):
    assert model.description
    assert model.summary
    assert model.search_space
    for name, space in model.search_space.items():
        assert name in model.__dataclass_fields__
        assert isinstance(space, Interval | Choice)
        for value in (space.low, space.high) if isinstance(space, Interval) else space.values:
            replace(model, **{name: value})


def test_learns_what_can_be_learned(model, features):
    (predictions,) = run(model, features, job(0))
    assert predictions.shape == (ROWS // 5,)
    assert predictions.dtype == np.float64
    assert off(predictions, job(0)) < 0.5 * np.median(np.abs(TARGETS - np.median(TARGETS)))


def test_a_tenth_of_absurd_targets_hardly_moves_the_predictions(model, features):
    wrong = TARGETS.copy()
    wrong[rng_for(0, "wrong").random(ROWS) < 0.1] *= 100
    clean, robust = run(model, features, job(0), job(0, targets=wrong))
    assert off(robust, job(0)) < 2 * off(clean, job(0))


def test_results_stand_in_the_order_of_the_jobs_and_of_their_rows(model, features):
    jobs = [job(fold) for fold in (3, 0, 2)]
    for predictions, one in zip(run(model, features, *jobs), jobs, strict=True):
        backwards = replace(one, score_rows=one.score_rows[::-1].copy())
        np.testing.assert_allclose(run(model, features, backwards)[0][::-1], predictions, rtol=1e-9)


def test_same_seed_gives_the_same_numbers_among_other_jobs_too(model, features):
    (alone,) = run(model, features, job(0, seed=7))
    among = run(model, features, job(1, targets=-TARGETS), job(0, seed=7))[1]
    np.testing.assert_array_equal(alone, among)


def test_scored_rows_teach_nothing(model):
    changed = VECTORS.copy()
    changed[job(0).score_rows[1:]] += 100
    first, other = (run(model, Embeddings(vectors), job(0))[0][0] for vectors in (VECTORS, changed))
    assert first == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_few_rows_and_equal_targets_give_finite_predictions(model, features, rows):
    few = TargetJob(np.arange(rows), TARGETS[:rows], np.arange(10, 20), 0)
    equal = TargetJob(np.arange(50), np.full(50, 7.0), np.arange(60, 70), 0)
    for predictions in run(model, features, few, equal):
        assert np.isfinite(predictions).all()
    np.testing.assert_allclose(run(model, features, equal)[0], 7.0)


def test_unit_and_origin_of_the_targets_change_nothing(model, features):
    (plain,) = run(model, features, job(0))
    (other,) = run(model, features, job(0, targets=1024 * TARGETS - 2**20))
    np.testing.assert_allclose((other + 2**20) / 1024, plain, rtol=5e-3)


def test_rows_of_hardly_any_weight_hardly_count(model, features):
    mirrored = np.concatenate([TARGETS[: ROWS // 2], 2000 - TARGETS[ROWS // 2 :]])
    train = job(0).train_rows
    weights = np.where(train < ROWS // 2, 1.0, 1e-6)
    (predictions,) = run(model, features, job(0, targets=mirrored, weights=weights))
    assert np.corrcoef(predictions, TARGETS[job(0).score_rows])[0, 1] > 0.6


def test_progress_ends_with_all_jobs(model, features):
    told = []
    run(model, features, job(0), job(1), progress=lambda *step: told.append(step))
    assert told[-1][1:] == (2, 2)
    assert run(model, features) == []


def test_what_is_given_is_left_as_it_is(model):
    vectors, one = VECTORS.copy(), job(0, weights=np.linspace(0.5, 1, 160))
    targets, weights = one.targets.copy(), one.weights.copy()
    run(model, Embeddings(vectors), one)
    np.testing.assert_array_equal(vectors, VECTORS)
    np.testing.assert_array_equal(one.targets, targets)
    np.testing.assert_array_equal(one.weights, weights)
