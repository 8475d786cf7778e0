from dataclasses import dataclass

import numpy as np
import pytest

from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.methods import job_vectors
from dataclinic.methods.job_vectors import JobVectors, sharing_vectors, within_memory
from dataclinic.seeding import rng_for

VECTORS = (rng_for(0, "vectors").normal(size=(12, 3)) * [1, 0.1, 50] + [0, 900, 0]).astype(np.float32)


def job(train, score, weights=None):
    train = np.array(train)
    return FitJob(train, train % 2, np.array(score), 0, weights)


def test_trained_rows_stand_first_and_alone_decide_the_scale():
    jobs = [job([5, 1, 3], [7]), job([3, 8], [1, 9])]
    vectors = JobVectors.of(Embeddings(VECTORS), jobs, "cpu")
    assert vectors.trained == 4
    assert vectors.place.tolist() == [-1, 0, -1, 1, -1, 2, -1, 4, 3, 5, -1, -1]
    np.testing.assert_allclose(vectors.X[:4].mean(dim=0), 0, atol=1e-5)
    np.testing.assert_allclose(vectors.X[:4].square().mean(dim=0), [1, 1, 1], atol=1e-4)
    trained = VECTORS[[1, 3, 5, 8]].astype(np.float64)
    expected = (VECTORS[[9, 7]] - trained.mean(axis=0)) / trained.std(axis=0)
    np.testing.assert_allclose(vectors.at(np.array([9, 7])), expected, rtol=1e-3, atol=1e-3)


def test_targets_stand_at_the_rows_of_each_job():
    jobs = [job([5, 1], [7], np.array([0.5, 2.0])), job([3, 8], [1])]
    codes, weights = JobVectors.of(Embeddings(VECTORS), jobs, "cpu").targets(jobs)
    assert codes.tolist() == [[1, 0], [0, 1], [1, 0], [0, 0]]
    assert weights.tolist() == [[2.0, 0.0], [0.0, 1.0], [0.5, 0.0], [0.0, 1.0]]


def test_row_that_is_named_twice_weighs_twice():
    jobs = [job([5, 1, 5], [7])]
    _, weights = JobVectors.of(Embeddings(VECTORS), jobs, "cpu").targets(jobs)
    assert weights[:, 0].tolist() == [1.0, 2.0]


@dataclass(frozen=True)
class FoldScaled:
    frozen: bool = False


def test_jobs_share_vectors_of_a_frozen_encoder_and_else_with_equal_training_rows():
    jobs = [job([1, 2], [0]), job([3, 2], [0]), job([2, 1], [4])]
    assert sharing_vectors(Embeddings(VECTORS), jobs) == [[0, 1, 2]]
    assert sharing_vectors(FoldScaled(), jobs) == [[0, 2], [1]]
    assert sharing_vectors(Embeddings(VECTORS), []) == []


@pytest.mark.parametrize(("numbers", "sizes"), [(30, [3, 2]), (50, [2, 2, 1]), (1000, [1] * 5), (1, [5]), (0, [5])])
def test_parts_stay_within_memory(monkeypatch, numbers, sizes):
    monkeypatch.setattr(job_vectors, "BATCH_NUMBERS", 100)
    parts = within_memory([4, 0, 1, 3, 2], numbers)
    assert [len(part) for part in parts] == sizes
    assert [place for part in parts for place in part] == [4, 0, 1, 3, 2]
