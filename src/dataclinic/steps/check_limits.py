"""Hold what a run shows against limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataclinic.limits import Judged, Limit, Measured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def check_limits(limits: Sequence[Limit], measured: Mapping[str, Measured]) -> tuple[Judged, ...]:
    """Each limit with what was measured under its name.

    A limit is broken where the value is what the limit says is too much. It is unknown where there is no value, or
    where it is a percentage and the value is no part of anything.
    """
    return tuple(_judged(limit, measured[limit.name]) for limit in limits)


def _judged(limit: Limit, found: Measured) -> Judged:
    if found.value is None:
        return Judged(limit, found, "unknown")
    if limit.percent and found.of is None and found.value == 0:
        found = Measured(0, 1, found.note)  # no finding is no share of anything
    if limit.percent and not found.of:
        why = "it names classes, columns or groups, and is no share of the samples: write the number without %"
        return Judged(limit, Measured(None, note=why), "unknown")
    return Judged(limit, found, "broken" if found.passes(limit) else "held")
