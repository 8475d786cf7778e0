"""The encoder without weights finds planted label errors, and depends on the pictures alone."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dataclinic.dataset import Images
from dataclinic.encoders import kmeans_patches
from dataclinic.encoders.kmeans_patches import KmeansPatches
from dataclinic.progress import silent
from dataclinic.testing.planted import switch_labels


def png(pixels):
    content = BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(content, "PNG")
    return content.getvalue()


def encode(sources, seed=0, progress=silent):
    return KmeansPatches().encode(Images(tuple(sources)), device="cpu", seed=seed, progress=progress)


@pytest.fixture(scope="module")
def digits():
    """1,797 grey pictures of 8 × 8 pixels, and their classes."""
    found = load_digits()
    return [png(digit * 15) for digit in found.images], found.target


def test_digits_with_switched_labels_come_first(digits):
    sources, labels = digits
    given, switched = switch_labels(labels, 0.08, classes=10, seed=1)
    vectors = encode(sources).features.matrix
    with threadpool_limits(1):
        head = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=100))
        logs = np.log(cross_val_predict(head, vectors, given, method="predict_proba", cv=5) + 1e-12)
    rows = np.arange(len(given))
    own = logs[rows, given]
    logs[rows, given] = -np.inf
    suspicion = logs.max(axis=1) - own
    assert average_precision_score(switched, suspicion) > 0.97
    assert switched[np.argsort(-suspicion)[:100]].mean() >= 0.95


def test_tells_colours_and_brightness_apart():
    """Blank pictures have no edges, and patches lose their brightness: the thumbnail keeps it."""
    dark, light, red = (png(np.full((9, 9, 3), colour)) for colour in ((20,) * 3, (220,) * 3, (220, 20, 20)))
    vectors = encode([dark, light, red]).features.matrix
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert np.linalg.norm(vectors[first] - vectors[second]) > 1


def test_the_seed_draws_other_patches(digits):
    sources = digits[0][:20]
    assert not np.allclose(encode(sources).features.matrix, encode(sources, seed=1).features.matrix)


def test_patches_are_learned_from_some_of_many_pictures_whatever_their_order(digits, monkeypatch):
    monkeypatch.setattr(kmeans_patches, "LEARN_FROM", 30)
    sources = digits[0][:100]
    vectors = encode(sources).features.matrix
    np.testing.assert_allclose(encode(sources[::-1]).features.matrix[::-1], vectors, atol=1e-5)


def test_length_and_description_follow_the_settings():
    encoded = KmeansPatches(centroids=8).encode(Images((png(np.zeros((5, 5))),)), device="cpu", seed=0, progress=silent)
    assert encoded.features.matrix.shape == (1, 9 * 8 + 372)
    assert encoded.description == "8 k-means patches, oriented gradients and a thumbnail, 32 px"


def test_tells_how_far_it_is(digits):
    told = []
    encode(digits[0][:70], progress=lambda *told_now: told.append(told_now))
    assert told == [(step, done, 70) for step in ("read images", "encode images") for done in (64, 70)]
