"""Linear head: multinomial logistic regression over the encoder's vectors, all fit jobs in one batched program."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
import torch
from pydantic import Field

from dataclinic.fits import FitResult
from dataclinic.methods.multinomial_logistic import HISTORY, fit_multinomial_logistic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataclinic.arrays import Rows, Vectors
    from dataclinic.evidence import Features
    from dataclinic.fits import FitJob
    from dataclinic.progress import Progress

BATCH_NUMBERS = 2**28
"""Numbers that one batch of jobs may hold beside the vectors: 1 GiB of float32."""

CHUNK_NUMBERS = 2**24
"""Numbers that are held as float64 at a time: 128 MiB."""


LEAST_L2 = 10.0
L2_PER_DIM = 0.4
"""Penalty where none is given: LEAST_L2 + L2_PER_DIM · dims. Standardised features add up to a prior variance of
dims / l2 in each logit, so a penalty that grows with the dimensions keeps that prior the same; it need not grow with
the rows. The numbers come from label errors that we planted (3, 8 and 20 %) in the bundled data of scikit-learn and
in image vectors of 64 and 1280 dimensions, at 178 to 10,000 rows: average precision and log loss near their best."""


@dataclass(frozen=True)
class LinearHead:
    """Softmax of a linear map of standardised vectors, fitted to convergence, so that the seed changes nothing.

    `l2` is the ridge penalty on the weights of features with variance 1 on the training rows (scikit-learn's 1 / C),
    chosen from the number of dimensions where it is None; the bias is free. A fit ends within about `tolerance` nats of
    its smallest mean training loss, or after `max_iterations`.
    """

    summary: ClassVar[str] = "multinomial logistic regression over the vectors: fast, all fits at once"

    l2: Annotated[float, Field(gt=0)] | None = None
    max_iterations: Annotated[int, Field(ge=1)] = 200
    tolerance: Annotated[float, Field(gt=0)] = 1e-5

    @property
    def description(self) -> str:
        """What runs, in words."""
        penalty = f"{LEAST_L2:g} + {L2_PER_DIM:g} per dimension" if self.l2 is None else f"{self.l2:g}"
        return f"multinomial logistic regression, l2 {penalty}"

    def run(
        self, features: Features, jobs: Sequence[FitJob], *, classes: int, device: str, progress: Progress
    ) -> list[FitResult]:
        results: dict[int, FitResult] = {}
        for places in _sharing_vectors(features, jobs):
            vectors = _Prepared.of(features, [jobs[place] for place in places], device)
            for batch in _batches(places, len(vectors.X), vectors.X.shape[1] * classes):
                counted = partial(_report, progress, len(results), len(jobs))
                answers = self._answer(vectors, [jobs[place] for place in batch], classes, counted)
                results.update(zip(batch, answers, strict=True))
        return [results[place] for place in range(len(jobs))]

    def _answer(
        self, vectors: _Prepared, jobs: Sequence[FitJob], classes: int, on_iteration: Callable[[int], None]
    ) -> list[FitResult]:
        codes, weights = vectors.targets(jobs)
        l2 = LEAST_L2 + L2_PER_DIM * vectors.X.shape[1] if self.l2 is None else self.l2
        fit = fit_multinomial_logistic(
            vectors.X[: len(codes)],
            codes,
            weights,
            torch.full((len(jobs),), l2, device=vectors.X.device),
            classes=classes,
            max_iterations=self.max_iterations,
            tolerance=self.tolerance,
            on_iteration=on_iteration,
        )
        scored = (fit.probs(vectors.at(job.score_rows), number) for number, job in enumerate(jobs))
        return [FitResult(probs.cpu().numpy()) for probs in scored]


def _report(progress: Progress, before: int, total: int, ended: int) -> None:
    progress("train linear_head", before + ended, total)


@dataclass(frozen=True)
class _Prepared:
    """Vectors of the rows that some job uses, centred and scaled as a whole, which only keeps float32 exact.

    `X` is (used, dims), rows that some job trains on first; `place[row]` is where a row of the features stands in it.
    """

    X: torch.Tensor
    place: Rows
    trained: int

    @classmethod
    def of(cls, features: Features, jobs: Sequence[FitJob], device: str) -> _Prepared:
        train, score = (np.zeros(len(features), bool) for _ in range(2))
        for job in jobs:
            train[job.train_rows] = True
            score[job.score_rows] = True
        order = np.concatenate([np.flatnonzero(train), np.flatnonzero(score & ~train)])
        place = np.full(len(features), -1)
        place[order] = np.arange(len(order))
        vectors: Vectors = features.vectors(jobs[0].train_rows)
        used = torch.from_numpy(vectors[order]).to(device)
        _centre(used, int(train.sum()))
        return cls(used, place, int(train.sum()))

    def at(self, rows: Rows) -> torch.Tensor:
        return self.X[torch.from_numpy(self.place[rows]).to(self.X.device)]

    def targets(self, jobs: Sequence[FitJob]) -> tuple[torch.Tensor, torch.Tensor]:
        """(trained rows, jobs) classes and weights, weight 0 where a job does not train on a row."""
        codes = np.zeros((self.trained, len(jobs)), np.int64)
        weights = np.zeros((self.trained, len(jobs)), np.float32)
        for number, job in enumerate(jobs):
            rows = self.place[job.train_rows]
            codes[rows, number] = job.labels
            weights[rows, number] = 1.0 if job.weights is None else job.weights
        return torch.from_numpy(codes).to(self.X.device), torch.from_numpy(weights).to(self.X.device)


def _centre(vectors: torch.Tensor, trained: int) -> None:
    """Bring columns to mean 0 and variance 1 over the first `trained` rows, in place; constants to 0."""
    mean, square = torch.zeros(2, vectors.shape[1], dtype=torch.float64, device=vectors.device)
    step = max(1, CHUNK_NUMBERS // max(1, vectors.shape[1]))
    for first in range(0, trained, step):
        mean += vectors[first : min(first + step, trained)].sum(dim=0, dtype=torch.float64) / trained
    for first in range(0, trained, step):
        square += (vectors[first : min(first + step, trained)] - mean).square().sum(dim=0) / trained
    # below float32's rounding of the mean, a deviation means nothing
    alive = square > (1e-6 * mean).square()
    scale = torch.where(alive, square, torch.inf).rsqrt()
    for first in range(0, len(vectors), step):
        chunk = vectors[first : first + step]
        chunk.copy_((chunk - mean) * scale)


def _sharing_vectors(features: Features, jobs: Sequence[FitJob]) -> list[list[int]]:
    """Places of jobs that see the same vectors: all of them for a frozen encoder, else those of equal training rows."""
    if features.frozen:
        return [list(range(len(jobs)))] if jobs else []
    groups: dict[bytes, list[int]] = {}
    for place, job in enumerate(jobs):
        groups.setdefault(np.sort(job.train_rows).tobytes(), []).append(place)
    return list(groups.values())


def _batches(places: list[int], rows: int, coefficients: int) -> list[list[int]]:
    """Parts within BATCH_NUMBERS: L-BFGS remembers two arrays a step, and a row's target takes three numbers."""
    numbers = (2 * HISTORY + 10) * coefficients + 3 * rows
    size = max(1, BATCH_NUMBERS // max(1, numbers))
    return [places[first : first + size] for first in range(0, len(places), size)]
