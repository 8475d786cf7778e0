"""A forest plot: each arm's gain with its interval on one scale, as places from left to right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain
from statistics import median
from typing import TYPE_CHECKING

from dataclinic.report.gains import (
    MINUS,
    UNIT_TITLES,
    combined_title,
    fix_title,
    gain_kind,
    interval,
    signed,
)
from dataclinic.report.headline import worth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.report.trials import Trials, TriedArm
    from dataclinic.trials import Verdict

WIDTH = 100.0
"""From the left to the right edge: places are percentages, so that the plot is as wide as its room."""

MARGIN_SHARE = 0.03
"""Of the scale, left free at both ends."""

MOST_STRETCH = 8.0
"""Bounds farther out than this many times the median one are cut, or one wide interval would squeeze the others."""

TICKS = 8
"""As many at most, about."""

MOST_ROWS = 60
"""Arms that are drawn and listed: more do not fit on a page."""


@dataclass(frozen=True)
class Bar:
    """An interval, from `low` to `high`; `cut_low` and `cut_high` say that it goes on beyond the edge."""

    low: float
    high: float
    cut_low: bool
    cut_high: bool


@dataclass(frozen=True)
class ForestRow:
    """An arm: its gain, drawn at `place`, its interval, and that of dropping as many at random where there is one.

    `gain` and `interval` are texts without a unit. `outside` says that something lies beyond the edges.
    """

    title: str
    gain: str
    interval: str
    verdict: Verdict
    place: float
    outside: bool
    bar: Bar | None
    control: Bar | None


@dataclass(frozen=True)
class Tick:
    """A number under the scale."""

    place: float
    text: str


@dataclass(frozen=True)
class ForestPlot:
    """Rows from the best gain to the worst; `combination` stands apart below. `cut`: something lies outside."""

    rows: tuple[ForestRow, ...]
    combination: ForestRow | None
    cut: bool
    zero: float
    ticks: tuple[Tick, ...]
    axis: str
    told: str


def forest_plot(trials: Trials) -> ForestPlot | None:
    """The gains in the metric of the verdicts; None where no arm was measured."""
    arms = trials.tried[:MOST_ROWS]
    if not arms:
        return None
    combined = trials.combined
    scale = _Scale.over([*arms, combined] if combined else arms)
    unit = arms[0].measured.unit
    rows = tuple(_row(fix_title(arm.arm), arm, scale) for arm in arms)
    last = _row(combined_title(combined), combined, scale) if combined else None
    return ForestPlot(
        rows=rows,
        combination=last,
        cut=any(row.outside for row in (*rows, last) if row),
        zero=scale.place(0.0),
        ticks=scale.ticks(),
        axis=f"{gain_kind(trials.metric)}, {UNIT_TITLES[unit]}".capitalize(),
        told=f"Plot of the gain of each fix with its interval, best first. {worth(trials).told} "
        "All numbers are in the table below.",
    )


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    @classmethod
    def over(cls, arms: Sequence[TriedArm]) -> _Scale:
        """Zero, every gain and every bound, but for those far out; gains of arms that do not hurt are never cut."""
        bounds = [bound for arm in arms for found in _intervals(arm) for bound in found]
        gains = [arm.measured.gain for arm in arms]
        kept = [abs(arm.measured.gain) for arm in arms if arm.measured.verdict != "hurts"]
        reach = max(MOST_STRETCH * median(map(abs, bounds)), *kept) if bounds else math.inf
        low, high = max(min(0.0, *gains, *bounds), -reach), min(max(0.0, *gains, *bounds), reach)
        room = MARGIN_SHARE * (high - low) or 1.0
        return cls(low - room, high + room)

    def place(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(WIDTH * min(max(share, 0.0), 1.0), 2)

    def ticks(self) -> tuple[Tick, ...]:
        """At multiples of 1, 2 or 5 times a power of ten; zero is one of them."""
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        digits = max(0, -math.floor(math.log10(step)))
        return tuple(
            Tick(self.place(at * step), f"{_sign(at)}{abs(at * step):,.{digits}f}") for at in range(first, last + 1)
        )


def _sign(value: float) -> str:
    return "+" if value > 0 else MINUS if value < 0 else ""


def _intervals(arm: TriedArm) -> tuple[tuple[float, float], ...]:
    return tuple(found for found in (arm.measured.interval, arm.control_interval) if found)


def _row(title: str, arm: TriedArm, scale: _Scale) -> ForestRow:
    measured = arm.measured
    return ForestRow(
        title=title,
        gain=signed(measured.gain, measured.unit),
        interval=interval(measured.interval, measured.unit),
        verdict=measured.verdict,
        place=scale.place(measured.gain),
        outside=any(not scale.low <= value <= scale.high for value in (measured.gain, *chain(*_intervals(arm)))),
        bar=_bar(measured.interval, scale),
        control=_bar(arm.control_interval, scale),
    )


def _bar(bounds: tuple[float, float] | None, scale: _Scale) -> Bar | None:
    if bounds is None:
        return None
    low, high = bounds
    return Bar(scale.place(low), scale.place(high), low < scale.low, high > scale.high)
