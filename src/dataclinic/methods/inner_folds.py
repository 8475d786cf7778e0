"""One cross-validation to compare settings of a model by: its fit jobs, and the loss of every fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.arrays import SMALLEST_PROB
from dataclinic.fits import FitJob, TargetJob
from dataclinic.methods.fold_drawing import draw_folds, training_rows
from dataclinic.seeding import seed_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.arrays import Codes, Labels, Mask, Probs, Rows, Scores

STRATA = 10
"""Parts of equal size into which targets are cut, so that every fold gets its share of small and of large ones."""


@dataclass(frozen=True)
class Held:
    """Which samples are held out: `folds` parts of the `usable` ones, groups kept whole, rolling where `times` are."""

    groups: Codes
    usable: Mask
    times: Scores | None
    folds: int
    seed: int


@dataclass(frozen=True)
class ClassFolds:
    """Jobs of a classification; `judged` says which scored rows of each have a class that it trained on."""

    jobs: tuple[FitJob, ...]
    judged: tuple[Mask, ...]
    labels: Labels
    measure: ClassVar[str] = "log loss in nats"

    @classmethod
    def draw(cls, labels: Labels, held: Held) -> ClassFolds:
        """Folds stratified by label, without those in which no row can be judged.

        Raises:
            DataError: there are too few different times for the folds.
        """
        jobs, judged = [], []
        for train, score, seed in _draw(labels, held):
            known = np.isin(labels[score], labels[train])
            if known.any():
                jobs.append(FitJob(train, labels[train], score, seed, groups=held.groups[train]))
                judged.append(known)
        return cls(tuple(jobs), tuple(judged), labels)

    @property
    def rows(self) -> tuple[int, ...]:
        """Judged samples of each fold."""
        return tuple(int(known.sum()) for known in self.judged)

    def loss(self, fold: int, probs: Probs) -> tuple[float, float]:
        """Mean cross-entropy of the given labels in nats, and accuracy, over the judged rows of a job.

        Args:
            fold: place of the job.
            probs: (score_rows, classes) of its model.
        """
        known = self.judged[fold]
        given = self.labels[self.jobs[fold].score_rows[known]]
        chance = probs[known][np.arange(len(given)), given].astype(np.float64)
        losses = -np.log(np.clip(chance, SMALLEST_PROB, 1.0))
        return float(losses.mean()), float((probs[known].argmax(axis=1) == given).mean())


@dataclass(frozen=True)
class TargetFolds:
    """Jobs of a regression; every scored row is judged."""

    jobs: tuple[TargetJob, ...]
    targets: Scores
    measure: ClassVar[str] = "mean absolute error"

    @classmethod
    def draw(cls, targets: Scores, held: Held) -> TargetFolds:
        """Folds stratified by tenths of the targets.

        Raises:
            DataError: there are too few different times for the folds.
        """
        drawn = _draw(target_strata(targets, held.usable), held)
        return cls(tuple(TargetJob(train, targets[train], score, seed) for train, score, seed in drawn), targets)

    @property
    def rows(self) -> tuple[int, ...]:
        """Judged samples of each fold."""
        return tuple(len(job.score_rows) for job in self.jobs)

    def loss(self, fold: int, predictions: Scores) -> float:
        """Mean absolute error of a job's predictions, in the unit of the targets."""
        return float(np.abs(self.targets[self.jobs[fold].score_rows] - predictions).mean())


def target_strata(targets: Scores, usable: Mask) -> Labels:
    """(samples,) tenth of the usable targets, 0 … STRATA - 1; equal targets share one."""
    edges = np.quantile(targets[usable], np.arange(1, STRATA) / STRATA)
    return np.searchsorted(np.unique(edges), targets, side="right").astype(np.int64)


def over_samples(per_fold: Sequence[float], rows: Sequence[int]) -> float:
    """Mean over the samples of the first folds, from the means of these folds.

    Args:
        per_fold: (folds that were run,) means.
        rows: (folds,) samples of each fold.
    """
    return float(np.average(per_fold, weights=rows[: len(per_fold)]))


def _draw(strata: Labels, held: Held) -> Iterator[tuple[Rows, Rows, int]]:
    """Training rows, rows to score and seed of each fold that has both."""
    (folds,) = draw_folds(
        strata,
        held.groups,
        held.usable,
        folds=held.folds,
        repeats=1,
        seed=seed_for(held.seed, "inner folds"),
        times=held.times,
    )
    for fold in range(held.folds):
        score, train = np.flatnonzero(folds == fold), training_rows(folds, fold, held.groups, held.times)
        if len(score) and len(train):
            yield train, score, seed_for(held.seed, "inner fit", fold)
