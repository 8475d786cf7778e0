"""Features learned from small patches of the pictures themselves, without labels and without a network.

A. Coates, H. Lee and A. Y. Ng, "An Analysis of Single-Layer Networks in Unsupervised Feature Learning", AISTATS 2011,
sections 3.1 to 3.2.3 and 4: random patches are contrast-normalised and whitened, K-means finds centroids, a patch is
encoded by the triangle activation max(0, mean distance - distance to centroid), and activations are averaged over
the cells of a grid. We depart from it in whitening onto the principal axes instead of rotating back (distances are
the same), in stepping by two pixels, and in a 3 × 3 grid instead of quadrants, as that did better at equal length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Vectors

PATCH_PX = 6
"""Receptive field; the paper's figure 7 has its best results at six pixels."""

PATCHES = 60_000
"""Enough that another draw changes no centroid much; K-means on them takes about a second."""

CONTRAST_FLOOR = 10.0
"""Added to the variance of a patch in squared 0 … 255 levels (the paper's choice for such pixels)."""

WHITENING_FLOOR = 1.0
"""Added to eigenvalues: the weak axes of enlarged or compressed pictures are mostly artefacts."""

ROUNDS = 10
"""Of K-means; the features hardly change after."""


@dataclass(frozen=True)
class PatchDictionary:
    """What pictures are made of: `mean` (values,) and `whiten` (values, values) of patches, `centroids` (k, values)."""

    mean: NDArray[np.float32]
    whiten: NDArray[np.float32]
    centroids: NDArray[np.float32]


def learn_patches(pictures: NDArray[np.uint8], centroids: int, rng: np.random.Generator) -> PatchDictionary:
    """Dictionary of `centroids` patches, from random places of (pictures, height, width, channels), sides ≥ 6 px."""
    patches = _normalised(_random_patches(pictures, rng))
    mean = patches.mean(axis=0)
    values, axes = np.linalg.eigh(np.cov(patches - mean, rowvar=False))
    whiten = np.asarray(axes / np.sqrt(np.maximum(values, 0) + WHITENING_FLOOR), np.float32)
    return PatchDictionary(mean, whiten, k_means((patches - mean) @ whiten, centroids, rng))


def patch_features(
    pictures: NDArray[np.uint8], dictionary: PatchDictionary, *, grid: int = 3, step: int = 2
) -> Vectors:
    """(pictures, grid² × centroids) float32 in [0, ∞): how much of each centroid is in each cell of the grid."""
    windows = _windows(pictures)[:, ::step, ::step]
    count, rows, columns = windows.shape[:3]
    centred = _normalised(windows.reshape(count * rows * columns, -1)) - dictionary.mean
    whitened = np.asarray(centred @ dictionary.whiten, np.float32)
    active = triangle_activation(whitened, dictionary.centroids).reshape(count, rows, columns, -1)
    pooled = [
        cell.mean(axis=(1, 2))
        for band in np.array_split(active, grid, axis=1)
        for cell in np.array_split(band, grid, axis=2)
    ]
    return np.concatenate(pooled, axis=1)


def triangle_activation(points: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.float32]:
    """(points, centroids) max(0, μ - z), z the distances of a point to all centroids and μ their mean (equation 4)."""
    distances = np.sqrt(_squared_distances(points, centroids))
    return np.asarray(np.maximum(distances.mean(axis=1, keepdims=True) - distances, 0), np.float32)


def k_means(points: NDArray[np.float32], clusters: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(clusters, values) centroids after `ROUNDS` rounds of Lloyd's algorithm from random points.

    A cluster that loses its last point stays where it is, so equal points do no harm.
    """
    centroids = points[rng.choice(len(points), clusters, replace=len(points) < clusters)]
    for _ in range(ROUNDS):
        nearest = _squared_distances(points, centroids).argmin(axis=1)
        order = np.argsort(nearest, kind="stable")
        taken, starts, sizes = np.unique(nearest[order], return_index=True, return_counts=True)
        centroids = centroids.copy()
        centroids[taken] = np.add.reduceat(points[order], starts, axis=0) / sizes[:, None]
    return np.asarray(centroids, np.float32)


def _random_patches(pictures: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """(patches, values), equally many of each picture."""
    windows = _windows(pictures)
    count, rows, columns = windows.shape[:3]
    each = min(-(-PATCHES // count), rows * columns)
    picture = np.repeat(np.arange(count), each)
    chosen = windows[picture, rng.integers(rows, size=len(picture)), rng.integers(columns, size=len(picture))]
    return chosen.reshape(len(picture), -1)


def _windows(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(pictures, rows, columns, channels, 6, 6): a view of every patch."""
    return np.lib.stride_tricks.sliding_window_view(pictures, (PATCH_PX, PATCH_PX), axis=(1, 2))


def _normalised(patches: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Brightness and contrast taken out of each patch (section 3.1)."""
    values = patches.astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    return np.asarray(values / np.sqrt(values.var(axis=1, keepdims=True) + CONTRAST_FLOOR), np.float32)


def _squared_distances(points: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.float32]:
    squares = np.square(points).sum(axis=1, keepdims=True) + np.square(centroids).sum(axis=1)
    return np.asarray(np.maximum(squares - 2 * (points @ centroids.T), 0), np.float32)
