"""What a check says: findings with reasons, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataclinic.arrays import Mask


@dataclass(frozen=True)
class Finding:
    """One thing found.

    `row` is the sample's position in the dataset, or None where `subject` names a class or column instead.
    `score` orders the findings of one check, largest first. `reason` is one sentence with numbers.
    """

    check: str
    subject: str
    reason: str
    score: float
    row: int | None = None


@dataclass(frozen=True)
class Ran:
    """The check looked. `summary` is one sentence; `details` are JSON-ready numbers for report and tests.

    `files` maps a file name to JSON-ready content that the run directory keeps beside the report.
    """

    findings: tuple[Finding, ...]
    summary: str
    details: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DidNotApply:
    """There was nothing for this check to look at, and why."""

    reason: str


@dataclass(frozen=True)
class Skipped:
    """The user left the check out."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """The check could not finish; the audit went on and says so."""

    reason: str


Outcome: TypeAlias = Ran | DidNotApply | Skipped | Failed


@dataclass(frozen=True)
class CheckRecord:
    """How one check ended: `settings` is its repr, `accuses_label` whether its findings make a sample a suspect."""

    check: str
    outcome: Outcome
    seconds: float
    settings: str
    accuses_label: bool


def accused_rows(records: Iterable[CheckRecord], samples: int) -> Mask:
    """(samples,) whether a check that ran says that the given label is probably wrong."""
    accused = np.zeros(samples, bool)
    for record in records:
        if isinstance(record.outcome, Ran) and record.accuses_label:
            accused[[finding.row for finding in record.outcome.findings if finding.row is not None]] = True
    return accused


def told_share(share: float) -> str:
    """A share of [0, 1] as people read it: "97.3%"; what is not quite 0 or 1 does not read like it."""
    if 0 < share < 0.001:
        return "< 0.1%"
    return "> 99.9%" if 0.999 < share < 1 else f"{share:.1%}"
