"""Fixes on the whole data: what each would do to all usable samples, for telling and for carrying it out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.hidden_gain import hidden_share
from dataclinic.seeding import seed_for
from dataclinic.steps.try_fixes import Arm
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.arrays import Rows
    from dataclinic.evidence import Evidence
    from dataclinic.fixes import Fix, TrainingPart
    from dataclinic.steps.try_fixes import Bench, World


@dataclass(frozen=True)
class Whole:
    """All usable samples as one training part, with what the audit's models say of them; `fixes` are by id."""

    bench: Bench
    world: World
    evidence: Evidence
    fixes: Mapping[str, Fix]
    seed: int

    @cached_property
    def rows(self) -> Rows:
        """Positions of the part's samples among all."""
        return np.flatnonzero(self.world.usable)

    @cached_property
    def part(self) -> TrainingPart:
        arms = [Arm.of({name: fix}) for name, fix in self.fixes.items()]
        seed = seed_for(self.seed, "propose", "whole")
        return self.bench.part(self.world, self.rows, self.evidence.take(self.rows), arms, seed)

    @cached_property
    def alone(self) -> Mapping[str, Treatment]:
        """By id what each fix that has something to do would do."""
        made = {name: self.bench.propose(Arm.of({name: fix}), self.part) for name, fix in self.fixes.items()}
        return {name: proposal for name, proposal in made.items() if isinstance(proposal, Treatment)}

    def together(self, names: tuple[str, ...]) -> Treatment | None:
        """What several fixes would do, one after another; None where they have nothing to do."""
        if len(names) == 1:
            return self.alone.get(names[0])
        proposal = self.bench.propose(Arm.of({name: self.fixes[name] for name in names}), self.part)
        return proposal if isinstance(proposal, Treatment) else None

    def told(self, *names: str) -> str | None:
        """In words what fixes would do."""
        treatment = self.together(names)
        return None if treatment is None else treatment.told

    def noise(self, listens: frozenset[str]) -> dict[str, float] | None:
        """Share of labels that look wrong to the checks `listens`, and of a gain that they hide; None for numbers."""
        out_of_fold = self.part.evidence.out_of_fold
        if out_of_fold is None:
            return None
        share = int(self.part.heard(listens).suspects.sum()) / max(1, int(out_of_fold.judged.sum()))
        return {"share": share, "hidden_share": hidden_share(share, len(self.part.classes))}
