"""Arms of a trial: what each makes of a training part, controls included, and the fit job that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dataclinic.findings import DidNotApply, Failed
from dataclinic.fixes import TrainingPart
from dataclinic.seeding import rng_for, seed_for
from dataclinic.steps.try_fixes.compound import apply_in_turn
from dataclinic.treatments import Treatment
from dataclinic.trials import UNTREATED, Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dataclinic.evidence import Evidence
    from dataclinic.findings import CheckRecord
    from dataclinic.fixes import Fix
    from dataclinic.steps.try_fixes.outer import Outer
    from dataclinic.steps.try_fixes.world import Learner, World

CONTROL_PREFIX = "at random: "
"""Before the name of an arm that drops rows: the arm that drops as many, drawn at random."""

UNCHANGED = Changes()

Examine: TypeAlias = "Callable[[Evidence, frozenset[str]], tuple[CheckRecord, ...]]"
"""Runs the checks of these ids on evidence."""

Proposal: TypeAlias = Treatment | DidNotApply | Failed


@dataclass(frozen=True)
class Arm:
    """Fixes that are applied together; `name` is the fix's id where there is one."""

    name: str
    fixes: Mapping[str, Fix]

    @classmethod
    def of(cls, fixes: Mapping[str, Fix]) -> Arm:
        return cls(" + ".join(fixes), fixes)

    @property
    def listens(self) -> frozenset[str]:
        return frozenset[str]().union(*(fix.listens for fix in self.fixes.values()))


@dataclass(frozen=True)
class Bench:
    """What every part of a trial is worked on with."""

    learner: Learner
    examine: Examine
    faults: tuple[type[Exception], ...]
    """What broken data makes third-party numerics raise: a fix that raises it has failed, and the trial goes on."""

    def part(self, world: World, rows: np.ndarray, evidence: Evidence, arms: Sequence[Arm], seed: int) -> TrainingPart:
        """All that the fixes of `arms` may look at, of the samples at `rows`."""
        listens = frozenset[str]().union(*(arm.listens for arm in arms))
        return TrainingPart(
            evidence,
            world.features.take(rows),
            self.examine(evidence, listens) if listens else (),
            self.learner.id,
            self.learner.honours,
            seed,
            None if world.trusted is None else world.trusted[rows],
        )

    def propose(self, arm: Arm, part: TrainingPart) -> Proposal:
        """What an arm makes of a part."""
        if all(part.evidence.dataset.task not in fix.tasks for fix in arm.fixes.values()):
            return DidNotApply(f"not for {part.evidence.dataset.task}")
        try:
            if len(arm.fixes) > 1:
                return apply_in_turn(tuple(arm.fixes.values()), part)
            (fix,) = arm.fixes.values()
            return self._if_new(fix.propose(part.heard(fix.listens)))
        except self.faults as error:
            return Failed(f"{type(error).__name__}: {error}")

    def _if_new(self, proposal: Treatment | DidNotApply) -> Treatment | DidNotApply:
        """The proposal, unless it only asks the model to train as it does anyway."""
        if isinstance(proposal, DidNotApply) or not (asked := proposal.recipe.asked()):
            return proposal
        if any(getattr(self.learner.model, name, None) != value for name, value in asked.items()):
            return proposal
        told = ", ".join(f"{name}={value!r}" for name, value in asked.items())
        return DidNotApply(f"{self.learner.id} already trains with {told}")


@dataclass(frozen=True)
class Proposed:
    """What an arm makes of a training part, and how many of its rows that changes."""

    proposal: Proposal
    changes: Changes = UNCHANGED


def proposals(bench: Bench, world: World, outer: Outer, arms: Sequence[Arm], seed: int) -> dict[str, Proposed]:
    """What each arm makes of the training part of an outer fold, and the controls of those that drop rows."""
    own = seed_for(seed, "propose", outer.repeat, outer.fold)
    part = bench.part(world, outer.train_rows, outer.evidence, arms, own)
    made = {UNTREATED: Proposed(untreated(part))}
    for arm in arms:
        proposal = bench.propose(arm, part)
        if not isinstance(proposal, Treatment):
            made[arm.name] = Proposed(proposal)
            continue
        changed = changes(part, proposal)
        made[arm.name] = Proposed(proposal, changed)
        if changed.dropped:
            control = _at_random(part, changed.dropped, seed_for(own, "control", arm.name))
            made[CONTROL_PREFIX + arm.name] = Proposed(control, Changes(dropped=changed.dropped))
    return made


def untreated(part: TrainingPart) -> Treatment:
    return Treatment(part.rows, part.given, "as given")


def changes(part: TrainingPart, treatment: Treatment) -> Changes:
    """How many rows of the part a treatment changes."""
    kept, copies = np.unique(treatment.rows, return_counts=True)
    added = int((copies - 1).sum()) + (0 if treatment.synthetic is None else len(treatment.synthetic.labels))
    return Changes(
        dropped=len(part) - len(kept),
        relabelled=int((np.asarray(treatment.labels) != part.given[treatment.rows]).sum()),
        added=added,
        reweighted=0 if treatment.weights is None else int((treatment.weights != 1).sum()),
    )


def _at_random(part: TrainingPart, dropped: int, seed: int) -> Treatment:
    rng = rng_for(seed, "drop at random")
    kept = np.sort(rng.permutation(len(part))[dropped:])
    return replace(untreated(part), rows=kept, labels=part.given[kept], told=f"drop {dropped:,} at random")
