import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from dataclinic.methods.embedding_map import FEWEST, embedding_map
from dataclinic.testing.planted import gaussian_classes

VECTORS, LABELS = gaussian_classes(240, 3, dims=60, apart=8.0)
NONE = VECTORS[:0]


@pytest.fixture(scope="module")
def made():
    return embedding_map(VECTORS[:200], VECTORS[200:], seed=0)


def test_classes_that_are_apart_lie_apart(made):
    nearest = KNeighborsClassifier(5).fit(made.points[:200], LABELS[:200])
    assert nearest.score(made.points[:200], LABELS[:200]) > 0.98
    assert made.made == "t-SNE of 50 principal components, perplexity 30"


def test_later_samples_lie_among_their_class(made):
    nearest = KNeighborsClassifier(5).fit(made.points[:200], LABELS[:200])
    assert nearest.score(made.points[200:], LABELS[200:]) > 0.98


def test_fills_the_unit_square_on_one_axis(made):
    assert made.points.dtype == np.float32
    assert made.points.shape == (240, 2)
    assert made.points.min() >= 0
    assert made.points.max() <= 1
    assert np.ptp(made.points, axis=0).max() == pytest.approx(1)


def test_same_seed_same_map_whatever_comes_later(made):
    again = embedding_map(VECTORS[:200], VECTORS[200:], seed=0)
    assert (made.points == again.points).all()
    # On a scale of its own, since those that come later may lie outside.
    alone = embedding_map(VECTORS[:200], NONE, seed=0).points
    assert np.corrcoef(alone[:, 0], made.points[:200, 0])[0, 1] > 0.999999


def test_a_copy_that_comes_later_lies_on_its_original(made):
    points = embedding_map(VECTORS[:200], VECTORS[5:6], seed=0).points
    assert points[200] == pytest.approx(points[5], abs=0.01)


def test_few_samples_are_shown_by_principal_components():
    few = embedding_map(np.array([[0, 0, 1], [4, 0, 1], [2, 1, 1]], np.float32), NONE[:, :3], seed=0)
    assert few.made == "principal components"
    sides = np.linalg.norm(few.points - few.points[[1, 2, 0]], axis=1)
    assert sides == pytest.approx(np.array([4, 5**0.5, 5**0.5]) / 4, abs=1e-6)


@pytest.mark.parametrize(
    "vectors", [np.ones((1, 3)), np.ones((FEWEST + 1, 4)), np.arange(30.0)[:, None]], ids=["one", "equal", "one column"]
)
def test_degenerate_vectors_have_a_place(vectors):
    points = embedding_map(vectors.astype(np.float32), np.empty((0, vectors.shape[1]), np.float32), seed=0).points
    assert np.isfinite(points).all()
    assert ((points >= 0) & (points <= 1)).all()
