"""A grid of settings that is no larger than what may be tried."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DIGITS = 4
"""Significant digits of a setting: no score depends on more, and a person can read it."""


def setting_grid(
    choices: Mapping[str, Sequence[Any]],
    steps: Mapping[str, Callable[[int], Sequence[Any]]],
    most: int,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """At most `most` combinations in random order, so that the first ones already lie all over the grid.

    Every interval gets the same number of steps: as many as fit, two at least; what is then too many is left out.

    Args:
        choices: values by name.
        steps: by name, what gives values from one end of an interval to the other for a number of steps.
        most: at least 1.
        rng: decides the order.
    """
    count = 2
    while _size(choices, steps, count) < _size(choices, steps, count + 1) <= most:
        count += 1
    values = {**choices, **{name: step(count) for name, step in steps.items()}}
    combined = [dict(zip(values, combination, strict=True)) for combination in product(*values.values())]
    return [combined[place] for place in rng.permutation(len(combined))[:most]]


def even_steps(low: float, high: float, count: int, *, log: bool) -> list[float]:
    """`count` ascending numbers from `low` to `high`, even in their logarithm where `log`; whole ones for two ints."""
    spaced = np.geomspace(low, high, count) if log else np.linspace(low, high, count)
    return list(dict.fromkeys(readable(value, low, high) for value in spaced.tolist()))


def readable(value: float, low: float, high: float) -> float:
    """`value` with DIGITS significant digits, still within `low` … `high`; a whole number for two ints."""
    if isinstance(low, int) and isinstance(high, int):
        return round(value)
    return min(max(float(f"{value:.{DIGITS}g}"), low), high)


def _size(choices: Mapping[str, Sequence[Any]], steps: Mapping[str, Callable[[int], Sequence[Any]]], count: int) -> int:
    return prod(len(values) for values in choices.values()) * prod(len(step(count)) for step in steps.values())
