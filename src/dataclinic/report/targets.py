"""Given numbers beside predicted ones: how far off the models are, and a picture of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.report.suspects import finite

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

MOST_POINTS = 1500
"""Dots of each kind: more hide each other, and the page grows."""

SIDE = 400.0
"""Of the picture, in its own unit."""

MARGIN_SHARE = 0.04
"""Of the range of the numbers, left free around them."""


@dataclass(frozen=True)
class Errors:
    """How far out-of-fold predictions lie from the given numbers, in their unit; None where it is not finite.

    `r2` is the share of the variance that the models explain.
    """

    mae: float | None
    rmse: float | None
    r2: float | None
    median_absolute_error: float | None


@dataclass(frozen=True)
class TargetErrors:
    """Errors of the models, and of always saying the median; `mae_per_repeat` as many as judged samples."""

    models: Errors
    of_median: Errors
    mae_per_repeat: tuple[float, ...]
    folds: int | None


@dataclass(frozen=True)
class Point:
    """One sample, 0 … SIDE from the left and from the top; `edge` says that it lies outside and was moved in."""

    x: float
    y: float
    edge: bool
    title: str = ""


@dataclass(frozen=True)
class TargetPlot:
    """Given numbers from left to right against predicted ones from below, on one scale from `low` to `high`."""

    low: float
    high: float
    others: tuple[Point, ...]
    suspects: tuple[Point, ...]
    drawn: int
    outside: int


def target_errors(entry: Mapping[str, Any] | None) -> TargetErrors | None:
    """What run.json holds under "errors"; None where no model was trained."""
    if entry is None:
        return None
    return TargetErrors(
        models=_errors(entry),
        of_median=_errors(entry["of_median"]),
        mae_per_repeat=tuple(float(value) for value in entry.get("mae_per_repeat") or ()),
        folds=entry.get("folds"),
    )


def target_plot(ranking: pd.DataFrame) -> TargetPlot | None:
    """Every suspect and evenly picked other samples, most suspect first; None where nothing was judged.

    The scale is that of the predictions and of the numbers that are not doubted, so that a wrong decimal point does
    not squeeze all others into a corner.
    """
    known = ranking[np.isfinite(ranking["prediction"]) & np.isfinite(ranking["target"])].sort_values("rank")
    if known.empty:
        return None
    flagged = known["flagged"].to_numpy(bool)
    calm = known.loc[~flagged, "target"]
    numbers = np.concatenate([known["prediction"].to_numpy(np.float64), calm.to_numpy(np.float64)])
    low, high = float(numbers.min()), float(numbers.max())
    room = MARGIN_SHARE * (high - low) or abs(high) or 1.0
    low, high = low - room, high + room
    if not np.isfinite(high - low):
        return None
    suspects, others = _picked(known[flagged]), _picked(known[~flagged])
    points = _points(suspects, low, high, named=True)
    return TargetPlot(
        low=low,
        high=high,
        others=_points(others, low, high, named=False),
        suspects=points,
        drawn=len(suspects) + len(others),
        outside=sum(point.edge for point in points),
    )


def _errors(entry: Mapping[str, Any]) -> Errors:
    return Errors(
        mae=finite(entry["mae"]),
        rmse=finite(entry["rmse"]),
        r2=finite(entry["r2"]),
        median_absolute_error=finite(entry["median_absolute_error"]),
    )


def _picked(frame: pd.DataFrame) -> pd.DataFrame:
    if len(frame) <= MOST_POINTS:
        return frame
    return frame.iloc[np.linspace(0, len(frame) - 1, MOST_POINTS).astype(np.int64)]


def _points(frame: pd.DataFrame, low: float, high: float, *, named: bool) -> tuple[Point, ...]:
    x, y = (_place(frame[name].to_numpy(np.float64), low, high) for name in ("target", "prediction"))
    edge = (frame["target"] < low) | (frame["target"] > high)
    titles = frame["id"] if named else [""] * len(frame)
    return tuple(
        Point(round(float(right), 1), round(SIDE - float(up), 1), bool(outside), str(title))
        for right, up, outside, title in zip(x, y, edge, titles, strict=True)
    )


def _place(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    return SIDE * np.clip((values - low) / (high - low), 0.0, 1.0)
