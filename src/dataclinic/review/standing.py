"""Standing: what the verdicts so far say of the suspects and of all labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from dataclinic.judgement import Estimate

Advice: TypeAlias = Literal["go on", "stop", "done"]
"""Go on; stop, since what comes next is mostly right; done, since every suspect has its verdict."""


@dataclass(frozen=True)
class Share:
    """A share of `of` samples with its exact 95 % interval, all in [0, 1]."""

    value: float
    low: float
    high: float
    of: int


@dataclass(frozen=True)
class Standing:
    """Counts of verdicts that stand, and what follows from them.

    `precision` is the share of wrong labels (relabelled or dropped) among the reviewed suspects without those that
    were ambiguous; `audit` the same of the random sample, so that it speaks for all labels. `errors_left` estimates how
    many undecided labels are wrong, `next_errors` how many of the next `next_count` of the queue. `pace_seconds` is the
    median time of a verdict. None where there is nothing to tell it from.
    """

    relabelled: int
    kept: int
    dropped: int
    ambiguous: int
    suspects_left: int
    precision: Share | None
    audit: Share | None
    audit_size: int
    errors_left: Estimate | None
    next_count: int
    next_errors: float | None
    pace_seconds: float | None
    reranked: int
    advice: Advice
