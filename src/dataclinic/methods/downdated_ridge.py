"""Ridge regression on one-hot labels: many fits over the same rows from one Gram matrix, where the vectors lie.

A fit minimises sum_i w_i |y_i - x_i W - b|² + l2 · sum_i w_i · |W|² over features brought to mean 0 and variance 1 on
its own training rows. Its moments are those of all rows, down-dated by the rows that it weighs otherwise (the ones it
leaves out, above all), so that a fold costs its held-out rows alone; labels enter only the cross moment, where the rows
that a fit relabels are exchanged. One eigendecomposition a Gram matrix then answers every l2: the scores, and for any
training rows what a fit without them would have said (Hoerl & Kennard, "Ridge Regression", Technometrics 12, 1970;
leave-one-out: Allen, "The relationship between variable selection and data augmentation", Technometrics 16, 1974,
and for groups of rows the block form of the same identity). The standardisation is not redone without those rows.

Moments are summed in float64 over float32 products of centred features. Where down-dating would leave too few digits,
since the rows left out dwarf the others, the moments are summed from the fit's own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

SUM_ROWS = 4096
"""Rows whose products are summed in float32 before float64 takes over."""

LEAST_SHARE_LEFT = 1e-3
"""Variance left to a feature, as a share of that over all rows, below which down-dating has lost too many digits."""

ROWS_PER_BLOCK = 256
"""Rows whose products cost about as much as adding the sum to those of a few fits."""

SHARED_NUMBERS = 2**26
"""Numbers in the sums that are held at a time: 512 MiB of float64."""

ROWS_PER_DIM = 4
"""Training weight a dimension from which left-out scores are computed in float32."""

CONSTANT_VARIANCE = 1e-10
"""Variance on a fit's training rows, where that over all rows is about 1, of a feature that only shows rounding."""


@dataclass(frozen=True)
class RowMoments:
    """Sums over all rows of `X` (rows, dims) float32, each weighing 1 and of the class in `codes` (rows,) int64.

    `X` has mean near 0 and variance near 1; `gram` (dims, dims), `cross` (dims, classes) and `total` (dims,) are
    float64.
    """

    X: Tensor
    codes: Tensor
    gram: Tensor
    cross: Tensor
    total: Tensor

    @classmethod
    def of(cls, X: Tensor, codes: Tensor, classes: int) -> RowMoments:
        moments, _ = cls.with_left_out(X, codes, classes, [])
        return moments

    @classmethod
    def with_left_out(
        cls, X: Tensor, codes: Tensor, classes: int, weights: Sequence[Tensor]
    ) -> tuple[RowMoments, list[Sums | None]]:
        """Moments of all rows, and the sums over the rows that each of the (rows,) `weights` leaves out.

        The sums are formed together, one product for all rows that the same weights leave out: folds drawn several
        times over cost little more than the rows themselves. None where weights do more than leave out, or where there
        are too few rows for that many weights; `spectrum` then forms its own.
        """
        whole, left = _shared_sums(X, _one_hot(codes, classes), weights)
        return cls(X, codes, whole.gram, whole.cross, whole.total), left

    def spectrum(self, weights: Tensor, left_out: Sums | None = None) -> Spectrum:
        """Standardised Gram matrix of rows weighted by (rows,) float32 `weights`, decomposed; O(dims³).

        Some weight is above 0, none below. `left_out` are the sums over the rows of weight 0, where they are known and
        all other weights are 1.
        """
        own, changed = weights.nonzero()[:, 0], (weights != 1).nonzero()[:, 0]
        weight = weights.sum(dtype=torch.float64)
        origin = torch.zeros_like(self.X[0])
        if len(changed) < len(own):
            if left_out is None:
                gram, total = _sums(self.X, changed, weights[changed] - 1, origin)
            else:
                gram, total = -left_out.gram, -left_out.total
            mean = (self.total + total) / weight
            gram += self.gram - weight * torch.outer(mean, mean)
            left = gram.diagonal() / weight
            if not bool((left < LEAST_SHARE_LEFT * self.gram.diagonal() / len(self.X)).any()):
                return _decomposed(gram, mean, weight, origin)
        origin = (_cross(self.X, own, weights[own, None], origin)[:, 0] / weight).float()
        gram, total = _sums(self.X, own, weights[own], origin)
        off = total / weight
        return _decomposed(gram - weight * torch.outer(off, off), origin + off, weight, origin)

    def targets(self, spectrum: Spectrum, weights: Tensor, codes: Tensor, left_out: Sums | None = None) -> Targets:
        """What the labels `codes` (rows,) add to the spectrum of `weights`; any class where the weight is 0."""
        classes = self.cross.shape[1]
        own = weights.nonzero()[:, 0]
        kept = weights != 0
        changed = (((weights != 1) & (kept if left_out else True)) | (kept & (codes != self.codes))).nonzero()[:, 0]
        counts = (weights[own, None] * _one_hot(codes[own], classes)).sum(dim=0, dtype=torch.float64)
        if len(changed) < len(own) and not bool(spectrum.origin.any()):
            taken = weights[changed, None] * _one_hot(codes[changed], classes) - _one_hot(self.codes[changed], classes)
            cross = self.cross + _cross(self.X, changed, taken, spectrum.origin)
            cross = cross if left_out is None else cross - left_out.cross
        else:
            cross = _cross(self.X, own, weights[own, None] * _one_hot(codes[own], classes), spectrum.origin)
        cross = cross - torch.outer(spectrum.mean - spectrum.origin, counts)
        return Targets(counts / spectrum.weight, spectrum.basis.T @ (spectrum.scale[:, None] * cross))


@dataclass(frozen=True)
class Sums:
    """Of xxᵀ, (dims, dims), of x, (dims,), and of x by class, (dims, classes), over some rows; float64."""

    gram: Tensor
    total: Tensor
    cross: Tensor

    @classmethod
    def nothing(cls, X: Tensor, classes: int) -> Sums:
        zeros = torch.zeros(X.shape[1], X.shape[1] + 1 + classes, dtype=torch.float64, device=X.device)
        dims = X.shape[1]
        return cls(zeros[:, :dims].clone(), zeros[:, dims].clone(), zeros[:, dims + 1 :].clone())

    def add(self, gram: Tensor, total: Tensor, cross: Tensor) -> None:
        self.gram.add_(gram)
        self.total.add_(total)
        self.cross.add_(cross)


@dataclass(frozen=True)
class Spectrum:
    """A fit's Gram matrix over standardised features as basis · diag(values) · basisᵀ; float64.

    `origin` (dims,) float32 is what was taken from the vectors before sums were formed.
    """

    mean: Tensor
    scale: Tensor  # 1 / standard deviation, 0 for a constant
    values: Tensor
    basis: Tensor
    weight: Tensor  # of all training rows
    origin: Tensor

    def rotated(self, X: Tensor) -> Tensor:
        """(rows, dims) vectors, standardised, in the basis; float64, or float32 where that is precise enough.

        With fewer rows for the dimensions a row's leverage comes so near to 1 that what is missing to it needs float64.
        """
        dtype = torch.float32 if float(self.weight) > ROWS_PER_DIM * len(self.mean) else torch.float64
        return ((X.to(dtype) - self.mean.to(dtype)) * self.scale.to(dtype)) @ self.basis.to(dtype)


@dataclass(frozen=True)
class Targets:
    """Class shares (classes,) and the cross moment with the labels in the basis of a spectrum, (dims, classes)."""

    shares: Tensor
    cross: Tensor


def coefficients(spectrum: Spectrum, targets: Targets, l2: float) -> tuple[Tensor, Tensor]:
    """(dims, classes) coefficients over X as it is and (classes,) intercepts, float64."""
    solved = spectrum.scale[:, None] * (spectrum.basis @ (targets.cross * _shrinkage(spectrum, l2)[:, None]))
    return solved, targets.shares - spectrum.mean @ solved


def left_out_scores(
    X: Tensor,
    spectrum: Spectrum,
    targets: Targets,
    weights: Tensor,
    codes: Tensor,
    blocks: Sequence[Tensor],
    penalties: Sequence[float],
) -> Tensor:
    """(penalties, rows, classes) scores of training rows by fits without them, in the type of `Spectrum.rotated`.

    `blocks` holds (blocks, size) positions in `X`, one entry a size: the rows of a block are left out together. The
    scores stand in their order, flattened.
    """
    rows = torch.cat([block.reshape(-1) for block in blocks])
    placed = spectrum.rotated(X[rows])
    labels = _one_hot(codes[rows], len(targets.shares)).to(placed.dtype)
    own = weights[rows].to(placed.dtype)
    sizes = [block.numel() for block in blocks]
    shrinkage = torch.stack([_shrinkage(spectrum, l2) for l2 in penalties], dim=1)
    shrunk = (shrinkage[:, :, None] * targets.cross[:, None]).flatten(1).to(placed.dtype)
    fitted = (placed @ shrunk).view(len(rows), shrinkage.shape[1], -1)
    residual = labels[:, None] - targets.shares.to(placed.dtype) - fitted
    total, shrinkage = spectrum.weight.to(placed.dtype), shrinkage.to(placed.dtype)
    without = [
        _without_block(part, part_residual, part_own, shrinkage, total, block.shape[1])
        for part, part_residual, part_own, block in zip(
            torch.split(placed, sizes), torch.split(residual, sizes), torch.split(own, sizes), blocks, strict=True
        )
    ]
    return (labels[:, None] - torch.cat(without)).transpose(0, 1)


def _without_block(
    placed: Tensor, residual: Tensor, weights: Tensor, shrinkage: Tensor, total: Tensor, size: int
) -> Tensor:
    """Residuals of fits without each block of `size` rows: (1 - hat matrix of the block)⁻¹ · residuals.

    `residual` is (rows, penalties, classes), `shrinkage` (dims, penalties).
    """
    if size == 1:
        leverage = weights[:, None] * (1 / total + placed.square() @ shrinkage)
        return residual / (1 - leverage).clamp(min=torch.finfo(torch.float32).eps)[:, :, None]
    blocks = placed.view(-1, size, placed.shape[1])
    solved = []
    for number, factors in enumerate(shrinkage.T):
        kernel = 1 / total + torch.bmm(blocks * factors, blocks.transpose(1, 2))
        system = torch.eye(size, dtype=kernel.dtype, device=kernel.device) - kernel * weights.view(-1, 1, size)
        right = residual[:, number].reshape(-1, size, residual.shape[2])
        solved.append(torch.linalg.solve(system, right).reshape(-1, residual.shape[2]))
    return torch.stack(solved, dim=1)


def _shrinkage(spectrum: Spectrum, l2: float) -> Tensor:
    return 1 / (spectrum.values + l2 * spectrum.weight)


def _decomposed(gram: Tensor, mean: Tensor, weight: Tensor, origin: Tensor) -> Spectrum:
    variance = gram.diagonal() / weight
    scale = torch.where(variance > CONSTANT_VARIANCE, variance, torch.inf).rsqrt()
    values, basis = torch.linalg.eigh(scale[:, None] * gram * scale)
    return Spectrum(mean, scale, values.clamp(min=0), basis, weight, origin)


def _shared_sums(X: Tensor, one_hot: Tensor, weights: Sequence[Tensor]) -> tuple[Sums, list[Sums | None]]:
    """Sums over all rows, and over those that each of `weights` leaves out; None where they are not formed together."""
    shared, block_of = _shared_blocks(X, weights)
    whole, left = Sums.nothing(X, one_hot.shape[1]), {place: Sums.nothing(X, one_hot.shape[1]) for place in shared}
    origin = torch.zeros_like(X[0])
    for block in range(int(block_of.max()) + 1 if len(X) else 0):
        rows = (block_of == block).nonzero()[:, 0]
        gram, total = _sums(X, rows, torch.ones_like(X[rows, 0]), origin)
        cross = _cross(X, rows, one_hot[rows], origin)
        for sums in (whole, *(left[place] for place in shared if not bool(weights[place][rows[0]]))):
            sums.add(gram, total, cross)
    return whole, [left.get(place) for place in range(len(weights))]


def _shared_blocks(X: Tensor, weights: Sequence[Tensor]) -> tuple[list[int], Tensor]:
    """Places of weights that share sums, and the block of each row: rows of a block are left out by the same ones."""
    block_of = torch.zeros(len(X), dtype=torch.int64, device=X.device)
    shared: list[int] = []
    most = SHARED_NUMBERS // max(1, X.shape[1] ** 2)
    for place, own in enumerate(weights[:most]):
        if bool(((own != 0) & (own != 1)).any()):
            continue
        _, finer = torch.unique(2 * block_of + own.long(), return_inverse=True)
        if (int(finer.max()) + 1) * ROWS_PER_BLOCK <= len(X):
            block_of = finer
            shared.append(place)
    return shared, block_of


def _sums(X: Tensor, rows: Tensor, weights: Tensor, origin: Tensor) -> tuple[Tensor, Tensor]:
    """Sums of w · zzᵀ and w · z with z = x - origin over `rows`, float64; `weights` belong to the rows."""
    gram = torch.zeros(X.shape[1], X.shape[1], dtype=torch.float64, device=X.device)
    total = torch.zeros_like(gram[0])
    plain = bool((weights == 1).all()) and not bool(origin.any())
    for part, own in zip(torch.split(rows, SUM_ROWS), torch.split(weights, SUM_ROWS), strict=True):
        chunk = X[part] if plain else X[part] - origin
        gram += (chunk if plain else own[:, None] * chunk).T @ chunk
        total += own @ chunk
    return gram, total


def _cross(X: Tensor, rows: Tensor, targets: Tensor, origin: Tensor) -> Tensor:
    """Sum of (x - origin) · targetᵀ over `rows`, float64; `targets` belong to the rows."""
    cross = torch.zeros(X.shape[1], targets.shape[1], dtype=torch.float64, device=X.device)
    for part, own in zip(torch.split(rows, SUM_ROWS), torch.split(targets, SUM_ROWS), strict=True):
        cross += (X[part] - origin).T @ own
    return cross


def _one_hot(codes: Tensor, classes: int) -> Tensor:
    return torch.zeros(len(codes), classes, device=codes.device).scatter_(1, codes[:, None], 1.0)
