"""Limits: what a run may show at most, and how a run stands to each of them."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kept: TypeAlias = Literal["held", "broken", "unknown"]
"""How a run stands to a limit; unknown where the run cannot say."""

OPERATORS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
"""Longer ones first, so that `>=` is not read as `>`."""

LABEL_LISTS: Mapping[str, str] = {
    "label_errors": "samples whose label is flagged as wrong, without those that a person kept as they are",
    "suspects": "samples whose label the audit flagged, whatever people said since",
}
ESTIMATES: Mapping[str, str] = {
    "estimated_errors": "estimated number of wrong labels",
    "estimated_errors.low": "low end of its range",
    "estimated_errors.high": "high end of its range",
}
SHARES: Mapping[str, str] = {
    "accuracy": "share of the given labels that out-of-fold models predict",
    "balanced_accuracy": "its mean over the classes",
}
NUMBERS: Mapping[str, str] = {
    "failed_checks": "checks that could not finish",
    "skipped_checks": "checks that were left out",
    "imbalance_ratio": "samples of the largest class for one of the smallest",
    "samples": "labelled samples",
    "unlabelled": "samples without a label",
    "classes": "classes",
    "mae": "mean absolute error of a regression",
    "rmse": "root mean square error of a regression",
    "median_absolute_error": "median absolute error of a regression",
    "r2": "share of the variance that a regression explains",
}
NAMES: Mapping[str, str] = {**LABEL_LISTS, **ESTIMATES, **SHARES, **NUMBERS}
"""What a limit can be about besides the findings of checks, and what it means."""

OF_CHECKS = "checks."
"""Prefix that says that the name is a check: `checks.label_errors` is not `label_errors`."""


def limit_name(check: str) -> str:
    """Name under which a limit finds what the check found: its id, with a prefix where that means something else."""
    return f"{OF_CHECKS}{check}" if check in NAMES else check


@dataclass(frozen=True)
class Limit:
    """What is too much: `name` compared by `operator` with `bound`, a share of [0, 1] where it is a percentage.

    `text` is how it was written, in one spacing.
    """

    name: str
    operator: str
    bound: Fraction
    percent: bool
    text: str


@dataclass(frozen=True)
class Measured:
    """What a run shows under one name.

    `value` is a count, a share or a number, None where the run cannot say, and then `note` says why; else `note` is
    what one should know about it. `of` is how many samples a count is a part of, None where percentages mean nothing.
    """

    value: float | int | None
    of: int | None = None
    note: str = ""

    @property
    def share(self) -> float | None:
        """The value as part of `of`."""
        return None if self.value is None or not self.of else self.value / self.of

    def passes(self, limit: Limit) -> bool:
        """Whether the value is what `limit` says is too much; counts are compared without rounding."""
        assert self.value is not None  # noqa: S101 - the caller looked
        part: float | Fraction = self.value
        if limit.percent and self.of is not None:
            part = Fraction(self.value, self.of) if isinstance(self.value, int) else self.value / self.of
        # A share such as 0.7 is no decimal fraction: it is 70 % if the nearest float is the same.
        bound = limit.bound if isinstance(part, (int, Fraction)) else Fraction(float(limit.bound))
        return OPERATORS[limit.operator](Fraction(part), bound)


@dataclass(frozen=True)
class Judged:
    """A limit, what the run shows, and whether the limit is held."""

    limit: Limit
    measured: Measured
    kept: Kept
