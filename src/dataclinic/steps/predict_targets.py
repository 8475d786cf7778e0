"""Out-of-fold predictions of numbers: every sample is judged by models that never trained on it, nor on its group."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.fits import TargetJob
from dataclinic.methods.fold_drawing import draw_folds, training_rows
from dataclinic.methods.inner_folds import target_strata
from dataclinic.predictions import OutOfFoldTargets
from dataclinic.seeding import seed_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Mask, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.features import Features
    from dataclinic.fits import FoldPlan
    from dataclinic.models import TargetModel
    from dataclinic.progress import Progress


def predict_targets(
    dataset: Dataset,
    features: Features,
    models: Sequence[TargetModel],
    *,
    groups: Codes,
    usable: Mask,
    plan: FoldPlan,
    device: str,
    progress: Progress,
) -> OutOfFoldTargets:
    """Predicted numbers for every usable sample from folds × repeats fits of every model, groups kept whole.

    Folds get their share of each tenth of the targets; where samples have a time, every fit is of earlier samples
    alone. Several models share their folds, and each adds repeats of its own.

    Args:
        dataset: gives targets and times.
        features: of all samples.
        models: each answers all fit jobs.
        groups: (samples,) group codes; a group is never on both sides of a split.
        usable: (samples,) false for samples to leave out of training and scoring.
        plan: how samples are held out.
        device: torch device string.
        progress: told by the model how far it is.

    Raises:
        DataError: there are too few different times for the folds.
    """
    assert dataset.targets is not None  # noqa: S101 - the task of the dataset is regression
    strata = target_strata(dataset.targets, usable)
    folds = draw_folds(
        strata, groups, usable, folds=plan.folds, repeats=plan.repeats, seed=plan.seed, times=dataset.times
    )
    planned = list(_target_jobs(dataset.targets, dataset.times, folds, groups, plan))
    jobs = [job for _, job in planned]
    predictions = np.full((len(models), plan.repeats, len(dataset)), np.nan)
    for said, model in zip(predictions, models, strict=True):
        answers = model.run(features, jobs, device=device, progress=progress)
        for (repeat, job), answer in zip(planned, answers, strict=True):
            said[repeat, job.score_rows] = answer
    return OutOfFoldTargets(predictions.reshape(-1, len(dataset)), np.tile(folds, (len(models), 1)))


def _target_jobs(
    targets: Scores, times: Scores | None, folds: NDArray[np.int64], groups: Codes, plan: FoldPlan
) -> Iterator[tuple[int, TargetJob]]:
    """Each job with its repeat; a fold that got no sample, or all of them, needs no model."""
    for repeat, fold in product(range(plan.repeats), range(plan.folds)):
        score_rows = np.flatnonzero(folds[repeat] == fold)
        train_rows = training_rows(folds[repeat], fold, groups, times)
        if len(score_rows) and len(train_rows):
            seed = seed_for(plan.seed, "fit", repeat, fold)
            yield repeat, TargetJob(train_rows, targets[train_rows], score_rows, seed)
