"""Ridge fits that lie near one another, each with a penalty and a map to probabilities learned on left-out rows.

The first fit leads: its Gram matrix is decomposed, and its left-out rows choose the penalty of all. The others drop,
add, relabel or reweight some of its rows. Each has its own coefficients, and its own map to probabilities, fitted to
the same rows as it labels and weighs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from dataclinic.methods.downdated_ridge import LeftOut, coefficients
from dataclinic.methods.nearby_ridge import RowTargets, nearby_coefficients, nearby_fits
from dataclinic.methods.score_calibration import FIRST_SHARPNESS, fit_score_map, fit_sharpness

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataclinic.methods.downdated_ridge import RowMoments, Spectrum, Sums, Targets
    from dataclinic.methods.score_calibration import ScoreMap

ABSENT_LOGIT = -1e4
"""Intercept of a class without training rows: its probability is exactly 0 in float32."""


@dataclass(frozen=True)
class Logits:
    """Logits are coefficients @ x + intercepts: (classes, dims) and (classes,) float32."""

    coefficients: Tensor
    intercepts: Tensor


@dataclass(frozen=True)
class CalibratedRidge:
    """Fits of which the first has `spectrum`; `sums` are as in `RowMoments.spectrum`.

    `blocks` are training rows of that fit, (blocks, size) positions one entry a size, that are left out block by block.
    """

    moments: RowMoments
    spectrum: Spectrum
    sums: Sums | None
    blocks: Sequence[Tensor]

    def logits(self, fits: Sequence[RowTargets], penalties: Sequence[float]) -> tuple[float, list[Logits | None]]:
        """The penalty among `penalties` that the first fit chooses, and the logits of each fit with it.

        None where a fit is not near the first, so that it needs a decomposition of its own. Where rows are few for the
        dimensions, only a fit with the weights of the first is near it.
        """
        targets = self.moments.targets(self.spectrum, *fits[0], self.sums)
        left = LeftOut.of(self.moments.X, self.spectrum, fits[0].weights, self.blocks)
        l2, sharpness = penalties[0], FIRST_SHARPNESS
        if len(penalties) > 1:
            l2, sharpness = self._chosen(left, targets, fits[0], penalties)
        found: list[Logits | None] = []
        first: _Calibration | None = None
        for fit, solution in zip(fits, self._solutions(targets, fits, l2), strict=True):
            judged = fit.at(left.rows)
            if solution is None or not bool(judged.weights.any()):
                found.append(None)
                continue
            scores = self._scores(left, judged, solution, l2)
            weights = judged.weights * _standing_for(fit, fits[0].weights != 0, len(solution.intercepts))[judged.codes]
            own = _calibration(scores, RowTargets(weights, judged.codes), solution.present, first or sharpness)
            first = first or own
            found.append(solution.logits(own.score_map))
        return l2, found

    def _chosen(
        self, left: LeftOut, targets: Targets, fit: RowTargets, penalties: Sequence[float]
    ) -> tuple[float, float]:
        """The penalty of least log loss over rows left out, and the sharpness of its scores.

        Searched downhill from the middle of `penalties`, which are in order.
        """
        weights, codes = fit.weights[left.rows], fit.codes[left.rows]
        present = targets.shares.nonzero()[:, 0]
        known = torch.searchsorted(present, codes)

        def judged(place: int, start: float) -> tuple[float, float]:
            (scores,) = left.along_path(self.spectrum, targets, codes, penalties[place : place + 1])
            sharpness, loss = fit_sharpness(scores[:, present], known, weights.to(scores.dtype), start=start)
            return loss, sharpness

        place, (_, sharpness) = _downhill(judged, len(penalties))
        return penalties[place], sharpness

    def _solutions(self, targets: Targets, fits: Sequence[RowTargets], l2: float) -> list[_Solution | None]:
        """Of each fit in turn; None where it is not near."""
        if not self.spectrum.has_many_rows:
            return [self._with_own_labels(fit, l2) if _same(fit.weights, fits[0].weights) else None for fit in fits]
        apart = nearby_fits(self.moments.X, self.spectrum, targets, fits)
        near = [fit for fit in apart if fit is not None]
        answers = zip(near, *nearby_coefficients(self.spectrum, near, l2), strict=True) if near else ()
        found = {
            id(fit): _Solution(coefficients, intercepts, fit.weight, fit.shares.nonzero()[:, 0])
            for fit, coefficients, intercepts, reached in answers
            if bool(reached)
        }
        first = found.get(id(apart[0])) or self._with_own_labels(fits[0], l2)
        return [first, *(found.get(id(fit)) for fit in apart[1:])]

    def _with_own_labels(self, fit: RowTargets, l2: float) -> _Solution:
        """Of a fit with the weights of the first."""
        targets = self.moments.targets(self.spectrum, *fit, self.sums)
        solved, intercepts = coefficients(self.spectrum, targets, l2)
        return _Solution(solved, intercepts, self.spectrum.weight, targets.shares.nonzero()[:, 0])

    def _scores(self, left: LeftOut, judged: RowTargets, solution: _Solution, l2: float) -> Tensor:
        """(rows, classes) of rows left out, which the fit treats as `judged` says."""
        dtype = left.placed.dtype
        fitted = (solution.coefficients.to(dtype) @ left.X.to(dtype).T + solution.intercepts[:, None].to(dtype)).T
        share = judged.weights * (self.spectrum.weight / solution.weight)
        return left.without_themselves(self.spectrum, fitted[None], share, judged.codes, (l2,))[0]


@dataclass(frozen=True)
class _Solution:
    """(classes, dims) coefficients over vectors as they are, (classes,) intercepts, codes of the `present` classes."""

    coefficients: Tensor
    intercepts: Tensor
    weight: Tensor
    present: Tensor

    def logits(self, score_map: ScoreMap) -> Logits:
        """Of all classes, from a map of the scores of those that are present."""
        coefficients, intercepts = torch.zeros_like(self.coefficients), torch.full_like(self.intercepts, ABSENT_LOGIT)
        coefficients[self.present] = score_map.matrix.T @ self.coefficients[self.present]
        intercepts[self.present] = score_map.matrix.T @ self.intercepts[self.present] + score_map.offsets
        return Logits(coefficients.float(), intercepts.float())


@dataclass(frozen=True)
class _Calibration:
    """Of the scores of the classes that are `present`."""

    sharpness: float
    score_map: ScoreMap
    present: Tensor


def _calibration(scores: Tensor, judged: RowTargets, present: Tensor, start: _Calibration | float) -> _Calibration:
    """Of scores of rows left out; `start` is that of a fit much like this one, or a sharpness to begin with."""
    weights, like = judged.weights, None
    # Rows without weight stay, so that the map has as many numbers in all fits; their class may be an absent one.
    scores, known = scores[:, present], torch.searchsorted(present, judged.codes).clamp(max=len(present) - 1)
    if isinstance(start, _Calibration):
        like = start.score_map if _same(start.present, present) else None
        start = start.sharpness
    sharpness, _ = fit_sharpness(scores, known, weights.to(scores.dtype), start=start)
    return _Calibration(sharpness, fit_score_map(scores.double(), known, weights.double(), sharpness, like), present)


def _standing_for(fit: RowTargets, inside: Tensor, classes: int) -> Tensor:
    """(classes,) weight of a fit's rows of each class over that of those `inside`, float32; 1 where none is.

    Left-out rows are drawn among those inside: so they stand for rows of their class that were added, made up ones
    above all, whose own scores would tell nothing, as they were made of their neighbours.
    """
    if not bool((~inside & (fit.weights != 0)).any()):
        return torch.ones(classes, device=fit.weights.device)
    whole = torch.bincount(fit.codes, fit.weights.double(), classes)
    within = torch.bincount(fit.codes, fit.weights.double() * inside, classes)
    return torch.where(within > 0, whole / within, 1.0).float()


def _downhill(judged: Callable[[int, float], tuple[float, float]], count: int) -> tuple[int, tuple[float, float]]:
    """Where in 0 … count - 1 the loss that `judged` says is least, and what it says there.

    From the middle to one side or the other, as long as the loss falls; each place starts from the last one's number.
    """
    place = middle = count // 2
    best = judged(place, FIRST_SHARPNESS)
    for step in (-1, 1):
        while place + step in range(count) and (tried := judged(place + step, best[1]))[0] < best[0]:
            place, best = place + step, tried
        if place != middle:
            break
    return place, best


def _same(one: Tensor, other: Tensor) -> bool:
    return one is other or bool(torch.equal(one, other))
