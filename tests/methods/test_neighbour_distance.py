import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from dataclinic.methods.neighbour_distance import FEWEST_ROWS, SAMPLE_ROWS, SAMPLES, neighbour_distance


def distances(vectors, seed=0):
    return neighbour_distance(vectors.astype(np.float32), np.random.default_rng(seed))


@pytest.mark.parametrize("count", [FEWEST_ROWS, 37, 300, 700])
def test_mean_of_the_nearest_in_each_sample_as_scikit_learn_finds_them(count):
    vectors = np.random.default_rng(1).normal(size=(count, 5)).astype(np.float32)
    rows = min(SAMPLE_ROWS, count // SAMPLES)
    reference = np.random.default_rng(0).choice(count, size=SAMPLES * rows, replace=False).reshape(SAMPLES, rows)
    nearest = np.empty((SAMPLES, count))
    for place, sample in enumerate(reference):
        found, who = NearestNeighbors(n_neighbors=2, metric="cosine").fit(vectors[sample]).kneighbors(vectors)
        own = sample[who[:, 0]] == np.arange(count)
        nearest[place] = np.where(own, found[:, 1], found[:, 0])
    np.testing.assert_allclose(distances(vectors), nearest.mean(axis=0), atol=1e-5)


def test_by_hand():
    # Four rows, two samples of two: every row's nearest other one is at distance 0 or 1, in its own half-plane.
    vectors = np.array([[1, 0], [2, 0], [0, 1], [0, 3]])
    found = distances(vectors)
    (first, second) = np.random.default_rng(0).choice(4, size=4, replace=False).reshape(2, 2)
    direction = np.array([0, 0, 1, 1])
    expected = [
        np.mean(
            [min(float(direction[row] != direction[one]) for one in half if one != row) for half in (first, second)]
        )
        for row in range(4)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_blocks_change_nothing(monkeypatch):
    vectors = np.random.default_rng(2).normal(size=(1000, 4))
    whole = distances(vectors)
    monkeypatch.setattr("dataclinic.methods.neighbour_distance._BLOCK", 77)
    np.testing.assert_allclose(distances(vectors), whole, atol=1e-6)


def test_length_of_a_vector_does_not_matter_and_zeros_are_at_distance_one():
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(100, 6))
    np.testing.assert_allclose(distances(vectors), distances(vectors * rng.uniform(0.1, 9, size=(100, 1))), atol=1e-5)
    vectors[7] = 0
    assert distances(vectors)[7] == pytest.approx(1, abs=1e-6)


def test_planted_outliers_are_farthest():
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(2000, 32)) * 0.3 + np.repeat(rng.normal(size=(4, 32)) * 2, 500, axis=0)
    vectors[:20] = rng.normal(size=(20, 32))
    assert set(np.argsort(-distances(vectors))[:20]) == set(range(20))
