"""Training curves: loss and accuracy by epoch of every fit that judged samples, drawn as lines that need no script."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from dataclinic.rundir import RunDir

FILE = "training.parquet"
FIT = ["model", "repeat", "fold"]
COLUMNS = (*FIT, "epoch", "loss_nats", "accuracy")

WIDTH, HEIGHT = 400, 220
"""Of the plotting area, in its own units."""

MOST_MODELS = 4
MOST_FITS = 20
"""Thin lines of a model; the mean is of all its fits."""

MOST_POINTS = 60
"""Of a line."""

KINDS = (("", "train"), ("inner_", "inner"), ("score_", "scored"))
"""Prefixes of the columns, and what the line is of: training rows, inner validation, rows that were held out."""

MOST_OF_FITS = 0.5
"""The mean goes on while so large a share of the fits does: after that it would jump with each that ends."""

STEPS = 4
"""About so many of an axis."""


@dataclass(frozen=True)
class Line:
    """`points` as SVG writes them; `kind` is "train", "inner" or "scored", and `mean` is whether it is of all fits."""

    kind: str
    mean: bool
    points: str


@dataclass(frozen=True)
class Tick:
    place: float
    text: str


@dataclass(frozen=True)
class Chart:
    """One measure by epoch; `kept` are the places of the epochs whose weights were kept, `told` is it in words."""

    title: str
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    kept: tuple[tuple[float, float], ...]
    told: str


@dataclass(frozen=True)
class Kept:
    """Epochs whose weights were kept, over all fits that stop by an inner validation: least, median, most."""

    least: int
    median: int
    most: int


@dataclass(frozen=True)
class Curves:
    """Of one model; `drawn` of its `fits` are thin lines. `kept` is None where the last epoch's weights are used."""

    model: str
    fits: int
    drawn: int
    epochs: int
    kept: Kept | None
    charts: tuple[Chart, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What its lines are of, each once."""
        return tuple(dict.fromkeys(line.kind for chart in self.charts for line in chart.lines))


def read_curves(run: RunDir) -> tuple[Curves, ...]:
    """Those of each model that trains in epochs; none where none does.

    Raises:
        RunError: training.parquet is broken.
    """
    if not (run.path / FILE).is_file():
        return ()
    history = run.read_table(FILE, COLUMNS)
    models = list(dict.fromkeys(history["model"]))[:MOST_MODELS]
    return tuple(_curves(str(model), history[history["model"] == model]) for model in models)


def _curves(model: str, history: pd.DataFrame) -> Curves:
    fits = [one.sort_values("epoch") for _, one in history.groupby(FIT, sort=False)]
    epochs = int(history["epoch"].max())
    best = _best_epochs(fits)
    titles = (("loss_nats", "Loss, nats"), ("accuracy", "Accuracy"))
    charts = [_chart(measure, title, fits, epochs, best) for measure, title in titles]
    return Curves(
        model=model,
        fits=len(fits),
        drawn=min(len(fits), MOST_FITS),
        epochs=epochs,
        kept=Kept(min(best.values()), int(np.median(list(best.values()))), max(best.values())) if best else None,
        charts=tuple(chart for chart in charts if chart.lines),
    )


def _best_epochs(fits: Sequence[pd.DataFrame]) -> dict[int, int]:
    """By place of the fit the epoch of its least inner loss, whose weights training keeps."""
    best = {}
    for place, fit in enumerate(fits):
        if "inner_loss_nats" in fit and fit["inner_loss_nats"].notna().any():
            best[place] = int(fit["epoch"].iloc[int(np.nanargmin(fit["inner_loss_nats"].to_numpy(np.float64)))])
    return best


def _chart(measure: str, title: str, fits: Sequence[pd.DataFrame], epochs: int, best: dict[int, int]) -> Chart:
    tables = {kind: _by_epoch(fits, prefix + measure, epochs) for prefix, kind in KINDS}
    known = {kind: table for kind, table in tables.items() if np.isfinite(table).any()}
    scale = _Scale.of(known.values(), epochs, of_shares=measure == "accuracy")
    means = {kind: _mean(table) for kind, table in known.items()}
    thin = [Line(kind, False, scale.points(fit)) for kind, table in known.items() for fit in table[:MOST_FITS]]
    thick = [Line(kind, True, scale.points(mean)) for kind, mean in means.items()]
    inner = known.get("inner")
    marks = [] if inner is None else [(epoch, inner[fit, epoch - 1]) for fit, epoch in best.items() if fit < MOST_FITS]
    return Chart(
        title=title,
        lines=tuple(line for line in (*thin, *thick) if line.points),
        x_ticks=scale.x_ticks(),
        y_ticks=scale.y_ticks(),
        kept=tuple((scale.x(epoch), scale.y(value)) for epoch, value in marks if np.isfinite(value)),
        told=_told(title, means),
    )


def _by_epoch(fits: Sequence[pd.DataFrame], column: str, epochs: int) -> NDArray[np.float64]:
    """(fits, epochs) values, NaN where there is none."""
    table = np.full((len(fits), epochs), np.nan)
    for place, fit in enumerate(fits):
        if column in fit:
            table[place, fit["epoch"].to_numpy(np.int64) - 1] = fit[column].to_numpy(np.float64)
    table[~np.isfinite(table)] = np.nan
    return table


def _mean(table: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = np.isfinite(table).sum(axis=0)
    sums = np.nansum(table, axis=0)
    enough = counts >= max(1, MOST_OF_FITS * counts.max(initial=1))
    return np.where(enough, sums / np.maximum(counts, 1), np.nan)


@dataclass(frozen=True)
class _Scale:
    """From epochs and values to places in the drawing."""

    epochs: int
    low: float
    high: float
    step: float
    of_shares: bool

    @classmethod
    def of(cls, tables: Iterable[NDArray[np.float64]], epochs: int, *, of_shares: bool) -> _Scale:
        values = np.concatenate([table[np.isfinite(table)] for table in tables] or [np.zeros(1)])
        low, high = float(values.min()), float(values.max())
        low = low if of_shares else 0.0
        step = _round_step((high - low) or 1.0)
        bottom = math.floor(low / step + 1e-9) * step
        return cls(epochs, bottom, max(math.ceil(high / step - 1e-9) * step, bottom + step), step, of_shares)

    def x(self, epoch: int) -> float:
        return round(WIDTH * (epoch - 1) / max(self.epochs - 1, 1), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT * (1 - (value - self.low) / (self.high - self.low)), 1)

    def points(self, values: NDArray[np.float64]) -> str:
        """The line through them, thinned out evenly; "" where fewer than two are known."""
        places = np.flatnonzero(np.isfinite(values))
        if len(places) < 2:
            return ""
        kept = places[np.unique(np.linspace(0, len(places) - 1, min(len(places), MOST_POINTS)).round().astype(int))]
        return " ".join(f"{self.x(place + 1):g},{self.y(values[place]):g}" for place in kept.tolist())

    def x_ticks(self) -> tuple[Tick, ...]:
        step = max(1, -(-(self.epochs - 1) // STEPS))
        return tuple(Tick(self.x(epoch), str(epoch)) for epoch in range(1, self.epochs + 1, step))

    def y_ticks(self) -> tuple[Tick, ...]:
        values = np.linspace(self.low, self.high, round((self.high - self.low) / self.step) + 1).tolist()
        texts = [f"{100 * value:.0f} %" if self.of_shares else f"{value:.3g}" for value in values]
        return tuple(Tick(self.y(value), text) for value, text in zip(values, texts, strict=True))


def _round_step(span: float) -> float:
    """A step of 1, 2 or 5 times a power of ten, of which a few make the span."""
    rough = span / STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))


def _told(title: str, means: dict[str, NDArray[np.float64]]) -> str:
    names = {"train": "training rows", "inner": "inner validation", "scored": "held-out samples"}
    parts = []
    for kind, mean in means.items():
        known = mean[np.isfinite(mean)]
        if len(known):
            parts.append(f"{names[kind]} from {known[0]:.3g} to {known[-1]:.3g}")
    return f"{title} by epoch, mean over fits: {', '.join(parts)}"
