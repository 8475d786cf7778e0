"""Out-of-fold predictions: every sample is judged by models that never trained on it, nor on its group."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.fits import FitHistory, FitJob, FitResult, TrainingDynamics
from dataclinic.methods.fold_drawing import draw_folds, training_rows
from dataclinic.methods.pooled_dynamics import pooled_dynamics
from dataclinic.methods.temperature import fit_temperature
from dataclinic.predictions import OutOfFold
from dataclinic.seeding import seed_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Mask
    from dataclinic.dataset import Dataset
    from dataclinic.features import Features
    from dataclinic.fits import FoldPlan
    from dataclinic.models import Model
    from dataclinic.progress import Progress


@dataclass(frozen=True)
class Predicted:
    """Predictions, and how training went where models train in epochs."""

    out_of_fold: OutOfFold
    dynamics: TrainingDynamics | None = None
    histories: tuple[FitHistory, ...] = ()


def predict_out_of_fold(
    dataset: Dataset,
    features: Features,
    models: Mapping[str, Model],
    *,
    groups: Codes,
    usable: Mask,
    plan: FoldPlan,
    device: str,
    progress: Progress,
) -> Predicted:
    """Probabilities for every usable sample from folds × repeats fits of every model, groups kept whole.

    Folds are stratified by class; where samples have a time, every fit is of earlier samples alone. A sample whose
    given class is in none of the training rows of a fit is not judged by it: no model that did not see the class
    could know it. Several models share their folds, and each adds repeats of its own.

    Args:
        dataset: gives labels, classes and times.
        features: of all samples.
        models: by id; each answers all fit jobs.
        groups: (samples,) group codes; a group is never on both sides of a split.
        usable: (samples,) false for samples to leave out of training and scoring.
        plan: how samples are held out.
        device: torch device string.
        progress: told by the model how far it is.

    Raises:
        DataError: there are too few different times for the folds.
    """
    folds = draw_folds(
        dataset.labels, groups, usable, folds=plan.folds, repeats=plan.repeats, seed=plan.seed, times=dataset.times
    )
    planned = list(_fit_jobs(dataset, folds, groups, plan))
    jobs = [job for _, _, job in planned]
    probs = np.full((len(models) * plan.repeats, len(dataset), len(dataset.classes)), np.nan, np.float32)
    results: list[FitResult] = []
    histories: list[FitHistory] = []
    for number, (name, model) in enumerate(models.items()):
        answers = model.run(features, jobs, classes=len(dataset.classes), device=device, progress=progress)
        for (repeat, fold, job), answer in zip(planned, answers, strict=True):
            learnable = np.isin(dataset.labels[job.score_rows], job.labels)
            probs[number * plan.repeats + repeat, job.score_rows[learnable]] = answer.probs[learnable]
            if answer.history:
                histories.append(FitHistory(name, repeat, fold, answer.history))
        results += answers
    out_of_fold = _calibrated(probs, np.tile(folds, (len(models), 1)), dataset.labels)
    return Predicted(out_of_fold, pooled_dynamics(jobs * len(models), results, len(dataset)), tuple(histories))


def _fit_jobs(
    dataset: Dataset, folds: NDArray[np.int64], groups: Codes, plan: FoldPlan
) -> Iterator[tuple[int, int, FitJob]]:
    """Each job with its repeat and fold; a fold that got no sample, or all of them, needs no model."""
    for repeat, fold in product(range(plan.repeats), range(plan.folds)):
        score_rows = np.flatnonzero(folds[repeat] == fold)
        train_rows = training_rows(folds[repeat], fold, groups, dataset.times)
        if len(score_rows) and len(train_rows):
            job = FitJob(
                train_rows,
                dataset.labels[train_rows],
                score_rows,
                seed_for(plan.seed, "fit", repeat, fold),
                groups=groups[train_rows],
                score_labels=dataset.labels[score_rows],
            )
            yield repeat, fold, job


def _calibrated(probs: NDArray[np.float32], folds: NDArray[np.int64], labels: Labels) -> OutOfFold:
    judged = np.asarray(~np.isnan(probs[:, :, 0]).all(axis=0))
    raw = OutOfFold(probs, folds, judged, temperature=1.0)
    temperature = fit_temperature(raw.mean_probs[judged], labels[judged])
    return OutOfFold(probs, folds, judged, temperature)
