"""Linear regression with Huber's loss and a ridge penalty that is chosen by leaving samples out.

P. J. Huber, *Robust Estimation of a Location Parameter*, Annals of Mathematical Statistics 35, 1964: residuals up to
`TUNING` robust standard deviations count squared, further ones by their size alone. The fit is that of Huber's
algorithm of modified residuals (Huber & Ronchetti, *Robust Statistics*, 2nd edition, 2009, section 7.8): residuals are
cut at the bend of the loss and fitted again with the same hat matrix, so one eigendecomposition serves all steps, where
reweighting needs one each. The scale is the median absolute deviation, renewed at every step.

The penalty is the one of `PENALTIES` whose leave-one-out residuals r / (1 - h) (Golub, Heath & Wahba, *Generalized
Cross-Validation as a Method for Choosing a Good Ridge Parameter*, Technometrics 21, 1979) have the smallest Huber loss;
h are the diagonal of the hat matrix. So that wrong targets do not choose it, far ones are cut: first around the median,
then around what the best fit without them says. It is a multiple of the rows, and means the same for few and for many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.robust_z import middle_and_spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Scores

TUNING = 1.345
"""Robust standard deviations: 95 % as efficient as least squares where noise is normal."""

PENALTIES = tuple(float(10.0**power) for power in np.arange(-4.0, 3.0))
"""Of features with variance 1, as a multiple of the rows."""

LARGEST_LEVERAGE = 0.999
PILOT_CUT = 3.0
"""Robust standard deviations of the targets at which they are cut before anything is known of them."""


@dataclass(frozen=True)
class LinearFit:
    """`predict` of standardised features: intercept + features · weights."""

    weights: NDArray[np.float64]
    intercept: float
    penalty: float

    def predict(self, features: NDArray[np.float64]) -> Scores:
        return np.asarray(features @ self.weights + self.intercept, np.float64)


def fit_huber_ridge(
    features: NDArray[np.float64],
    targets: Scores,
    weights: Scores,
    *,
    penalty: float | None,
    max_iterations: int,
    tolerance: float,
) -> LinearFit:
    """The linear map of `features` with the least penalised Huber loss.

    Cost: one eigendecomposition of the smaller of (rows, rows) and (dims, dims), then rows × dims a step.

    Args:
        features: (rows, dims), standardised.
        targets: (rows,) finite, at least one.
        weights: (rows,) of the samples, positive.
        penalty: a multiple of the rows; None chooses one of `PENALTIES`.
        max_iterations: steps of a fit at most.
        tolerance: robust standard deviations of the targets; a step that moves no fitted value by more is the last.
    """
    share = weights / weights.sum()
    centre = share @ features
    root = np.sqrt(share)
    ridge = _Ridge(_basis((features - centre) * root[:, None]), share, root)
    penalty = penalty or _best_penalty(ridge, targets)
    modified = _modified_targets(ridge, targets, penalty, max_iterations, tolerance)
    slope = ridge.weights(modified, penalty)
    return LinearFit(slope, float(share @ modified - centre @ slope), penalty)


def _best_penalty(ridge: _Ridge, targets: Scores) -> float:
    """The penalty with the least Huber loss of the left-out residuals, found again with targets cut by the first."""
    middle, spread = middle_and_spread(targets)
    cut = np.clip(targets, middle - PILOT_CUT * spread, middle + PILOT_CUT * spread)
    best = 0
    for _ in range(2):
        left_out = [ridge.left_out(cut, penalty) for penalty in PENALTIES]
        best = int(np.argmin([ridge.share @ _huber_loss(targets - said, TUNING * spread) for said in left_out]))
        residuals = targets - left_out[best]
        usual, scale = middle_and_spread(residuals)
        cut = left_out[best] + np.clip(residuals, usual - TUNING * scale, usual + TUNING * scale)
    return PENALTIES[best]


def _huber_loss(residuals: Scores, bend: float) -> Scores:
    size = np.abs(residuals)
    return np.asarray(np.where(size <= bend, size**2 / 2, bend * (size - bend / 2)), np.float64)


def _modified_targets(ridge: _Ridge, targets: Scores, penalty: float, max_iterations: int, tolerance: float) -> Scores:
    """The targets that least squares would need to find the robust fit."""
    middle, spread = middle_and_spread(targets)
    fitted, modified = np.full(len(targets), middle), targets
    for _ in range(max_iterations):
        residuals = targets - fitted
        bend = TUNING * middle_and_spread(residuals)[1]
        modified = fitted + np.clip(residuals, -bend, bend)
        moved = ridge.fitted(modified, penalty)
        change = np.abs(moved - fitted).max()
        fitted = moved
        if change <= tolerance * spread:
            break
    return modified


@dataclass(frozen=True)
class _Ridge:
    """Ridge regressions of any targets on the same rows; `root` is that of `share`, the weights that sum to 1."""

    basis: _Basis
    share: Scores
    root: Scores

    def fitted(self, targets: Scores, penalty: float) -> Scores:
        mean = self.share @ targets
        part = self.basis.left @ (self.basis.shrunk(penalty) * (self.basis.left.T @ (self.root * (targets - mean))))
        return np.asarray(mean + part / self.root, np.float64)

    def left_out(self, targets: Scores, penalty: float) -> Scores:
        """(rows,) what the fit without a row says of it."""
        leverage = self.share + np.square(self.basis.left) @ self.basis.shrunk(penalty)
        residuals = targets - self.fitted(targets, penalty)
        return np.asarray(targets - residuals / (1 - np.minimum(leverage, LARGEST_LEVERAGE)), np.float64)

    def weights(self, targets: Scores, penalty: float) -> NDArray[np.float64]:
        squares = self.basis.squares
        scaled = (
            np.sqrt(squares)
            / (squares + penalty)
            * (self.basis.left.T @ (self.root * (targets - self.share @ targets)))
        )
        return np.asarray(self.basis.right @ scaled, np.float64)


@dataclass(frozen=True)
class _Basis:
    """Singular vectors and squared singular values of the centred, weighted features."""

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    squares: NDArray[np.float64]

    def shrunk(self, penalty: float) -> NDArray[np.float64]:
        return self.squares / (self.squares + penalty)


def _basis(matrix: NDArray[np.float64]) -> _Basis:
    rows, dims = matrix.shape
    wide = dims > rows
    squares, vectors = np.linalg.eigh(matrix @ matrix.T if wide else matrix.T @ matrix)
    kept = squares > max(squares.max(initial=0.0), 1e-300) * 1e-12
    squares, vectors = squares[kept], vectors[:, kept]
    other = (matrix.T if wide else matrix) @ vectors / np.sqrt(squares)
    return _Basis(vectors, other, squares) if wide else _Basis(other, vectors, squares)
