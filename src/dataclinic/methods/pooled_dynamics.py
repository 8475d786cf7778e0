"""Training dynamics of many fits as one set of signals a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.fits import TrainingDynamics
from dataclinic.methods.training_dynamics import area_under_margin, confidence_and_variability, forgetting_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Rows, Scores
    from dataclinic.fits import FitJob, FitResult


def pooled_dynamics(jobs: Sequence[FitJob], results: Sequence[FitResult], samples: int) -> TrainingDynamics | None:
    """Mean of each signal over the fits that trained on a sample, or held it out; None where no fit had epochs.

    Args:
        jobs: with the rows that the arrays of their result's dynamics belong to.
        results: one a job, in order.
        samples: how many there are; rows of the jobs are below it.
    """
    watched = [(job, result.dynamics) for job, result in zip(jobs, results, strict=True) if result.dynamics]
    if not watched:
        return None
    means = {name: _Mean.over(samples) for name in TrainingDynamics.__dataclass_fields__}
    for job, dynamics in watched:
        confidence, variability = confidence_and_variability(dynamics.train_probs)
        means["area_under_margin"].add(job.train_rows, area_under_margin(dynamics.train_margins))
        means["forgetting_events"].add(job.train_rows, forgetting_events(dynamics.train_margins))
        means["confidence"].add(job.train_rows, confidence)
        means["variability"].add(job.train_rows, variability)
        if dynamics.score_probs is not None:
            confidence, variability = confidence_and_variability(dynamics.score_probs)
            means["held_out_confidence"].add(job.score_rows, confidence)
            means["held_out_variability"].add(job.score_rows, variability)
    return TrainingDynamics(**{name: mean.values() for name, mean in means.items()})


@dataclass(frozen=True)
class _Mean:
    """A running mean a sample, filled job by job and read once."""

    total: Scores
    count: Scores

    @classmethod
    def over(cls, samples: int) -> _Mean:
        return cls(np.zeros(samples), np.zeros(samples))

    def add(self, rows: Rows, values: Scores) -> None:
        np.add.at(self.total, rows, values)
        np.add.at(self.count, rows, 1)

    def values(self) -> Scores:
        mean: Scores = np.divide(self.total, self.count, out=np.full(len(self.total), np.nan), where=self.count > 0)
        return mean
