"""Outer folds, and inside the training part of each the out-of-fold predictions that fixes are proposed from.

Inner folds are the other outer folds of the same repeat: a model that leaves out two folds judges each of them for the
training part of the other, so that ten fits serve five outer folds. Where samples have times, the model that judges an
earlier period serves every later one. No model that a fix hears of has seen a sample of the outer fold, or its group.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.evidence import Evidence
from dataclinic.fits import FitJob
from dataclinic.methods.fold_drawing import draw_folds, training_rows
from dataclinic.methods.inner_folds import target_strata
from dataclinic.methods.label_judgement import judge_by_noise
from dataclinic.methods.label_signals import Testimony
from dataclinic.methods.temperature import fit_temperature
from dataclinic.predictions import OutOfFold, OutOfFoldTargets
from dataclinic.seeding import seed_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Rows
    from dataclinic.judgement import Judgement
    from dataclinic.progress import Progress
    from dataclinic.steps.try_fixes.world import Learner, World
    from dataclinic.trials import TrialPlan

INNER_FOLDS = 3
"""Drawn anew inside a training part where there are only two outer folds."""


@dataclass(frozen=True)
class Outer:
    """One outer fold: rows of the world to train on and to score, and what is known of the training rows alone."""

    repeat: int
    fold: int
    train_rows: Rows
    score_rows: Rows
    evidence: Evidence


@dataclass(frozen=True)
class _Inner:
    """A fit whose answer for `rows` is evidence in the training part of outer fold `part`."""

    part: int
    rows: Rows
    train_rows: Rows


def outer_folds(world: World, learner: Learner, plan: TrialPlan, repeat: int, progress: Progress) -> list[Outer]:
    """Outer folds of one repeat that have rows to train on and to score.

    Raises:
        DataError: there are too few different times for the folds.
    """
    data = world.dataset
    strata = data.labels if data.targets is None else target_strata(data.targets, world.usable)
    drawn = draw_folds(
        strata, world.groups, world.usable, folds=plan.folds, repeats=repeat + 1, seed=plan.seed, times=data.times
    )[repeat]
    parts = {fold: training_rows(drawn, fold, world.groups, data.times) for fold in range(plan.folds)}
    parts = {fold: rows for fold, rows in parts.items() if len(rows)}
    inner = list(_inner_fits(world, plan, repeat, drawn, parts))
    said = _inner_predictions(world, learner, plan, repeat, inner, progress)
    return [
        Outer(repeat, fold, rows, np.flatnonzero(drawn == fold), _evidence(world, rows, said[fold]))
        for fold, rows in parts.items()
    ]


def _inner_fits(world: World, plan: TrialPlan, repeat: int, drawn: Codes, parts: dict[int, Rows]) -> Iterator[_Inner]:
    """Fits for the inner predictions; equal training rows stand next to one another."""
    if world.dataset.times is not None:
        for earlier, fold in combinations(sorted(parts), 2):
            # A group may lie in several periods; the training part of the later one is without its groups.
            rows = np.intersect1d(np.flatnonzero(drawn == earlier), parts[fold])
            train = np.intersect1d(parts[earlier], parts[fold])
            if len(rows) and len(train):
                yield _Inner(fold, rows, train)
    elif len(parts) > 2:
        for one, other in combinations(parts, 2):
            train = np.intersect1d(parts[one], parts[other])
            yield _Inner(one, np.flatnonzero(drawn == other), train)
            yield _Inner(other, np.flatnonzero(drawn == one), train)
    else:
        for fold, rows in parts.items():
            yield from _drawn_anew(world, fold, rows, seed_for(plan.seed, "inner folds", repeat, fold))


def _drawn_anew(world: World, part: int, rows: Rows, seed: int) -> Iterator[_Inner]:
    data, groups = world.dataset, world.groups[rows]
    all_usable = np.ones(len(rows), bool)
    strata = data.labels[rows] if data.targets is None else target_strata(data.targets[rows], all_usable)
    (drawn,) = draw_folds(strata, groups, all_usable, folds=INNER_FOLDS, repeats=1, seed=seed)
    for fold in range(INNER_FOLDS):
        train, held = training_rows(drawn, fold, groups), np.flatnonzero(drawn == fold)
        if len(train) and len(held):
            yield _Inner(part, rows[held], rows[train])


def _inner_predictions(
    world: World, learner: Learner, plan: TrialPlan, repeat: int, inner: Sequence[_Inner], progress: Progress
) -> dict[int, NDArray[np.floating]]:
    """For each outer fold what models without it say of every sample, NaN where none does: (samples[, classes])."""
    data = world.dataset
    shape = (len(data),) if data.targets is not None else (len(data), len(data.classes))
    fits: dict[bytes, list[_Inner]] = {}
    for fit in inner:
        fits.setdefault(fit.train_rows.tobytes(), []).append(fit)
    jobs = [
        FitJob(
            same[0].train_rows,
            data.given[same[0].train_rows],  # type: ignore[arg-type]  # numbers where the learner is a regression
            np.unique(np.concatenate([fit.rows for fit in same])),
            seed_for(plan.seed, "inner fit", repeat, number),
            groups=world.groups[same[0].train_rows],
        )
        for number, same in enumerate(fits.values())
    ]
    said: dict[int, NDArray[np.floating]] = {}
    for fold in range(plan.folds):
        said[fold] = np.full(shape, np.nan, np.float64 if data.targets is not None else np.float32)
    answers = learner.answer(world, world.features, jobs, progress)
    for same, job, answer in zip(fits.values(), jobs, answers, strict=True):
        for fit in same:
            known = fit.rows
            if data.targets is None:
                # No model could know a class that it never saw.
                known = known[np.isin(data.labels[known], job.labels)]
            said[fit.part][known] = answer.said[np.searchsorted(job.score_rows, known)]
    return said


def _evidence(world: World, rows: Rows, said: NDArray[np.floating]) -> Evidence:
    """What is known of the training rows, numbered anew from 0."""
    part, own = world.dataset.take(rows), said[rows][None]
    _, groups = np.unique(world.groups[rows], return_inverse=True)
    measurements = None if world.measurements is None else world.measurements.take(rows)
    if world.task == "regression":
        targets = OutOfFoldTargets(own.astype(np.float64), np.where(np.isnan(own), -1, 0))
        return Evidence(part, groups, measurements, targets=targets)
    judged = ~np.isnan(own[0, :, 0])
    folds = np.where(judged, 0, -1)[None]
    raw = OutOfFold(own, folds, judged, temperature=1.0)
    temperature = fit_temperature(raw.mean_probs[judged], part.labels[judged])
    found = Evidence(part, groups, measurements, out_of_fold=OutOfFold(own, folds, judged, temperature))
    return replace(found, judgement=_judgement(found))


def _judgement(evidence: Evidence) -> Judgement | None:
    """Verdicts on the training part by the noise model alone; None where there are not two classes to tell apart."""
    out_of_fold = evidence.out_of_fold
    assert out_of_fold is not None  # noqa: S101 - given by the caller
    rows = np.flatnonzero(out_of_fold.judged)
    labels = evidence.dataset.labels
    present = np.unique(labels[rows])
    if len(present) < 2:
        return None
    probs = out_of_fold.probs[rows][:, present].astype(np.float64)
    kept = np.asarray(probs / np.maximum(probs.sum(axis=1, keepdims=True), 1e-12), np.float32)
    testimony = Testimony(kept, np.searchsorted(present, labels[rows]))
    return judge_by_noise(testimony).placed(rows, len(labels), present)
