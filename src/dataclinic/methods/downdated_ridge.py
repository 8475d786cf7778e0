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

BAND_DIMS = 128
"""Dimensions whose products with all later ones are formed at a time."""

LEAST_SHARE_LEFT = 1e-3
"""Variance left to a feature, as a share of that over all rows, below which down-dating has lost too many digits."""

ROWS_PER_BLOCK = 256
"""Rows whose products cost about as much as adding the sum to those of a few fits."""

SHARED_NUMBERS = 2**26
"""Numbers in the sums that are held at a time: 512 MiB of float64."""

ROWS_PER_DIM = 8
"""Training weight a dimension from which the Gram matrix is decomposed in float32, and left-out scores with it."""

CONSTANT_VARIANCE = 1e-10
"""Variance on a fit's training rows, where that over all rows is about 1, of a feature that only shows rounding."""


@dataclass(frozen=True)
class RowMoments:
    """Sums over rows of `X` (rows, dims) float32, each of the class in `codes` (rows,) int64.

    A row weighs what `counted` (rows,) float32 says: 1, or 0 where no fit is known to train on it. `X` has mean near 0
    and variance near 1; `gram` (dims, dims), `cross` (dims, classes) and `total` (dims,) are float64.
    """

    X: Tensor
    codes: Tensor
    counted: Tensor
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
        """Moments of rows with weight, and the sums over those that each of the (rows,) `weights` leaves out.

        The sums are formed together, one product for all rows that the same weights leave out: folds drawn several
        times over cost little more than the rows themselves. None where weights do more than leave out, or where there
        are too few rows for that many weights; `spectrum` then forms its own.
        """
        counted = torch.ones_like(X[:, 0])
        if weights:
            counted = torch.stack([own != 0 for own in weights]).any(dim=0).to(X.dtype)
        whole, left = _shared_sums(X, _one_hot(codes, classes), counted, weights)
        return cls(X, codes, counted, whole.gram, whole.cross, whole.total), left

    def spectrum(self, weights: Tensor, left_out: Sums | None = None) -> Spectrum:
        """Standardised Gram matrix of rows weighted by (rows,) float32 `weights`, decomposed; O(dims³).

        Some weight is above 0, none below. `left_out` are the sums over the counted rows of weight 0, where they are
        known and all other weights are 1.
        """
        own, changed = weights.nonzero()[:, 0], (weights != self.counted).nonzero()[:, 0]
        weight = weights.sum(dtype=torch.float64)
        origin = torch.zeros_like(self.X[0])
        if len(changed) < len(own):
            if left_out is None:
                gram, total = _sums(self.X, changed, (weights - self.counted)[changed], origin)
            else:
                gram, total = -left_out.gram, -left_out.total
            mean = (self.total + total) / weight
            gram += self.gram - weight * torch.outer(mean, mean)
            left = gram.diagonal() / weight
            if not bool((left < LEAST_SHARE_LEFT * self.gram.diagonal() / self.counted.sum()).any()):
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
        changed = (
            ((weights != self.counted) & (kept if left_out else True)) | (kept & (codes != self.codes))
        ).nonzero()[:, 0]
        counts = (weights[own, None] * _one_hot(codes[own], classes)).sum(dim=0, dtype=torch.float64)
        if len(changed) < len(own) and not bool(spectrum.origin.any()):
            taken = weights[changed, None] * _one_hot(codes[changed], classes)
            taken -= self.counted[changed, None] * _one_hot(self.codes[changed], classes)
            cross = self.cross + _cross(self.X, changed, taken, spectrum.origin)
            cross = cross if left_out is None else cross - left_out.cross
        else:
            cross = _cross(self.X, own, weights[own, None] * _one_hot(codes[own], classes), spectrum.origin)
        return Targets(counts / spectrum.weight, cross - torch.outer(spectrum.mean - spectrum.origin, counts))


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
    """A fit's centred `gram` (dims, dims) and, of standardised features, its form basis · diag(values) · basisᵀ.

    Values and basis are float64, or float32 where rows are many for the dimensions; with fewer, a row's leverage comes
    so near to 1 that what is missing to it needs float64. The rest is float64. `origin` (dims,) float32 is what was
    taken from the vectors before sums were formed.
    """

    mean: Tensor
    scale: Tensor  # 1 / standard deviation, 0 for a constant
    values: Tensor
    basis: Tensor
    weight: Tensor  # of all training rows
    origin: Tensor
    gram: Tensor

    @property
    def has_many_rows(self) -> bool:
        """Whether rows are so many for the dimensions that none of them bears much on its own score."""
        return self.basis.dtype == torch.float32

    def rotated(self, X: Tensor) -> Tensor:
        """(rows, dims) vectors, standardised, in the basis and its type."""
        dtype = self.basis.dtype
        return ((X.to(dtype) - self.mean.to(dtype)) * self.scale.to(dtype)) @ self.basis

    def solved(self, right: Tensor, l2: float) -> Tensor:
        """(…, dims) `right` times the inverse of the penalised Gram matrix, for features as they are; float64.

        In the digits of the basis: coefficients that need more are refined from here.
        """
        turned = (right * self.scale).to(self.basis.dtype) @ self.basis
        return ((turned * _shrinkage(self, l2)) @ self.basis.T).double() * self.scale


@dataclass(frozen=True)
class Targets:
    """Class shares (classes,) and the cross moment of centred features with the labels, (dims, classes); float64."""

    shares: Tensor
    cross: Tensor


def coefficients(spectrum: Spectrum, targets: Targets, l2: float) -> tuple[Tensor, Tensor]:
    """(classes, dims) coefficients over X as it is and (classes,) intercepts, float64, in the digits of the basis."""
    solved = spectrum.solved(targets.cross.T, l2)
    return solved, targets.shares - solved @ spectrum.mean


@dataclass(frozen=True)
class LeftOut:
    """Training rows that are judged as if left out, of a fit and of those near it.

    `X` (rows, dims) are their vectors, `placed` the same as `Spectrum.rotated` has them, `squares` those of `placed`,
    `weights` what the spectrum's fit gives them. `blocks` holds (blocks, size) positions in the training rows, one
    entry a size: the rows of a block are left out together. All that belongs to the rows stands in their order,
    flattened.
    """

    X: Tensor
    placed: Tensor
    squares: Tensor
    weights: Tensor
    blocks: Sequence[Tensor]
    rows: Tensor

    @classmethod
    def of(cls, X: Tensor, spectrum: Spectrum, weights: Tensor, blocks: Sequence[Tensor]) -> LeftOut:
        rows = torch.cat([block.reshape(-1) for block in blocks])
        placed = spectrum.rotated(X[rows])
        return cls(X[rows], placed, placed.square(), weights[rows].to(placed.dtype), blocks, rows)

    def along_path(self, spectrum: Spectrum, targets: Targets, codes: Tensor, penalties: Sequence[float]) -> Tensor:
        """(penalties, rows, classes) scores by the spectrum's fits without the rows, whose labels are `codes`."""
        shrinkage = torch.stack([_shrinkage(spectrum, l2) for l2 in penalties])
        crosses = (spectrum.basis.T @ (spectrum.scale[:, None] * targets.cross).to(self.placed.dtype)).T
        fitted = (shrinkage[:, None] * crosses).flatten(0, 1) @ self.placed.T
        fitted = fitted.view(len(penalties), -1, len(self.rows)).mT + targets.shares.to(fitted.dtype)
        return self.without_themselves(spectrum, fitted, self.weights, codes, penalties)

    def without_themselves(
        self, spectrum: Spectrum, fitted: Tensor, weights: Tensor, codes: Tensor, penalties: Sequence[float]
    ) -> Tensor:
        """(penalties, rows, classes) scores by fits without the rows, from what fits with them say, `fitted`.

        `weights` are those of the rows, as a share of all weight of the fit times that of the spectrum's fit. What a
        row would weigh in a fit without it is taken to be the same in both: right for the spectrum's own, and near it
        for others whose rows are drawn alike, where rows are many for the dimensions.
        """
        labels = _one_hot(codes, fitted.shape[2]).to(fitted.dtype)
        sizes = [block.numel() for block in self.blocks]
        shrinkage = torch.stack([_shrinkage(spectrum, l2) for l2 in penalties]).to(self.placed.dtype)
        total, residual = spectrum.weight.to(fitted.dtype), labels - fitted
        parts = (self.placed, self.squares, self.weights, weights.to(fitted.dtype))
        without = [
            _without_row(squares, own, new, apart, shrinkage, total)
            if block.shape[1] == 1
            else _without_block(placed, own, new, apart, shrinkage, total, block.shape[1])
            for block, apart, placed, squares, own, new in zip(
                self.blocks,
                torch.split(residual, sizes, dim=1),
                *(torch.split(part, sizes) for part in parts),
                strict=True,
            )
        ]
        return labels - torch.cat(without, dim=1)


def _without_row(
    squares: Tensor, own: Tensor, new: Tensor, residual: Tensor, shrinkage: Tensor, total: Tensor
) -> Tensor:
    """As `_without_block` of one row each, from the squares of the rotated rows."""
    kernel = 1 / total + shrinkage @ squares.T
    apart = kernel / (1 - own * kernel).clamp(min=torch.finfo(torch.float32).eps)
    return residual * (1 + new * apart)[:, :, None]


def _without_block(
    placed: Tensor, own: Tensor, new: Tensor, residual: Tensor, shrinkage: Tensor, total: Tensor, size: int
) -> Tensor:
    """Residuals of fits without each block of `size` rows, from `residual` (penalties, rows, classes) of fits with it.

    With K the block's part of x_i (Gram matrix + penalty)⁻¹ x_j, that without the block is L = (1 - K · own)⁻¹ · K, and
    residuals without it are (1 + L · new) times those with it. `shrinkage` is (penalties, dims); `own` are the weights
    of the fit that K is of, `new` those of the one that the residuals are of.
    """
    blocks = placed.view(-1, size, placed.shape[1])
    solved = []
    for apart, factors in zip(residual, shrinkage, strict=True):
        kernel = 1 / total + torch.bmm(blocks * factors, blocks.transpose(1, 2))
        system = torch.eye(size, dtype=kernel.dtype, device=kernel.device) - kernel * own.view(-1, 1, size)
        weighted = (new[:, None] * apart).reshape(-1, size, apart.shape[1])
        solved.append(apart + (torch.linalg.solve(system, kernel) @ weighted).reshape_as(apart))
    return torch.stack(solved)


def _shrinkage(spectrum: Spectrum, l2: float) -> Tensor:
    return 1 / (spectrum.values + (l2 * spectrum.weight).to(spectrum.values.dtype))


def _decomposed(gram: Tensor, mean: Tensor, weight: Tensor, origin: Tensor) -> Spectrum:
    variance = gram.diagonal() / weight
    scale = torch.where(variance > CONSTANT_VARIANCE, variance, torch.inf).rsqrt()
    dtype = torch.float32 if float(weight) > ROWS_PER_DIM * len(mean) else torch.float64
    values, basis = torch.linalg.eigh((scale[:, None] * gram * scale).to(dtype))
    return Spectrum(mean, scale, values.clamp(min=0), basis, weight, origin, gram)


def _shared_sums(
    X: Tensor, one_hot: Tensor, counted: Tensor, weights: Sequence[Tensor]
) -> tuple[Sums, list[Sums | None]]:
    """Sums over counted rows, and over those that each of `weights` leaves out; None where they are not formed."""
    shared, block_of = _shared_blocks(X, counted, weights)
    whole, left = Sums.nothing(X, one_hot.shape[1]), {place: Sums.nothing(X, one_hot.shape[1]) for place in shared}
    origin = torch.zeros_like(X[0])
    for block in range(int(block_of.max()) + 1 if len(X) else 0):
        rows = ((block_of == block) & (counted != 0)).nonzero()[:, 0]
        if not len(rows):
            continue
        gram, total = _sums(X, rows, torch.ones_like(X[rows, 0]), origin)
        cross = _cross(X, rows, one_hot[rows], origin)
        for sums in (whole, *(left[place] for place in shared if not bool(weights[place][rows[0]]))):
            sums.add(gram, total, cross)
    return whole, [left.get(place) for place in range(len(weights))]


def _shared_blocks(X: Tensor, counted: Tensor, weights: Sequence[Tensor]) -> tuple[list[int], Tensor]:
    """Places of weights that share sums, and the block of each row: rows of a block are left out by the same ones."""
    block_of = torch.zeros(len(X), dtype=torch.int64, device=X.device)
    shared: list[int] = []
    rows = int(counted.sum())
    most = SHARED_NUMBERS // max(1, X.shape[1] ** 2)
    for place, own in enumerate(weights[:most]):
        if bool(((own != 0) & (own != 1)).any()):
            continue
        _, finer = torch.unique(2 * block_of + own.long(), return_inverse=True)
        if (int(finer.max()) + 1) * ROWS_PER_BLOCK <= rows:
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
        weighted = chunk if plain else own[:, None] * chunk
        for first in range(0, len(gram), BAND_DIMS):
            # The band from the diagonal on: what lies left of it is there already, the other way round.
            gram[first : first + BAND_DIMS, first:] += weighted[:, first : first + BAND_DIMS].T @ chunk[:, first:]
        total += own @ chunk
    upper = gram.triu()
    return upper + upper.triu(1).T, total


def _cross(X: Tensor, rows: Tensor, targets: Tensor, origin: Tensor) -> Tensor:
    """Sum of (x - origin) · targetᵀ over `rows`, float64; `targets` belong to the rows."""
    cross = torch.zeros(X.shape[1], targets.shape[1], dtype=torch.float64, device=X.device)
    for part, own in zip(torch.split(rows, SUM_ROWS), torch.split(targets, SUM_ROWS), strict=True):
        # Of two ways to form a product with few columns, the other one is several times slower.
        cross += (own.T.contiguous() @ (X[part] - origin)).T
    return cross


def _one_hot(codes: Tensor, classes: int) -> Tensor:
    return torch.zeros(len(codes), classes, device=codes.device).scatter_(1, codes[:, None], 1.0)
