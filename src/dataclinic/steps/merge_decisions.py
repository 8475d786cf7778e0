"""Join what two people decided on the same samples, and say how far they agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from dataclinic.methods.cohen_kappa import Kappa, cohen_kappa

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataclinic.edits import Decision

Disagreements: TypeAlias = Literal["leave-out", "ambiguous", "first", "second"]
"""What becomes of a sample on which they disagree: undecided, ambiguous, or as the one or the other says."""


@dataclass(frozen=True)
class DecidedTwice:
    """What either of two people decided on one sample."""

    first: Decision
    second: Decision

    @property
    def agree(self) -> bool:
        """Whether the sample ends up the same, however they got there."""
        return self.outcomes[0] == self.outcomes[1]

    @property
    def outcomes(self) -> tuple[tuple[str, str], tuple[str, str]]:
        given = self.first.given or self.second.given
        return _outcome(self.first, given), _outcome(self.second, given)


@dataclass(frozen=True)
class Merged:
    """`decisions` are the joint ones; `both` what both decided on, in the order of the first.

    `kappa` is over what samples end up as: each class, dropped and ambiguous are categories; None where undefined.
    """

    decisions: tuple[Decision, ...]
    both: tuple[DecidedTwice, ...]
    only_first: int
    only_second: int
    kappa: Kappa | None

    @property
    def disagreements(self) -> tuple[DecidedTwice, ...]:
        return tuple(pair for pair in self.both if not pair.agree)


def merge_decisions(
    first: Sequence[Decision], second: Sequence[Decision], disagreements: Disagreements = "leave-out"
) -> Merged:
    """The decisions of two people as one list: those of the first in their order, then what only the second decided on.

    Args:
        first: the last decision on each sample, as `standing_decisions` gives them. Those of the same id are of the
            same sample, unless their contents differ; then, and for samples that were renamed, those of the same
            content are, where just one on each side has it.
        second: those of the other person.
        disagreements: what becomes of samples on which they disagree.
    """
    partner = _partners(first, second)
    both = tuple(DecidedTwice(first[here], second[there]) for here, there in partner.items())
    twice = dict(zip(partner, both, strict=True))
    taken = set(partner.values())
    joined = [_resolved(twice[place], disagreements) if place in twice else mine for place, mine in enumerate(first)]
    joined += [theirs for place, theirs in enumerate(second) if place not in taken]
    return Merged(
        decisions=tuple(decision for decision in joined if decision is not None),
        both=both,
        only_first=len(first) - len(both),
        only_second=len(second) - len(both),
        kappa=_kappa(both),
    )


def _partners(first: Sequence[Decision], second: Sequence[Decision]) -> dict[int, int]:
    """For each place in `first` that of the decision in `second` on the same sample, in order."""
    place_of_id = {decision.id: place for place, decision in enumerate(second)}
    found = {
        here: place_of_id[mine.id]
        for here, mine in enumerate(first)
        if mine.id in place_of_id and _may_be_same(mine, second[place_of_id[mine.id]])
    }
    taken = set(found.values())
    mine, theirs = (
        _only_one(first, lambda place: place not in found),
        _only_one(second, lambda place: place not in taken),
    )
    found |= {mine[content]: theirs[content] for content in mine.keys() & theirs.keys()}
    return dict(sorted(found.items()))


def _may_be_same(mine: Decision, theirs: Decision) -> bool:
    return not mine.content or not theirs.content or mine.content == theirs.content


def _only_one(decisions: Sequence[Decision], left: Callable[[int], bool]) -> dict[str, int]:
    """By content the place of the one decision that is left and has it."""
    places = [place for place, decision in enumerate(decisions) if decision.content and left(place)]
    counts = Counter(decisions[place].content for place in places)
    return {decisions[place].content: place for place in places if counts[decisions[place].content] == 1}


def _resolved(pair: DecidedTwice, disagreements: Disagreements) -> Decision | None:
    choices: dict[Disagreements, Decision | None] = {
        "leave-out": None,
        "ambiguous": replace(
            pair.first,
            verdict="ambiguous",
            label=None,
            time=max(pair.first.time, pair.second.time),
            reviewer=", ".join(filter(None, (pair.first.reviewer, pair.second.reviewer))),
        ),
        "first": pair.first,
        "second": pair.second,
    }
    return pair.first if pair.agree else choices[disagreements]


def _outcome(decision: Decision, given: str) -> tuple[str, str]:
    """What the sample ends up as: a label, or what else; a class may be called "drop"."""
    if decision.verdict == "relabel":
        return "label", decision.label or ""
    return ("label", given) if decision.verdict == "keep" else (decision.verdict, "")


def _kappa(both: Sequence[DecidedTwice]) -> Kappa | None:
    outcomes = [pair.outcomes for pair in both]
    number = {outcome: code for code, outcome in enumerate(dict.fromkeys(one for pair in outcomes for one in pair))}
    codes = np.array([[number[one] for one in pair] for pair in outcomes], np.int64).reshape(-1, 2)
    return cohen_kappa(codes[:, 0], codes[:, 1])
