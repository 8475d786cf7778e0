"""The single scores behind a suspicion, each in plain words and as a place among all samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.report.suspects import SIGNAL
from dataclinic.report.wording import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dataclinic.report.suspects import Suspect

MOST_SIGNALS = 10
"""On a card, the heaviest ones."""

TITLES = {
    "noise_odds": "Another label is likelier, by the noise found",
    "fitted_odds": "Another label is likelier, by the noise fitted",
    "margin": "Models and neighbours prefer another class",
    "model_margin": "Models prefer another class",
    "probability_gap": "Models are surer of another class",
    "joint_margin": "Confidently another class (confident joint)",
    "neighbour_margin": "Nearest neighbours disagree",
    "class_distance": "Nearer to another class",
    "disagreement": "Models of several repeats disagree",
    "twins": "A duplicate carries another label",
    "area_under_margin": "Learnt late or never in training",
}
"""By the name behind "signal_"; a name that is not among them is shown as it is."""


@dataclass(frozen=True)
class Signal:
    """One score of a suspect: `above` is the share of the other samples with a lower one, `weight` its share in all."""

    title: str
    value: float
    above: float
    weight: float | None


def signals_of(
    ranking: pd.DataFrame, suspects: Sequence[Suspect], weights: Mapping[str, float]
) -> dict[int, tuple[Signal, ...]]:
    """By row the signals of those samples, the heaviest first; none where the ranking has no such columns."""
    columns = [name for name in ranking.columns if str(name).startswith(SIGNAL)]
    known = {name.removeprefix(SIGNAL): _known(ranking[name]) for name in columns}
    order = sorted(known, key=lambda name: -weights.get(name, 0.0))
    found = {
        suspect.row: tuple(
            Signal(
                signal_title(name), suspect.signals[name], _above(suspect.signals[name], known[name]), weights.get(name)
            )
            for name in order[:MOST_SIGNALS]
            if name in suspect.signals
        )
        for suspect in suspects
    }
    return {row: signals for row, signals in found.items() if signals}


def signal_title(name: str) -> str:
    """Plain words for a known signal, its own name for another."""
    return TITLES.get(name, visible(name))


def _known(column: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Its numbers in order."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.sort(values[np.isfinite(values)])


def _above(value: float, known: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(np.searchsorted(known, value, side="left") / max(len(known) - 1, 1))
