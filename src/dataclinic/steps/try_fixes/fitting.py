"""From treatments to fit jobs of a model, and what it then scores on the untouched outer folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.arrays import SMALLEST_PROB
from dataclinic.fits import FitJob
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.recipe import PLAIN
from dataclinic.seeding import seed_for
from dataclinic.steps.try_fixes.world import Answer, recalls, scores
from dataclinic.trials import UNTREATED, Changes, FoldScore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Scores
    from dataclinic.features import Features
    from dataclinic.progress import Progress
    from dataclinic.steps.try_fixes.outer import Outer
    from dataclinic.steps.try_fixes.world import Learner, World
    from dataclinic.treatments import ColumnMap, Treatment


@dataclass(frozen=True)
class Planned:
    """One arm on one outer fold."""

    arm: str
    outer: Outer
    treatment: Treatment
    changes: Changes


def score_arms(
    world: World, learner: Learner, planned: Sequence[Planned], seed: int, progress: Progress
) -> list[FoldScore]:
    """Train and score every planned arm; all arms of an outer fold share seed and scored rows.

    Arms without a column map are one list of jobs, so that a model that trains jobs together does so. An arm that only
    moves decisions is scored with the untreated arm's model.
    """
    answers = _answers(world, learner, planned, seed, progress)
    found = []
    for entry in planned:
        answer, rows = answers[id(entry)], entry.outer.score_rows
        said = _moved(answer.said, entry.treatment.offsets)
        verified = world.verified(rows)
        given, trusted = world.dataset.given[rows], None if world.trusted is None else world.trusted[rows][verified]
        found.append(
            FoldScore(
                entry.arm,
                entry.outer.repeat,
                entry.outer.fold,
                len(entry.treatment.rows),
                len(rows),
                scores(world, said, given),
                {} if trusted is None else scores(world, said[verified], trusted),
                int(verified.sum()),
                recalls(world, said, given),
                answer.score_accuracies,
                entry.changes,
            )
        )
    return found


def _answers(
    world: World, learner: Learner, planned: Sequence[Planned], seed: int, progress: Progress
) -> dict[int, Answer]:
    """By the identity of what was planned."""
    untreated = {_fold(entry): entry for entry in planned if entry.arm == UNTREATED}
    sharing = [entry for entry in planned if entry.treatment.column_map is None]
    trained = [entry for entry in sharing if not _trains_as(entry, untreated.get(_fold(entry)))]
    answers: dict[int, Answer] = {}
    _train(answers, world, learner, world.features, trained, seed, progress)
    for entry in sharing:
        if id(entry) not in answers:
            answers[id(entry)] = answers[id(untreated[_fold(entry)])]
    for entry in planned:
        if entry.treatment.column_map is not None:
            _train(
                answers, world, learner, _mapped(world.features, entry.treatment.column_map), [entry], seed, progress
            )
    return answers


def _fold(entry: Planned) -> tuple[int, int]:
    return entry.outer.repeat, entry.outer.fold


def _trains_as(entry: Planned, other: Planned | None) -> bool:
    """Whether the two treatments train the same model."""
    if other is None or entry is other:
        return False
    one, two = entry.treatment, other.treatment
    plain = one.weights is None and one.synthetic is None and one.recipe == PLAIN
    return plain and np.array_equal(one.rows, two.rows) and np.array_equal(one.labels, two.labels)


def _train(
    answers: dict[int, Answer],
    world: World,
    learner: Learner,
    features: Features,
    entries: Sequence[Planned],
    seed: int,
    progress: Progress,
) -> None:
    """Add the answers of `entries`, which all train on `features` and rows of their own behind them."""
    added = [entry.treatment.synthetic.features for entry in entries if entry.treatment.synthetic is not None]
    jobs, first_new = [], len(features)
    for entry in entries:
        jobs.append(_job(world, entry, first_new, seed))
        first_new += 0 if entry.treatment.synthetic is None else len(entry.treatment.synthetic.labels)
    features = features.joined(*added) if added else features
    for entry, answer in zip(entries, learner.answer(world, features, jobs, progress), strict=True):
        answers[id(entry)] = answer


def _job(world: World, entry: Planned, first_new: int, seed: int) -> FitJob:
    outer, treatment = entry.outer, entry.treatment
    rows, labels, weights = outer.train_rows[treatment.rows], treatment.labels, treatment.weights
    groups = world.groups[rows]
    if treatment.synthetic is not None:
        new = len(treatment.synthetic.labels)
        rows = np.concatenate([rows, first_new + np.arange(new)])
        labels = np.concatenate([labels, treatment.synthetic.labels])
        weights = None if weights is None else np.concatenate([weights, np.ones(new)])
        groups = np.concatenate([groups, int(world.groups.max(initial=0)) + 1 + np.arange(new)])
    watched = None if world.task == "regression" else world.dataset.labels[outer.score_rows]
    return FitJob(
        rows,
        labels,  # type: ignore[arg-type]  # numbers where the learner is a regression
        outer.score_rows,
        seed_for(seed, "fit", outer.repeat, outer.fold),
        weights,
        treatment.recipe,
        groups,
        watched,
    )


def _mapped(features: Features, column_map: ColumnMap) -> Features:
    assert isinstance(features, ColumnFeatures)  # noqa: S101 - fixes make column maps for tables alone
    return features.with_numbers(column_map.apply(features.numbers), column_map.names)


def _moved(said: NDArray[np.floating], offsets: Scores | None) -> NDArray[np.floating]:
    """Probabilities with offsets added to their logarithms."""
    if offsets is None:
        return said
    logs = np.log(np.clip(said, SMALLEST_PROB, 1.0)) + offsets
    odds = np.exp(logs - logs.max(axis=1, keepdims=True))
    moved: NDArray[np.floating] = odds / odds.sum(axis=1, keepdims=True)
    return moved
