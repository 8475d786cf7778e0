"""Ridge fits near another one, by conjugate gradients that the other's decomposition preconditions.

A fit that drops, adds, relabels or reweights some rows of a fit whose Gram matrix is decomposed needs no Gram matrix of
its own: its product with coefficients is that of the other, changed by the rows that the two weigh differently. With
the other's penalised Gram matrix as preconditioner, the error falls by an order of magnitude about every step (Golub &
Van Loan, "Matrix Computations", 4th ed. 2013, section 11.5.2), since the eigenvalues of the two lie near one another.
Fits minimise what `downdated_ridge` minimises, each over features standardised by its own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from dataclinic.methods.downdated_ridge import CONSTANT_VARIANCE, LEAST_SHARE_LEFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.methods.downdated_ridge import Spectrum, Targets

CLOSE = 3e-4
"""Error of coefficients, as a share of them in the norm of the penalised Gram matrix, at which the search ends."""

MOST_STEPS = 12
"""Of conjugate gradients; a fit that needs more is not near."""

DENSE_SHARE = 0.25
"""Of the spectrum's rows that a fit changes, from which its products run over all, together with other such fits'."""

CHUNK_ROWS = 2048
"""Rows whose products are summed in float32, few enough to stay in a cache between two of them."""


class RowTargets(NamedTuple):
    """What a fit makes of rows: (rows,) float32 weights, 0 where it does not train, and (rows,) int64 codes."""

    weights: Tensor
    codes: Tensor

    def at(self, rows: Tensor) -> RowTargets:
        return RowTargets(self.weights[rows], self.codes[rows])


@dataclass(frozen=True)
class NearbyFit:
    """What sets a fit apart from the one of a spectrum; vectors are taken relative to the mean of the latter.

    `rows` (changed, dims) float32 are the vectors whose weights differ, by `change` (changed,). `shift` (dims,) is the
    fit's mean, `diagonal` (dims,) that of its centred Gram matrix, `shares` (classes,) and `cross` (classes, dims) are
    as in `Targets`; float64.
    """

    rows: Tensor
    change: Tensor
    weight: Tensor
    shift: Tensor
    diagonal: Tensor
    shares: Tensor
    cross: Tensor

    @classmethod
    def of(
        cls, spectrum: Spectrum, targets: Targets, rows: Tensor, old: RowTargets, new: RowTargets
    ) -> NearbyFit | None:
        """From what the spectrum's fit makes of `rows`, `old`, and what the fit does, `new`; all else is alike.

        None where no weight is left, or so little variance that its digits are lost, or where a feature varies that
        did not in the spectrum's fit.
        """
        classes = len(targets.shares)
        by_class = _by_class(new, classes) - _by_class(old, classes)
        weight = spectrum.weight + (new.weights - old.weights).sum(dtype=torch.float64)
        if not float(weight) > 0:
            return None
        mean, change = spectrum.mean, new.weights - old.weights
        sums = (by_class @ rows).double() - torch.outer(by_class.sum(dim=1, dtype=torch.float64), mean)
        shift = sums.sum(dim=0) / weight
        squares, total = _weighted_squares(rows, change), change.sum(dtype=torch.float64)
        # Sums of (x - mean)² are those of x² with the square completed.
        squares = squares - 2 * mean * (weight * shift + total * mean) + total * mean.square()
        diagonal = spectrum.gram.diagonal() + squares - weight * shift.square()
        # What is constant has no variance to lose, only rounding.
        lost = (spectrum.scale > 0) & (diagonal < LEAST_SHARE_LEFT * spectrum.gram.diagonal())
        awoken = (spectrum.scale == 0) & (diagonal > CONSTANT_VARIANCE * weight)
        if bool((lost | awoken).any()):
            return None
        shares = (targets.shares * spectrum.weight + by_class.sum(dim=1, dtype=torch.float64)) / weight
        cross = targets.cross.T + sums - weight * torch.outer(shares, shift)
        return cls(rows, change, weight, shift, diagonal, shares, cross)


def nearby_fits(X: Tensor, spectrum: Spectrum, targets: Targets, fits: Sequence[RowTargets]) -> list[NearbyFit | None]:
    """Each of `fits`, of which the first is the spectrum's, as a change of that; None where that says too little."""
    first = fits[0]
    own = first.weights.nonzero()[:, 0]
    vectors: Tensor | None = None
    found = []
    for fit in fits:
        changed = (first.weights != fit.weights) | ((first.codes != fit.codes) & (fit.weights != 0))
        places = changed.nonzero()[:, 0]
        if len(places) > DENSE_SHARE * len(own) and bool(first.weights[places].all()):
            vectors = X[own] if vectors is None else vectors
            rows, places = vectors, own
        else:
            rows = _rows_at(X, places)
        found.append(NearbyFit.of(spectrum, targets, rows, first.at(places), fit.at(places)))
    return found


def _rows_at(X: Tensor, places: Tensor) -> Tensor:
    """Rows at ascending `places`, without a copy where these stand together, as rows that a fit adds do."""
    if len(places) and int(places[-1] - places[0]) == len(places) - 1:
        return X[int(places[0]) : int(places[-1]) + 1]
    return X[places]


def nearby_coefficients(spectrum: Spectrum, fits: Sequence[NearbyFit], l2: float) -> tuple[Tensor, Tensor, Tensor]:
    """(fits, classes, dims) coefficients over vectors as they are, (fits, classes) intercepts, (fits,) whether found.

    Float64. Those of a fit are not to be used where MOST_STEPS did not find them.
    """
    diagonal = torch.stack([fit.diagonal for fit in fits])[:, None]

    left = torch.stack([fit.cross for fit in fits])
    found = torch.zeros_like(left)
    step = spectrum.solved(left, l2)
    size = _dot(left, step)
    enough = CLOSE**2 * size
    for _ in range(MOST_STEPS):
        open_ones = (size > enough).any(dim=1).nonzero()[:, 0]
        if not len(open_ones):
            break
        own = step[open_ones]
        image = (own.flatten(0, 1) @ spectrum.gram).view_as(own) + l2 * diagonal[open_ones] * own
        image += _changes([fits[number] for number in open_ones.tolist()], own, spectrum.mean)
        before = size[open_ones]
        length = torch.where(before > 0, before / _dot(own, image), 0.0)[..., None]
        found[open_ones] += length * own
        left[open_ones] -= length * image
        ready = spectrum.solved(left[open_ones], l2)
        size[open_ones] = _dot(left[open_ones], ready)
        step[open_ones] = ready + torch.where(before > 0, size[open_ones] / before, 0.0)[..., None] * own
    shares = torch.stack([fit.shares for fit in fits])
    means = spectrum.mean + torch.stack([fit.shift for fit in fits])
    return found, shares - (found @ means[:, :, None])[:, :, 0], (size <= enough).all(dim=1)


def _changes(fits: Sequence[NearbyFit], coefficients: Tensor, mean: Tensor) -> Tensor:
    """What the fits' changed rows add to the products of the spectrum's Gram matrix with (fits, classes, dims).

    Fits that share their rows are answered together.
    """
    sharing: dict[int, list[int]] = {}
    for number, fit in enumerate(fits):
        sharing.setdefault(id(fit.rows), []).append(number)
    added = torch.empty_like(coefficients)
    for numbers in sharing.values():
        changes = torch.stack([fits[number].change for number in numbers])
        added[numbers] = _weighted_products(fits[numbers[0]].rows, changes, coefficients[numbers], mean)
    for number, fit in enumerate(fits):
        added[number] -= fit.weight * torch.outer(coefficients[number] @ fit.shift, fit.shift)
    return added


def _weighted_products(rows: Tensor, weights: Tensor, coefficients: Tensor, mean: Tensor) -> Tensor:
    """(fits, classes, dims) products of the sums of w · zzᵀ, z = row - mean, for (fits, rows) weights."""
    total = torch.zeros_like(coefficients)
    flat, off = coefficients.flatten(0, 1).float(), (coefficients @ mean).float()[:, :, None]
    for part, own in zip(torch.split(rows, CHUNK_ROWS), torch.split(weights, CHUNK_ROWS, dim=1), strict=True):
        said = ((flat @ part.T).view(*coefficients.shape[:2], -1) - off) * own[:, None]
        total += (said.flatten(0, 1) @ part).view_as(total)
        total -= said.sum(dim=2, dtype=torch.float64)[:, :, None] * mean
    return total


def _dot(one: Tensor, other: Tensor) -> Tensor:
    return (one * other).sum(dim=-1)


def _by_class(of_rows: RowTargets, classes: int) -> Tensor:
    """(classes, rows) weights at the rows' classes."""
    weights = torch.zeros(classes, len(of_rows.codes), device=of_rows.codes.device)
    return weights.scatter_(0, of_rows.codes[None], of_rows.weights[None])


def _weighted_squares(rows: Tensor, weights: Tensor) -> Tensor:
    """(dims,) sum of w · x², float64."""
    total = torch.zeros(rows.shape[1], dtype=torch.float64, device=rows.device)
    for part, own in zip(torch.split(rows, CHUNK_ROWS), torch.split(weights, CHUNK_ROWS), strict=True):
        total += own @ part.square()
    return total
