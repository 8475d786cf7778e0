import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.neighbors import NearestNeighbors

from dataclinic.methods import nearest_neighbours as module
from dataclinic.methods.nearest_neighbours import cosine_distances, nearest_neighbours
from dataclinic.progress import silent

DEVICES = ["cpu", "cpu:0"]
"""Of numpy, and a device on which torch searches."""


def search(vectors, k, device="cpu", usable=None):
    vectors = np.asarray(vectors, np.float32)
    usable = np.ones(len(vectors), bool) if usable is None else usable
    return nearest_neighbours(vectors, usable, k, device=device, progress=silent)


def mixture(samples, dims, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(samples, 6)) @ rng.normal(size=(6, dims)) + rng.normal(size=(samples, dims)) / 2).astype(
        np.float32
    )


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("samples", [40, 700, 1500])  # with slices of one cosine, of several, and a filled up last one
def test_same_as_brute_force_of_scikit_learn(samples, device):
    vectors = mixture(samples, 16)
    reference = NearestNeighbors(n_neighbors=10, metric="cosine", algorithm="brute").fit(vectors.astype(np.float64))
    distances, rows = reference.kneighbors()
    found = search(vectors, 10, device)
    assert (found.rows == rows).mean() > 0.999  # equal but for float32's last digit
    assert found.distances == pytest.approx(distances, abs=2e-6)
    assert found.rows.dtype == np.int64
    assert found.distances.dtype == np.float32


@pytest.mark.parametrize("device", DEVICES)
def test_by_hand(device):
    # Directions of 0, 90, 45 and 180 degrees, of any length.
    found = search([[2, 0], [0, 9], [1, 1], [-3, 0]], 3, device)
    assert found.rows.tolist() == [[2, 1, 3], [2, 0, 3], [0, 1, 3], [1, 2, 0]]
    half = 1 - np.sqrt(0.5)
    assert found.distances[0] == pytest.approx([half, 1, 2], abs=1e-6)
    assert found.distances[3] == pytest.approx([1, 1 + np.sqrt(0.5), 2], abs=1e-6)


def test_copies_are_at_no_distance_and_come_by_row_number():
    vectors = np.repeat(mixture(200, 8), 5, axis=0)[np.random.default_rng(1).permutation(1000)]
    found = search(vectors, 4)
    assert (found.distances == 0).all()
    assert (np.diff(found.rows, axis=1) > 0).all()
    assert (vectors[found.rows] == vectors[:, None]).all()


def test_a_crowd_of_equal_samples_gives_the_first_ones():
    found = search(np.ones((3000, 4)), 3)
    assert found.rows[:4].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]
    assert (found.rows[4:] == [0, 1, 2]).all()
    assert (found.distances == 0).all()


@pytest.mark.parametrize("device", DEVICES)
def test_unusable_and_empty_samples_have_no_neighbours_and_are_none(device):
    vectors = mixture(50, 5)
    vectors[7] = 0
    usable = np.ones(50, bool)
    usable[3] = False
    found = search(vectors, 49, device, usable)
    assert (found.rows[[3, 7]] == -1).all()
    assert np.isinf(found.distances[[3, 7]]).all()
    rest = np.delete(np.arange(50), [3, 7])
    for row in rest:
        assert sorted(found.rows[row, :47]) == [other for other in rest if other != row]
    assert (found.rows[rest, 47:] == -1).all()
    assert np.isinf(found.distances[rest, 47:]).all()


@pytest.mark.parametrize("samples", [0, 1])
def test_alone_there_are_no_neighbours(samples):
    found = search(np.ones((samples, 3)), 2)
    assert found.rows.tolist() == [[-1, -1]] * samples


def test_blocks_change_nothing(monkeypatch):
    vectors = mixture(900, 12)
    whole = search(vectors, 7)
    monkeypatch.setattr(module, "BLOCK_CELLS", 37 * 900)
    monkeypatch.setattr(module, "_MEASURED_VALUES", 100)
    parts = search(vectors, 7)
    assert (whole.rows == parts.rows).all()
    assert (whole.distances == parts.distances).all()


def test_given_vectors_are_not_written_to_and_lengths_do_not_matter():
    vectors = mixture(60, 4)
    vectors.flags.writeable = False
    found = search(vectors, 5)
    scaled = search(vectors * np.logspace(-25, 25, 60, dtype=np.float32)[:, None], 5)
    assert (found.rows == scaled.rows).all()
    assert scaled.distances == pytest.approx(found.distances, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(2, 25), st.integers(1, 4)), elements=st.integers(-3, 3)))
def test_nobody_that_is_left_out_is_nearer(vectors):
    k = min(3, len(vectors) - 1)
    found = search(vectors, k)
    distances = cosine_distances(vectors, vectors)
    np.fill_diagonal(distances, np.inf)
    expected = np.sort(distances, axis=1)[:, :k]
    assert np.where(np.isinf(expected), 9, expected) == pytest.approx(
        np.where(np.isinf(found.distances), 9, found.distances), abs=2e-6
    )
    assert (found.rows != np.arange(len(vectors))[:, None]).all()


def test_progress_ends_with_all_samples():
    told = []
    nearest_neighbours(mixture(1100, 3), np.ones(1100, bool), 2, device="cpu", progress=lambda *one: told.append(one))
    assert told[0] == ("find neighbours", 0, 1100)
    assert told[-1] == ("find neighbours", 1100, 1100)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_cosine_distances_by_hand():
    distances = cosine_distances(
        np.array([[1, 0], [0, 0]], np.float32), np.array([[5, 0], [0, 2], [-1, 0], [0, 0]], np.float32)
    )
    assert distances.tolist() == [[0, 1, 2, np.inf], [np.inf] * 4]
