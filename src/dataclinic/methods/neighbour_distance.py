"""How far samples lie from the rest: mean cosine distance to the nearest neighbour in each of two random samples.

This is LeSiNN of G. Pang, K. M. Ting and D. Albrecht, "LeSiNN: Detecting Anomalies by Identifying Least Similar Nearest
Neighbours", ICDM Workshops, 2015, with cosine distance. M. Sugiyama and K. Borgwardt, "Rapid Distance-Based Outlier
Detection via Sampling", NeurIPS 2013, show why a small sample can do what all neighbours do: an outlier has no near
neighbour in any. Against the nearest neighbours among all samples the cost falls from samples² to samples × 512.

We depart in two points. A row that stands in a sample is not its own neighbour there. And two samples of 256 take the
place of fifty of 8 or so: of outliers that we planted in MobileNetV2 embeddings of photographs (random directions,
shuffled components, Gaussian noise), the mean area under the ROC curve was .78, against .74 with ten samples of 51 and
.81 with the ten nearest of all rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from dataclinic.arrays import Rows, Scores, Vectors

SAMPLES = 2
SAMPLE_ROWS = 256
"""Random samples, and the most rows in each: no row is in both."""

FEWEST_ROWS = 2 * SAMPLES
"""Two rows a sample, so that a row that is in one has a neighbour there."""

_BLOCK = 4096
"""Rows compared at once: 8 MiB of similarities."""


def neighbour_distance(vectors: Vectors, rng: Generator) -> Scores:
    """(samples,) mean cosine distance to the nearest neighbour in each of two random samples, in [0, 2].

    A vector of zeros is at distance 1 from every other. Cost is samples × 512 × dims.

    Args:
        vectors: (samples, dims), FEWEST_ROWS of them at least.
        rng: draws the samples.
    """
    rows = min(SAMPLE_ROWS, len(vectors) // SAMPLES)
    reference = rng.choice(len(vectors), size=SAMPLES * rows, replace=False)
    distances = np.empty(len(vectors))
    # One product after another: threads of numpy's own would wait for those of other work.
    with threadpool_limits(1):
        directions = _directions(vectors[reference]).T
        for start in range(0, len(vectors), _BLOCK):
            cosines = _directions(vectors[start : start + _BLOCK]) @ directions
            _leave_out_own(cosines, reference - start)
            nearest = cosines.reshape(len(cosines), SAMPLES, rows).max(axis=2)
            distances[start : start + _BLOCK] = 1 - np.clip(nearest, -1, 1).mean(axis=1, dtype=np.float64)
    return distances


def _directions(vectors: Vectors) -> Vectors:
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0))


def _leave_out_own(cosines: NDArray[np.float32], places: Rows) -> None:
    """Make the similarity of each reference row to itself the lowest; `places` are its rows in this block, if there."""
    here = np.flatnonzero((places >= 0) & (places < len(cosines)))
    cosines[places[here], here] = -np.inf
