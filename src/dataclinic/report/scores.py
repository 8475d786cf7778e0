"""Scores of two runs beside each other, and how much their difference says."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, Any

from dataclinic.report.suspects import finite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OF_CLASSES = {"accuracy": "mean", "balanced accuracy": "balanced", "log loss": "log_loss_nats"}
OF_NUMBERS = ("mae", "rmse", "median_absolute_error", "r2")


@dataclass(frozen=True)
class Score:
    """A score of either run on its own labels.

    `spread` is the standard deviation, over repeats, of the difference of two such scores; None where it is not known.
    """

    name: str
    before: float
    after: float
    spread: float | None = None

    @property
    def difference(self) -> float:
        return self.after - self.before

    @property
    def within_spread(self) -> bool:
        """Whether drawing other folds alone would explain the difference."""
        return self.spread is not None and abs(self.difference) <= self.spread


def scores_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Score, ...]:
    """Scores that both records (run.json) have."""
    return tuple(_scores(before, after))


def _scores(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Score]:
    first, second = before.get("accuracy") or {}, after.get("accuracy") or {}
    for name, key in OF_CLASSES.items():
        values = finite(first.get(key)), finite(second.get(key))
        if values[0] is not None and values[1] is not None:
            yield Score(name, values[0], values[1], _spread(first, second) if key == "mean" else None)
    first, second = before.get("errors") or {}, after.get("errors") or {}
    for key in OF_NUMBERS:
        values = finite(first.get(key)), finite(second.get(key))
        if values[0] is not None and values[1] is not None:
            yield Score(key, values[0], values[1])


def _spread(first: Mapping[str, Any], second: Mapping[str, Any]) -> float | None:
    """Of the difference of two means that are drawn apart; None where one was measured once."""
    spreads = [finite(entry.get("spread")) for entry in (first, second) if len(entry.get("per_repeat") or ()) > 1]
    if len(spreads) < 2 or spreads[0] is None or spreads[1] is None:
        return None
    return hypot(spreads[0], spreads[1])
