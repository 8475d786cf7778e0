"""Telling values: the cells in which a doubted row looks more like the suggested class than like the given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dataclinic.report.suspects import Suspect

COLUMN = "value:"
"""Prefix of the columns of measurements.parquet that hold a numeric column of the data."""

MOST_COLUMNS = 200
"""Medians of more columns would make the report slow on wide tables."""

LEAST_PULL = 0.25
"""Interquartile ranges; a smaller difference tells a reader nothing."""

SHRINK = 4.0
"""Cells are divided by it while they are compared, without rounding: differences of the largest numbers stay finite."""


@dataclass(frozen=True)
class TellingValue:
    """A numeric cell beside the median of its column in the given and in the suggested class."""

    column: str
    value: float
    given_median: float
    suggested_median: float


def telling_values(
    measurements: pd.DataFrame, ranking: pd.DataFrame, suspects: Sequence[Suspect], limit: int
) -> Mapping[int, tuple[TellingValue, ...]]:
    """For each suspect's row up to `limit` cells, most telling first; none where no class is suggested.

    A cell tells |value - median of the given class| - |value - median of the suggested class|, in interquartile
    ranges of its column, and counts from a quarter of one on. Medians are of the labels as given.
    """
    values = _numbers(measurements) / SHRINK
    labels = ranking.set_index("row")["given_label"].reindex(range(len(values)))
    wanted = {label for suspect in suspects for label in (suspect.given_label, suspect.suggested_label)}
    rows = labels.isin(wanted).to_numpy()
    medians = values[rows].groupby(labels[rows].to_numpy()).median()
    spans = (values.quantile(0.75) - values.quantile(0.25)).to_numpy()
    return {
        suspect.row: _telling(suspect, values, medians, np.where(spans > 0, spans, np.nan))[:limit]
        for suspect in suspects
        if suspect.suggested_label in medians.index
    }


def _numbers(measurements: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in measurements.columns if name.startswith(COLUMN)][:MOST_COLUMNS]
    numbers = measurements[names].rename(columns={name: name.removeprefix(COLUMN) for name in names})
    # Infinite cells have no distance to a median.
    return numbers.select_dtypes("number").replace([np.inf, -np.inf], np.nan)


def _telling(
    suspect: Suspect, values: pd.DataFrame, medians: pd.DataFrame, spans: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> tuple[TellingValue, ...]:
    value = values.iloc[suspect.row].to_numpy()
    given = medians.loc[suspect.given_label].to_numpy()
    suggested = medians.loc[suspect.suggested_label].to_numpy()
    with np.errstate(over="ignore"):  # a large number over a tiny span: farther than any other
        pull = (np.abs(value - given) - np.abs(value - suggested)) / spans
    order = [place for place in np.argsort(-pull, kind="stable") if pull[place] >= LEAST_PULL]
    return tuple(
        TellingValue(
            str(values.columns[place]),
            *(float(cells[place]) * SHRINK for cells in (value, given, suggested)),
        )
        for place in order
    )
