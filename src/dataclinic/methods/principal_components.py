"""Vectors by their principal components: fewer dimensions, with most of what the others said.

Pearson, "On lines and planes of closest fit to systems of points in space", Philosophical Magazine 2, 1901, by
scikit-learn's `PCA` on standardised vectors. No label is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from dataclinic.arrays import Mask, Vectors


def principal_components(vectors: Vectors, usable: Mask, components: int) -> Vectors:
    """(samples, components) float32 of every sample, by directions that the usable ones have.

    The same on every call: the directions come from the covariance, decomposed in full.

    Args:
        vectors: (samples, dims).
        usable: (samples,) which samples the mean, the scale and the directions are taken of.
        components: at most dims and the number of usable samples.
    """
    own = np.asarray(vectors[usable], np.float64)
    mean, scale = own.mean(axis=0), own.std(axis=0)
    # What is constant but for rounding says nothing.
    scale[scale <= 1e-6 * np.abs(mean)] = np.inf
    with threadpool_limits(1):
        found = PCA(components, svd_solver="covariance_eigh").fit((own - mean) / scale)
        # found.components_ is (components, dims); the mean of what it was fitted on is 0
        turned = (found.components_ / scale).T
    return np.asarray((vectors - mean.astype(np.float32)) @ turned.astype(np.float32), np.float32)
