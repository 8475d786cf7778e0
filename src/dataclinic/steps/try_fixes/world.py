"""What a trial is run on: samples with all that is known of them, and a model that answers fit jobs of either task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from dataclinic.fits import TargetJob
from dataclinic.methods.class_scores import class_recalls, class_scores
from dataclinic.methods.target_scores import target_scores
from dataclinic.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Mask, Rows, Scores
    from dataclinic.dataset import Dataset, Task
    from dataclinic.evidence import Measurements
    from dataclinic.features import Features
    from dataclinic.fits import FitJob
    from dataclinic.models import AnyModel, Model, TargetModel
    from dataclinic.progress import Progress


@dataclass(frozen=True)
class World:
    """Samples, their features and labels; every array is (samples,).

    `usable` is false for samples that take no part. `trusted` holds what people verified: class codes, -1 where nobody
    looked; in regression numbers, NaN where nobody did; None where there is nothing.
    """

    dataset: Dataset
    features: Features
    groups: Codes
    usable: Mask
    measurements: Measurements | None = None
    trusted: Labels | Scores | None = None

    def __len__(self) -> int:
        return len(self.dataset)

    @property
    def task(self) -> Task:
        return self.dataset.task

    def take(self, rows: Rows) -> World:
        """The samples at `rows` alone."""
        return World(
            self.dataset.take(rows),
            self.features.take(rows),
            self.groups[rows],
            self.usable[rows],
            None if self.measurements is None else self.measurements.take(rows),
            None if self.trusted is None else self.trusted[rows],
        )

    def verified(self, rows: Rows) -> Mask:
        """(rows,) whether people verified the label."""
        if self.trusted is None:
            return np.zeros(len(rows), bool)
        known = self.trusted[rows]
        return np.asarray(~np.isnan(known) if self.task == "regression" else known >= 0)


@dataclass(frozen=True)
class Answer:
    """What a model says of the scored rows: (rows, classes) probabilities, or (rows,) numbers; and its epochs."""

    said: NDArray[np.floating]
    score_accuracies: tuple[float, ...] = ()


@dataclass(frozen=True)
class Learner:
    """A model with what it needs to run."""

    id: str
    model: AnyModel
    device: str

    @property
    def honours(self) -> frozenset[str]:
        """Fields of `Recipe` that the model follows."""
        return getattr(self.model, "honours", frozenset())

    def answer(
        self, world: World, features: Features, jobs: Sequence[FitJob], progress: Progress = silent
    ) -> list[Answer]:
        """One answer a job, in order. In regression a job's labels are its targets."""
        if not jobs:
            return []
        if world.task == "regression":
            targets = [_as_target_job(job) for job in jobs]
            numbers = cast("TargetModel", self.model).run(features, targets, device=self.device, progress=progress)
            return [Answer(number) for number in numbers]
        fits = cast("Model", self.model).run(
            features, jobs, classes=len(world.dataset.classes), device=self.device, progress=progress
        )
        return [
            Answer(
                fit.probs,
                tuple(epoch.score_accuracy for epoch in fit.history if epoch.score_accuracy is not None),
            )
            for fit in fits
        ]


def scores(world: World, said: NDArray[np.floating], truth: Labels | Scores) -> Mapping[str, float]:
    """Metrics by name of what a model says of rows whose labels or numbers are `truth` (rows,); none for no rows."""
    if len(truth) == 0:
        return {}
    if world.task == "regression":
        return target_scores(said, truth)
    return class_scores(np.asarray(said, np.float32), np.asarray(truth, np.int64))


def recalls(world: World, said: NDArray[np.floating], truth: Labels | Scores) -> tuple[float, ...]:
    """Recall of each class, NaN where there is none of it; nothing in regression."""
    if world.task == "regression":
        return ()
    return tuple(class_recalls(np.asarray(said, np.float32), np.asarray(truth, np.int64)).tolist())


def _as_target_job(job: FitJob) -> TargetJob:
    targets = np.asarray(job.labels, np.float64)
    return TargetJob(job.train_rows, targets, job.score_rows, job.seed, job.weights)
