"""What the fixes are worth, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataclinic.report.gains import VERDICT_MARKS, amount, figures, fix_title
from dataclinic.report.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.report.trials import MetricGain, Trials, TriedArm

MOST_OF_AN_ARM = 120
"""Characters of what an arm did, inside a sentence."""

MUCH = 4
"""Smallest measurable gains of arms are told apart where the largest is more than so many times the smallest."""

MOST_THAT_HELP = 2
"""Arms in the headline, beside the worst one."""


@dataclass(frozen=True)
class Claim:
    """An arm in words, and what it gained."""

    arm: str
    measured: MetricGain

    def told(self, *, first: bool) -> str:
        """It in a line; the first of several says what the interval is.

        "relabel 212 of 16,000 labels: +1.8 pp (95 % interval +1.1 to +2.5), helps".
        """
        return f"{self.arm}: {figures(self.measured, first=first)}, {self.measured.verdict}"


@dataclass(frozen=True)
class Worth:
    """What the fixes are worth by one kind of label.

    `nothing` says that none helps, and which gain would have shown; "" where one does. `claims` are of the best arms
    that help, at most MOST_THAT_HELP, and of the worst of the others; where none helps, of the worst that hurts.
    """

    nothing: str
    claims: tuple[Claim, ...]

    @property
    def helps(self) -> bool:
        return not self.nothing

    @property
    def told(self) -> str:
        """All of it in a line."""
        claims = " · ".join(claim.told(first=place == 0) for place, claim in enumerate(self.claims))
        return f"{self.nothing} {claims[:1].upper()}{claims[1:]}".strip() if self.nothing else claims


def worth(trials: Trials) -> Worth:
    """By the labels as given."""
    found = [Claim(arm_words(arm, trials.tried), arm.measured) for arm in trials.tried]
    trusted = worth_trusted(trials)
    return _worth(
        found, "No fix measurably helps on " + ("the labels as given" if trusted and trusted.helps else "this data")
    )


def worth_trusted(trials: Trials) -> Worth | None:
    """By labels that people verified; None where there are none."""
    gains = [(arm, arm.trusted_gain) for arm in trials.tried]
    found = [Claim(arm_words(arm, trials.tried), gain) for arm, gain in gains if gain is not None]
    if trials.trusted is None or not found:
        return None
    return _worth(sorted(found, key=lambda claim: -claim.measured.gain), "No fix measurably helps")


def arm_words(arm: TriedArm, among: Sequence[TriedArm]) -> str:
    """What an arm did, with numbers, where that tells it from the other arms; else its name."""
    title = fix_title(arm.arm)
    told = (arm.told or "").strip()
    alike = sum(other.told == arm.told for other in among)
    named = told.lower().split()[:1] == title.lower().split()[:1]
    return shorten(told if named and alike == 1 else title, MOST_OF_AN_ARM)


def tally(trials: Trials) -> str:
    """10 fixes tried: 2 help, 7 have no measurable effect, 1 hurts."""
    helps, none, hurts = (len(trials.having(verdict)) for verdict in VERDICT_MARKS)
    parts = [
        f"{helps} {'helps' if helps == 1 else 'help'}" if helps else "",
        f"{none} {'has' if none == 1 else 'have'} no measurable effect" if none else "",
        f"{hurts} {'hurts' if hurts == 1 else 'hurt'}" if hurts else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"{plural(len(trials.tried), 'fix', 'fixes')} tried{f': {told}' if told else ''}"


def _worth(found: Sequence[Claim], none_helps: str) -> Worth:
    """Of arms with the best gain first."""
    if not found:
        return Worth("No fix could be tried on this data.", ())
    helping = [claim for claim in found if claim.measured.verdict == "helps"]
    if helping:
        rest = [claim for claim in found if claim.measured.verdict != "helps"]
        return Worth("", (*helping[:MOST_THAT_HELP], *rest[-1:]))
    hurting = [claim for claim in found if claim.measured.verdict == "hurts"]
    return Worth(f"{none_helps}{_least(found)}.", tuple(hurting[-1:]))


def _least(found: Sequence[Claim]) -> str:
    """The gain that any arm without effect would have shown; where arms differ much in it, from which to which."""
    gains = [claim.measured for claim in found if claim.measured.verdict == "no measurable effect"]
    known = [gain.smallest_measurable for gain in gains if gain.smallest_measurable is not None]
    if not known:
        return ""
    least, most = amount(min(known), gains[0].unit), amount(max(known), gains[0].unit)
    if max(known) <= MUCH * min(known):
        return f"; gains of at least {most} would have shown"
    return f"; gains of at least {least} to {most}, depending on the fix, would have shown"
