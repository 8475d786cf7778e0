"""One trial: repeats × outer folds, every arm on each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dataclinic.features import Embeddings
from dataclinic.findings import DidNotApply, Failed
from dataclinic.steps.try_fixes.arms import CONTROL_PREFIX, Proposed, proposals
from dataclinic.steps.try_fixes.fitting import Planned, score_arms
from dataclinic.steps.try_fixes.outer import outer_folds
from dataclinic.treatments import Treatment
from dataclinic.trials import UNTREATED, FoldScore

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dataclinic.features import Features
    from dataclinic.progress import Progress
    from dataclinic.steps.try_fixes.arms import Arm, Bench
    from dataclinic.steps.try_fixes.outer import Outer
    from dataclinic.steps.try_fixes.world import Learner, World
    from dataclinic.trials import TrialPlan

STEP = "try fixes"


@dataclass(frozen=True)
class Tried:
    """What a trial gave: the scores of every arm that was trained, and why the others were not.

    `controls` maps an arm to the name of its control. `declined` holds arms that no outer fold had a use for, and those
    that failed on one.
    """

    scores: tuple[FoldScore, ...]
    controls: Mapping[str, str]
    declined: Mapping[str, DidNotApply | Failed]

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of all arms but the untreated one and the controls."""
        others = {UNTREATED, *self.controls.values()}
        return (*dict.fromkeys(score.arm for score in self.scores if score.arm not in others), *self.declined)

    def only(self, arms: Collection[str]) -> Tried:
        """These arms with their controls, and the untreated one."""
        controls = {arm: control for arm, control in self.controls.items() if arm in arms}
        kept = {UNTREATED, *arms, *controls.values()}
        declined = {arm: why for arm, why in self.declined.items() if arm in arms}
        return Tried(tuple(score for score in self.scores if score.arm in kept), controls, declined)

    def joined(self, later: Tried) -> Tried:
        """These arms and those of `later`, which are others: trials of one plan on one world."""
        kept = tuple(score for score in self.scores if score.arm != UNTREATED)
        controls = {**self.controls, **later.controls}
        return Tried((*later.scores, *kept), controls, {**self.declined, **later.declined})


@dataclass(frozen=True)
class Finish:
    """Another model, with features of its own for the same samples, that trains on what was proposed."""

    learner: Learner
    features: Features

    def refuses(self, treatment: Treatment) -> str | None:
        """Why it cannot train on a treatment, if so."""
        if treatment.synthetic is not None and not _alike(treatment.synthetic.features, self.features):
            return f"{self.learner.id} does not train on the features that the added rows are of"
        if ignored := sorted(treatment.recipe.asked().keys() - self.learner.honours):
            return f"{self.learner.id} does not follow {', '.join(ignored)}"
        return None


def run_trial(
    bench: Bench, world: World, arms: Sequence[Arm], plan: TrialPlan, progress: Progress, finish: Finish | None = None
) -> Tried:
    """Scores of all arms on the outer folds of all repeats; by another model than the bench's where `finish` says so.

    An arm that some training part gives nothing to do is there the untreated arm; one that fails on any part is not
    scored at all, since what is left of it would be a choice of folds.

    Raises:
        DataError: there are too few different times for the folds.
    """
    learner = bench.learner if finish is None else finish.learner
    scored = world if finish is None else replace(world, features=finish.features)
    scores: list[FoldScore] = []
    every: list[Mapping[str, Proposed]] = []
    for repeat in range(plan.repeats):
        told = Told(progress, repeat, plan.repeats)
        outers = outer_folds(world, bench.learner, plan, repeat, told.inner)
        made = [_finished(proposals(bench, world, outer, arms, plan.seed), finish) for outer in outers]
        every += made
        planned = [entry for outer, some in zip(outers, made, strict=True) for entry in _planned(outer, some)]
        scores += score_arms(scored, learner, planned, plan.seed, told.arms)
    declined = _declined(arms, every)
    kept = [arm.name for arm in arms if arm.name not in declined]
    controls = {arm: CONTROL_PREFIX + arm for arm in kept if any(CONTROL_PREFIX + arm in made for made in every)}
    return Tried(_filled(scores, [*kept, *controls.values()]), controls, declined)


def _alike(one: Features, other: Features) -> bool:
    """Whether samples of one can stand behind those of the other."""
    if isinstance(one, Embeddings) and isinstance(other, Embeddings):
        return bool(one.matrix.shape[1] == other.matrix.shape[1])
    return type(one) is type(other)


def _finished(made: dict[str, Proposed], finish: Finish | None) -> dict[str, Proposed]:
    """Without the treatments that the finishing model cannot train on."""
    if finish is None:
        return made
    kept: dict[str, Proposed] = {}
    for arm, entry in made.items():
        why = finish.refuses(entry.proposal) if isinstance(entry.proposal, Treatment) else None
        kept[arm] = entry if why is None else Proposed(DidNotApply(why))
    return kept


@dataclass(frozen=True)
class Told:
    """Progress of one repeat, as hundredths of it: a third for the inner fits, the rest for the arms."""

    progress: Progress
    repeat: int
    repeats: int

    def inner(self, _step: str, done: int, total: int) -> None:
        self._tell(33 * done // max(1, total))

    def arms(self, _step: str, done: int, total: int) -> None:
        self._tell(33 + 67 * done // max(1, total))

    def _tell(self, hundredths: int) -> None:
        self.progress(STEP, 100 * self.repeat + hundredths, 100 * self.repeats)


def _planned(outer: Outer, made: Mapping[str, Proposed]) -> list[Planned]:
    return [
        Planned(arm, outer, entry.proposal, entry.changes)
        for arm, entry in made.items()
        if isinstance(entry.proposal, Treatment)
    ]


def _declined(arms: Sequence[Arm], every: Sequence[Mapping[str, Proposed]]) -> dict[str, DidNotApply | Failed]:
    """Arms that failed on a part, or found nothing to do on any of them, with the first reason."""
    declined: dict[str, DidNotApply | Failed] = {}
    for arm in arms:
        said = [made[arm.name].proposal for made in every]
        failures = [proposal for proposal in said if isinstance(proposal, Failed)]
        idle = [proposal for proposal in said if isinstance(proposal, DidNotApply)]
        if failures:
            declined[arm.name] = failures[0]
        elif len(idle) == len(said):
            declined[arm.name] = idle[0] if idle else DidNotApply("there is no outer fold to try it on")
    return declined


def _filled(scores: Sequence[FoldScore], arms: Sequence[str]) -> tuple[FoldScore, ...]:
    """Scores of the untreated arm and of `arms`; where an arm had nothing to do it did as the untreated one."""
    known = {(score.arm, score.repeat, score.fold): score for score in scores}
    plain = [score for score in scores if score.arm == UNTREATED]
    return tuple(
        known.get((arm, score.repeat, score.fold)) or replace(score, arm=arm)
        for arm in (UNTREATED, *arms)
        for score in plain
    )
