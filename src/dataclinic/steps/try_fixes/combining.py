"""Which arms to combine: a greedy choice by trials, and the choice itself measured on folds that it did not see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.errors import DataError
from dataclinic.methods.paired_gain import paired_gain
from dataclinic.progress import silent
from dataclinic.seeding import seed_for
from dataclinic.steps.try_fixes.arms import Arm, changes, untreated
from dataclinic.steps.try_fixes.fitting import Planned, score_arms
from dataclinic.steps.try_fixes.outer import outer_folds
from dataclinic.steps.try_fixes.trial import Told, run_trial
from dataclinic.treatments import Treatment
from dataclinic.trials import COMBINATION, METRICS, UNTREATED, Changes, TrialPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.methods.paired_gain import PairedGain
    from dataclinic.progress import Progress
    from dataclinic.steps.try_fixes.arms import Bench
    from dataclinic.steps.try_fixes.outer import Outer
    from dataclinic.steps.try_fixes.trial import Tried
    from dataclinic.steps.try_fixes.world import World
    from dataclinic.trials import FoldScore

INNER_FOLDS = 3
"""Of the one repeat that a choice is made by."""

MOST_COMBINED = 3


def measured_combination(
    bench: Bench, world: World, arms: Sequence[Arm], plan: TrialPlan, progress: Progress
) -> tuple[FoldScore, ...]:
    """Scores of the untreated arm and of the arm `COMBINATION`, on the outer folds of all repeats.

    For each outer fold a trial inside its training part says which arms help and which of them go together; what that
    trial chose is trained and scored on the outer fold, which had no part in the choice.
    """
    scores: list[FoldScore] = []
    for repeat in range(plan.repeats):
        told = Told(progress, repeat, plan.repeats)
        outers = outer_folds(world, bench.learner, plan, repeat, silent)
        planned: list[Planned] = []
        for number, outer in enumerate(outers):
            planned += _chosen_inside(bench, world, arms, plan, outer)
            told.inner(COMBINATION, number + 1, len(outers))
        scores += score_arms(world, bench.learner, planned, plan.seed, told.arms)
    return tuple(scores)


def choose_combination(bench: Bench, world: World, arms: Sequence[Arm], plan: TrialPlan) -> tuple[str, ...]:
    """Names of the arms that help and go together, best first; none where none helps.

    A trial of one repeat: an arm helps where its gain exceeds its standard error. To the best one, the arm is added
    that gains most beside it, as long as the gain over what is there exceeds its standard error.
    """
    inner = inner_plan(plan)
    tried = run_trial(bench, world, arms, inner, silent)
    first = {
        arm.name: gain_over(tried, arm.name, UNTREATED, plan.metric) for arm in arms if arm.name not in tried.declined
    }
    helping = [name for name, gain in first.items() if gain.mean > gain.standard_error]
    helping.sort(key=lambda name: -first[name].mean)
    return grow(bench, world, {arm.name: arm for arm in arms}, helping, inner)


def grow(bench: Bench, world: World, arms: dict[str, Arm], helping: Sequence[str], plan: TrialPlan) -> tuple[str, ...]:
    """From arms that help, best first, those that are worth combining."""
    chosen = tuple(helping[:1])
    while chosen and len(chosen) < MOST_COMBINED and (left := [name for name in helping if name not in chosen]):
        together = {name: _together(arms, (*chosen, name)) for name in left}
        present = _together(arms, chosen)
        tried = run_trial(bench, world, [present, *together.values()], plan, silent)
        if present.name in tried.declined:
            break
        gains = {
            name: gain_over(tried, arm.name, present.name, plan.metric)
            for name, arm in together.items()
            if arm.name not in tried.declined
        }
        best = max(gains, key=lambda name: gains[name].mean, default=None)
        if best is None or gains[best].mean <= gains[best].standard_error:
            break
        chosen = (*chosen, best)
    return chosen


def inner_plan(plan: TrialPlan) -> TrialPlan:
    """Of the trial that a choice is made by."""
    return replace(plan, folds=min(INNER_FOLDS, plan.folds), repeats=1, seed=seed_for(plan.seed, "choose"))


def gain_over(tried: Tried, arm: str, other: str, metric: str) -> PairedGain:
    """How much better an arm did than another on the labels as given, in the metric's own scale."""
    of = {(score.arm, score.repeat, score.fold): score for score in tried.scores}
    folds = [(score.repeat, score.fold) for score in tried.scores if score.arm == other]
    sign = 1 if METRICS[metric].higher_is_better else -1
    differences = [sign * (of[arm, *fold].given[metric] - of[other, *fold].given[metric]) for fold in folds]
    plain = [of[UNTREATED, *fold] for fold in folds]
    test_to_train = float(np.mean([score.test_rows / max(1, score.train_rows) for score in plain]))
    return paired_gain(np.array(differences), test_to_train)


def _together(arms: dict[str, Arm], names: Sequence[str]) -> Arm:
    return Arm.of({name: fix for arm in names for name, fix in arms[arm].fixes.items()})


def _chosen_inside(bench: Bench, world: World, arms: Sequence[Arm], plan: TrialPlan, outer: Outer) -> list[Planned]:
    seed = seed_for(plan.seed, "propose", outer.repeat, outer.fold)
    try:
        chosen = choose_combination(bench, world.take(outer.train_rows), arms, replace(plan, seed=seed))
    except DataError:
        # The first of the periods may hold too few different times to roll through: nothing can be chosen by it.
        chosen = ()
    own = [arm for arm in arms if arm.name in chosen]
    part = bench.part(world, outer.train_rows, outer.evidence, own, seed)
    planned = [Planned(UNTREATED, outer, untreated(part), Changes())]
    proposal = bench.propose(_together({arm.name: arm for arm in own}, chosen), part) if chosen else None
    treatment = proposal if isinstance(proposal, Treatment) else untreated(part)
    return [*planned, Planned(COMBINATION, outer, treatment, changes(part, treatment))]
