"""Latent semantic analysis: dense vectors from a sparse text-by-term matrix, for heads that standardise each dimension.

The vectors come from the singular value decomposition of S. Deerwester et al., *Indexing by latent semantic analysis*,
JASIS 41(6), 1990; for many texts from the randomised one of N. Halko, P.-G. Martinsson and J. A. Tropp, *Finding
structure with randomness*, SIAM Review 53(2), 2011. Three things are done that LSA does not do:

- The square of the first singular value that is cut off is taken away from the squares of all that are kept (as
  probabilistic PCA does with its noise; M. E. Tipping and C. M. Bishop, JRSS B 61(3), 1999). The spectrum of texts ends
  in a long flat tail. To cut that off, and no more, changes the inner products of different texts by noise; to take it
  away from every direction leaves them as they were, and only makes each text less similar to itself.
- A head that brings each dimension to variance 1 would blow up the weak components. So all are mixed by a Hadamard
  matrix: distances stay, and as the squares of its elements are equal, every dimension has the same variance.
- Dimensions that are 0 everywhere stand for what was taken away. A head whose penalty grows with the number of
  dimensions, as `linear_head`'s does, then learns from the kept ones as carefully as if the others were there too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import eigh, hadamard
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from dataclinic.arrays import Vectors

EXACT_ROWS = 2048
"""Up to so many texts the decomposition is exact, which costs a few seconds."""

POWER_ITERATIONS = 3
"""Of the randomised decomposition: the spectrum of texts falls slowly, so that none would be rough."""

MOST_EMPTY = 3
"""Empty dimensions for each other one, at most. By label errors that we planted (8 and 20 %) in five sets of 1,000 to
4,000 texts: average precision rises up to there, while log loss is near its best."""

MOST_NUMBERS = 2**28
"""1 GiB of float32: more vectors than that get no empty dimensions."""

LEAST_VARIANCE = 1e-9
"""Share of the largest below which a component is rounding."""


def latent_vectors(X: csr_matrix, dims: int, *, seed: int) -> Vectors:
    """(texts, 1 or more) float32 of mean 0; dimensions have equal variances, but for those that are 0 everywhere.

    At most `dims` components are kept, and their number is rounded up to a power of 2. Cost grows with the numbers that
    `X` holds times `dims`. Inner products do not depend on the order of the texts, but for rounding and the error
    of the randomised decomposition.

    Args:
        X: (texts, terms) float32, one row at least.
        dims: components to keep, at least 1.
        seed: of the randomised decomposition.
    """
    # Threads of numpy's own would only wait for each other on matrices of this size.
    with threadpool_limits(1):
        basis, squares = _exact(X, dims + 1) if X.shape[0] <= EXACT_ROWS else _randomised(X, dims + 1, seed)
        tail = squares[dims] if len(squares) > dims else 0.0
        strengths = np.sqrt(np.maximum(squares[:dims] - tail, 0.0))
        mixed = _mixed(_principal(basis[:, :dims] * strengths))
    return np.hstack([mixed, np.zeros((len(mixed), _empty_dims(X, mixed)), np.float32)])


def _exact(X: csr_matrix, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Left singular vectors and squared singular values, largest first; at most `count`."""
    inner = (X @ X.T).toarray().astype(np.float64)
    texts = len(inner)
    squares, basis = eigh(inner, subset_by_index=(max(0, texts - count), texts - 1))
    return basis[:, ::-1], np.maximum(squares[::-1], 0.0)


def _randomised(X: csr_matrix, count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if min(X.shape) == 0:
        return np.zeros((X.shape[0], 0)), np.zeros(0)
    basis, values, _ = randomized_svd(
        X, min(count, *X.shape), n_iter=POWER_ITERATIONS, power_iteration_normalizer="QR", random_state=seed
    )
    return np.asarray(basis, np.float64), np.asarray(values, np.float64) ** 2


def _principal(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same about their mean, along axes without covariance, and only those in which they vary."""
    centred = coordinates - coordinates.mean(axis=0)
    if centred.size == 0:
        return np.zeros((len(centred), 0))
    variances, axes = eigh(centred.T @ centred / len(centred))
    varying = variances > LEAST_VARIANCE * max(float(variances[-1]), LEAST_VARIANCE)
    return np.asarray(centred @ axes[:, varying], np.float64)


def _mixed(components: NDArray[np.float64]) -> Vectors:
    count = components.shape[1]
    size = 1 << max(count - 1, 0).bit_length()
    return np.asarray(components @ (hadamard(size)[:count] / np.sqrt(size)), np.float32)


def _empty_dims(X: csr_matrix, mixed: Vectors) -> int:
    """As many as leave the others their share of the variance of `X`."""
    texts, size = mixed.shape
    kept = float(mixed.var(axis=0, dtype=np.float64).sum())
    if kept == 0:
        return 0
    mean = np.asarray(X.mean(axis=0), np.float64).ravel()
    lost = float(X.multiply(X).sum(dtype=np.float64)) / texts - float(mean @ mean) - kept
    wanted = round(size * min(lost / kept, MOST_EMPTY))
    return int(max(0, min(wanted, MOST_NUMBERS // texts - size)))
