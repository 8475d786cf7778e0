"""Whether pictures keep their class when they are mirrored, as photographs do and letters and digits do not.

A linear classifier of coarse pixels is fitted to one half of the pictures and judges the other half, as they are and
mirrored, and the other way round. Where it recognises significantly more of them as they are, mirrored pictures are
something else. The count is a sign test on the pictures that it gets right only one way (McNemar, "Note on the Sampling
Error of the Difference Between Correlated Proportions or Percentages", Psychometrika, 1947).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Mask, Rows

MOST_ROWS = 3_000
"""More would find differences that no training would notice."""

LEAST_ROWS = 32
"""Fewer cannot differ by so many standard errors, whatever they show."""

COARSE_PX = 8

RIDGE = 30.0
"""On pixels of mean 0 and variance 1 over all of a picture's: at 50 pictures a class the classifier still works."""

STANDARD_ERRORS = 4.0


def mirrored_keep_class(pixels: NDArray[np.uint8], rows: Rows, labels: Labels, rng: np.random.Generator) -> bool:
    """True unless the pictures say otherwise: too few, or too hard for a linear classifier, and it is true.

    Args:
        pixels: (samples, px, px, 3) uint8, px of 8 or more.
        rows: those to look at, e.g. the training rows of a fit.
        labels: (rows,) their classes.
        rng: draws up to 3,000 of them, and the halves.
    """
    if len(rows) < LEAST_ROWS:
        return True
    drawn = rng.permutation(len(rows))[:MOST_ROWS]
    coarse, codes = _coarse(pixels[rows[drawn]]), np.unique(labels[drawn], return_inverse=True)[1]
    first = np.arange(len(drawn)) % 2 == 0
    upright, mirrored = (np.zeros(len(drawn), bool) for _ in range(2))
    with threadpool_limits(1):
        for learned in (first, ~first):
            weights = _ridge(_flat(coarse[learned]), codes[learned])
            upright[~learned], mirrored[~learned] = (
                (_flat(seen) @ weights).argmax(axis=1) == codes[~learned]
                for seen in (coarse[~learned], coarse[~learned][:, :, ::-1])
            )
    return _excess(upright, mirrored) <= STANDARD_ERRORS


def _coarse(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(rows, 8, 8, 3) means of blocks, of mean 0 and variance 1; what does not fill a block is cut off evenly."""
    block = pixels.shape[1] // COARSE_PX
    cut = (pixels.shape[1] - block * COARSE_PX) // 2
    inner = pixels[:, cut : cut + block * COARSE_PX, cut : cut + block * COARSE_PX]
    means = inner.reshape(-1, COARSE_PX, block, COARSE_PX, block, 3).mean(axis=(2, 4))
    return np.asarray((means - means.mean()) / max(float(means.std()), 1e-9))


def _flat(coarse: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hstack([coarse.reshape(len(coarse), -1), np.ones((len(coarse), 1))])


def _ridge(vectors: NDArray[np.float64], codes: Labels) -> NDArray[np.float64]:
    """(dims, classes) weights of a least-squares classifier."""
    targets = np.eye(int(codes.max(initial=0)) + 1)[codes]
    gram = vectors.T @ vectors + RIDGE * np.eye(vectors.shape[1])
    return np.asarray(np.linalg.solve(gram, vectors.T @ targets), np.float64)


def _excess(upright: Mask, mirrored: Mask) -> float:
    """Pictures right only as they are less those right only mirrored, in standard errors under equal chances."""
    only_upright, only_mirrored = int((upright & ~mirrored).sum()), int((mirrored & ~upright).sum())
    return (only_upright - only_mirrored) / max(1.0, float(np.sqrt(only_upright + only_mirrored)))
