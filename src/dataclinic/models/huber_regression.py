"""Huber regression: a ridge regression that large residuals pull no harder than others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field
from threadpoolctl import threadpool_limits

from dataclinic.methods.huber_ridge import fit_huber_ridge
from dataclinic.methods.robust_z import middle_and_spread
from dataclinic.models import Interval, SearchSpace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Scores
    from dataclinic.dataset import Task
    from dataclinic.features import Features
    from dataclinic.fits import TargetJob
    from dataclinic.progress import Progress


@dataclass(frozen=True)
class HuberRegression:
    """Linear map of standardised vectors with Huber's loss, so that the seed changes nothing.

    Features are standardised, and targets divided by their robust spread, on the training rows. `penalty` is the ridge
    penalty as a multiple of the rows, chosen by leaving one row out at a time where it is None.
    """

    summary: ClassVar[str] = "linear regression with Huber's loss over the vectors: fast, not pulled by wrong numbers"
    task: ClassVar[Task] = "regression"
    encoder: ClassVar[str | None] = None
    search_space: ClassVar[SearchSpace] = {"penalty": Interval(1e-4, 1e2, log=True)}

    penalty: Annotated[float, Field(gt=0)] | None = None
    max_iterations: Annotated[int, Field(ge=1)] = 100
    tolerance: Annotated[float, Field(gt=0)] = 1e-4

    @property
    def description(self) -> str:
        """What is fitted, in words."""
        how = "chosen by leave-one-out" if self.penalty is None else f"{self.penalty:g}"
        return f"linear regression with Huber's loss, ridge penalty {how}"

    def run(self, features: Features, jobs: Sequence[TargetJob], *, device: str, progress: Progress) -> list[Scores]:
        results: list[Scores] = []
        progress("train huber_regression", 0, len(jobs))
        for job in jobs:
            # The order in which threads add up is not the same on every machine.
            with threadpool_limits(1, user_api="blas"):
                results.append(self._answer(features, job))
            progress("train huber_regression", len(results), len(jobs))
        return results

    def _answer(self, features: Features, job: TargetJob) -> Scores:
        vectors = features.vectors(job.train_rows)
        weights = np.ones(len(job.train_rows)) if job.weights is None else job.weights
        kept = weights > 0
        train = vectors[job.train_rows[kept]].astype(np.float64)
        mean, scale = train.mean(axis=0), train.std(axis=0)
        scale[scale <= np.finfo(np.float32).eps * np.abs(mean)] = np.inf  # a constant column weighs nothing
        middle, spread = middle_and_spread(job.targets[kept])
        if spread == 0:
            return np.full(len(job.score_rows), middle)
        fit = fit_huber_ridge(
            (train - mean) / scale,
            (job.targets[kept] - middle) / spread,
            weights[kept],
            penalty=self.penalty,
            max_iterations=self.max_iterations,
            tolerance=self.tolerance,
        )
        score = (vectors[job.score_rows].astype(np.float64) - mean) / scale
        return fit.predict(score) * spread + middle
