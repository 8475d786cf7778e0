"""Patch features against scikit-learn's K-means, the paper's own whitening written out, and cases by hand."""

import numpy as np
import pytest
from sklearn.cluster import KMeans

from dataclinic.methods import patch_features as method
from dataclinic.methods.patch_features import k_means, learn_patches, patch_features, triangle_activation
from dataclinic.seeding import rng_for


@pytest.fixture
def pictures():
    """Twelve pictures of 12 × 14 noise."""
    return rng_for(0, "pictures").integers(0, 256, (12, 12, 14, 3)).astype(np.uint8)


def test_triangle_activation_by_hand():
    # Distances 3, 4 and 1, mean 8/3.
    centroids = np.array([[3, 0], [0, 4], [0, 1]], np.float32)
    active = triangle_activation(np.zeros((1, 2), np.float32), centroids)
    np.testing.assert_allclose(active, [[0, 0, 8 / 3 - 1]], rtol=1e-6)


def test_k_means_agrees_with_scikit_learn():
    points = rng_for(1, "points").normal(size=(500, 4)).astype(np.float32)
    first = points[rng_for(2, "k-means").choice(500, 7, replace=False)]
    reference = KMeans(7, init=first, n_init=1, max_iter=method.ROUNDS, tol=0).fit(points)
    np.testing.assert_allclose(k_means(points, 7, rng_for(2, "k-means")), reference.cluster_centers_, atol=1e-5)


def test_k_means_of_fewer_points_than_clusters_stays_finite():
    centroids = k_means(np.ones((3, 4), np.float32), 8, rng_for(0, "k-means"))
    np.testing.assert_array_equal(centroids, np.ones((8, 4)))


def test_agrees_with_the_paper_written_out(pictures):
    """ZCA whitening, rotated back, and one patch after another."""
    dictionary = learn_patches(pictures, 5, rng_for(3, "patches"))
    expected = np.zeros((len(pictures), 4, 5))
    # W_pca = V D^-½, so W_zca = W_pca Vᵀ; V is W_pca with its columns at unit length.
    axes = dictionary.whiten / np.linalg.norm(dictionary.whiten, axis=0)
    zca, centroids = dictionary.whiten @ axes.T, dictionary.centroids @ axes.T
    for number, picture in enumerate(pictures):
        cells = {cell: [] for cell in range(4)}
        for row in range(7):
            for column in range(9):
                # ours steps by channel, then row, then column of the patch
                patch = picture[row : row + 6, column : column + 6].transpose(2, 0, 1).ravel().astype(float)
                patch = (patch - patch.mean()) / np.sqrt(patch.var() + 10)
                distances = np.linalg.norm((patch - dictionary.mean) @ zca - centroids, axis=1)
                cells[2 * (row >= 4) + (column >= 5)].append(np.maximum(0, distances.mean() - distances))
        expected[number] = [np.mean(cells[cell], axis=0) for cell in range(4)]
    found = patch_features(pictures, dictionary, grid=2, step=1)
    np.testing.assert_allclose(found, expected.reshape(len(pictures), -1), atol=1e-4)


def test_whitened_patches_have_unit_variance_where_the_floor_does_not_reach(pictures, monkeypatch):
    monkeypatch.setattr(method, "WHITENING_FLOOR", 1e-6)
    dictionary = learn_patches(pictures, 5, rng_for(3, "patches"))
    patches = method._normalised(method._random_patches(pictures, rng_for(3, "patches")))
    spread = ((patches - dictionary.mean) @ dictionary.whiten).var(axis=0)
    # one axis is nothing: the mean of each patch is taken out
    assert (spread < 0.5).sum() == 1
    np.testing.assert_allclose(np.sort(spread)[1:], 1, atol=0.01)


def test_brightness_changes_nothing(pictures):
    dim = pictures // 2
    dictionary = learn_patches(dim, 5, rng_for(0, "patches"))
    np.testing.assert_allclose(patch_features(dim, dictionary), patch_features(dim + 100, dictionary), atol=1e-5)


def test_blank_pictures_give_finite_features():
    blank = np.full((3, 8, 8, 3), 7, np.uint8)
    features = patch_features(blank, learn_patches(blank, 4, rng_for(0, "patches")), grid=1)
    np.testing.assert_array_equal(features, np.zeros((3, 4)))
