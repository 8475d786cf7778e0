"""Retrain to measure what each fix is worth: every arm on every outer fold, proposed without sight of that fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataclinic.steps.try_fixes.arms import Arm, Bench
from dataclinic.steps.try_fixes.combining import grow, inner_plan, measured_combination
from dataclinic.steps.try_fixes.trial import Finish, Tried, run_trial
from dataclinic.steps.try_fixes.world import Learner, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.fixes import Fix
    from dataclinic.progress import Progress
    from dataclinic.trials import FoldScore, TrialPlan

__all__ = ["Arm", "Bench", "Combined", "Finish", "Learner", "Tried", "World", "combine_fixes", "try_fixes"]


def try_fixes(
    bench: Bench,
    world: World,
    fixes: Mapping[str, Fix],
    plan: TrialPlan,
    progress: Progress,
    finish: Finish | None = None,
) -> Tried:
    """Scores of every fix as an arm of its own, of the untreated arm, and of the controls of arms that drop rows.

    For each outer fold the line from out-of-fold predictions to findings runs on its training part alone; each fix
    proposes its treatment from that, and the model is trained on the treated rows with the untreated arm's seed and
    settings, and scored on the outer fold as it was given.

    Args:
        bench: model and checks.
        world: all samples; scored rows are never changed.
        fixes: by id.
        plan: repeats, folds and seed.
        progress: told in hundredths of a repeat.
        finish: a model that trains on what was proposed, instead of the bench's; None for that one.

    Raises:
        DataError: there are too few different times for the folds.
    """
    return run_trial(bench, world, [Arm(name, {name: fix}) for name, fix in fixes.items()], plan, progress, finish)


@dataclass(frozen=True)
class Combined:
    """Fixes that go together, best first, and the scores of choosing them: the untreated arm and `COMBINATION`.

    There are no scores where a single fix is left.
    """

    fixes: tuple[str, ...]
    scores: tuple[FoldScore, ...] = ()


def combine_fixes(
    bench: Bench, world: World, arms: Sequence[Arm], helping: Sequence[str], plan: TrialPlan, progress: Progress
) -> Combined:
    """Of the arms that help those worth combining, and what choosing and combining gains where it could not peek.

    On all samples, arms are added greedily to the best one as long as that gains more than its standard error. What is
    measured is the whole procedure: for every outer fold a trial inside its training part chooses among all `arms`
    anew, and what it chose is scored on the outer fold.

    Args:
        bench: model and checks.
        world: all samples.
        arms: that were tried.
        helping: names of those that helped, best first; at least one.
        plan: of the trial.
        progress: told in hundredths of a repeat.

    Raises:
        DataError: there are too few different times for the folds.
    """
    chosen = grow(bench, world, {arm.name: arm for arm in arms}, helping, inner_plan(plan))
    if len(chosen) < 2:
        return Combined(chosen)
    return Combined(chosen, measured_combination(bench, world, arms, plan, progress))
