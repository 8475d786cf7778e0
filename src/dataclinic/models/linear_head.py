"""Linear head: multinomial logistic regression over the encoder's vectors, all fit jobs in one batched program."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar

import torch
from pydantic import Field

from dataclinic.fits import FitResult
from dataclinic.methods.job_vectors import JobVectors, sharing_vectors, within_memory
from dataclinic.methods.multinomial_logistic import HISTORY, fit_multinomial_logistic
from dataclinic.models import Interval, SearchSpace, require_honoured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataclinic.dataset import Task
    from dataclinic.features import Features
    from dataclinic.fits import FitJob
    from dataclinic.progress import Progress

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
    its smallest mean training loss, or after `max_iterations`. `label_smoothing` is the share of every label that is
    spread evenly over the classes of the training rows.
    """

    summary: ClassVar[str] = "multinomial logistic regression over the vectors: fast, all fits at once"
    task: ClassVar[Task] = "classification"
    encoder: ClassVar[str | None] = None
    honours: ClassVar[frozenset[str]] = frozenset({"label_smoothing"})
    search_space: ClassVar[SearchSpace] = {"l2": Interval(0.1, 10_000.0, log=True)}

    l2: Annotated[float, Field(gt=0)] | None = None
    max_iterations: Annotated[int, Field(ge=1)] = 200
    tolerance: Annotated[float, Field(gt=0)] = 1e-5
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0

    @property
    def description(self) -> str:
        """What runs, in words."""
        penalty = f"{LEAST_L2:g} + {L2_PER_DIM:g} per dimension" if self.l2 is None else f"{self.l2:g}"
        smoothed = f", label smoothing {self.label_smoothing:g}" if self.label_smoothing else ""
        return f"multinomial logistic regression, l2 {penalty}{smoothed}"

    def run(
        self, features: Features, jobs: Sequence[FitJob], *, classes: int, device: str, progress: Progress
    ) -> list[FitResult]:
        require_honoured("linear_head", self.honours, jobs)
        results: dict[int, FitResult] = {}
        for places in sharing_vectors(features, jobs):
            vectors = JobVectors.of(features, [jobs[place] for place in places], device)
            for batch in within_memory(places, _numbers_per_job(vectors, classes)):
                counted = partial(_report, progress, len(results), len(jobs))
                answers = self._answer(vectors, [jobs[place] for place in batch], classes, counted)
                results.update(zip(batch, answers, strict=True))
        return [results[place] for place in range(len(jobs))]

    def _answer(
        self, vectors: JobVectors, jobs: Sequence[FitJob], classes: int, on_iteration: Callable[[int], None]
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
            label_smoothing=torch.tensor([self._smoothing(job) for job in jobs], device=vectors.X.device),
            on_iteration=on_iteration,
        )
        scored = (fit.probs(vectors.at(job.score_rows), number) for number, job in enumerate(jobs))
        return [FitResult(probs.cpu().numpy()) for probs in scored]

    def _smoothing(self, job: FitJob) -> float:
        return self.label_smoothing if job.recipe.label_smoothing is None else job.recipe.label_smoothing


def _report(progress: Progress, before: int, total: int, ended: int) -> None:
    progress("train linear_head", before + ended, total)


def _numbers_per_job(vectors: JobVectors, classes: int) -> int:
    """L-BFGS remembers two arrays a step, and a row's target takes three numbers."""
    return (2 * HISTORY + 10) * vectors.X.shape[1] * classes + 3 * len(vectors.X)
