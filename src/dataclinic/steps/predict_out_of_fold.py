"""Out-of-fold predictions: every sample is judged by models that never trained on it, nor on its group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.evidence import OutOfFold
from dataclinic.fits import FitJob
from dataclinic.methods.grouped_folds import grouped_folds
from dataclinic.methods.temperature import fit_temperature
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Mask
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Features
    from dataclinic.fits import FoldPlan
    from dataclinic.models import Model
    from dataclinic.progress import Progress


def predict_out_of_fold(
    dataset: Dataset,
    features: Features,
    model: Model,
    *,
    groups: Codes,
    usable: Mask,
    plan: FoldPlan,
    device: str,
    progress: Progress,
) -> OutOfFold:
    """Probabilities for every usable sample from folds × repeats models, stratified by class, groups kept whole.

    A sample whose given class is in no other fold of a repeat is not judged by that repeat: no model that did not
    see it could know the class.

    Args:
        dataset: gives labels and classes.
        features: of all samples.
        model: answers the fit jobs.
        groups: (samples,) group codes; a group is never on both sides of a split.
        usable: (samples,) false for samples to leave out of training and scoring.
        plan: how samples are held out.
        device: torch device string.
        progress: told by the model how far it is.
    """
    folds = _draw_folds(dataset.labels, groups, usable, plan)
    planned = list(_fit_jobs(dataset.labels, folds, plan))
    jobs = [job for _, job in planned]
    results = model.run(features, jobs, classes=len(dataset.classes), device=device, progress=progress)
    probs = np.full((plan.repeats, len(dataset), len(dataset.classes)), np.nan, np.float32)
    for (repeat, job), result in zip(planned, results, strict=True):
        learnable = np.isin(dataset.labels[job.score_rows], job.labels)
        probs[repeat, job.score_rows[learnable]] = result.probs[learnable]
    return _calibrated(probs, folds, dataset.labels)


def _draw_folds(labels: Labels, groups: Codes, usable: Mask, plan: FoldPlan) -> NDArray[np.int64]:
    """(repeats, samples) fold numbers, -1 for samples that are left out."""
    folds = np.full((plan.repeats, len(labels)), -1, np.int64)
    for repeat in range(plan.repeats):
        rng = rng_for(plan.seed, "folds", repeat)
        folds[repeat, usable] = grouped_folds(labels[usable], groups[usable], plan.folds, rng)
    return folds


def _fit_jobs(labels: Labels, folds: NDArray[np.int64], plan: FoldPlan) -> Iterator[tuple[int, FitJob]]:
    """Each job with its repeat; a fold that got no sample, or all of them, needs no model."""
    for repeat, fold_of in enumerate(folds):
        for fold in range(plan.folds):
            score_rows = np.flatnonzero(fold_of == fold)
            train_rows = np.flatnonzero((fold_of >= 0) & (fold_of != fold))
            if len(score_rows) and len(train_rows):
                seed = seed_for(plan.seed, "fit", repeat, fold)
                yield repeat, FitJob(train_rows, labels[train_rows], score_rows, seed)


def _calibrated(probs: NDArray[np.float32], folds: NDArray[np.int64], labels: Labels) -> OutOfFold:
    judged = np.asarray(~np.isnan(probs[:, :, 0]).all(axis=0))
    raw = OutOfFold(probs, folds, judged, temperature=1.0)
    temperature = fit_temperature(raw.mean_probs[judged], labels[judged])
    return OutOfFold(probs, folds, judged, temperature)
