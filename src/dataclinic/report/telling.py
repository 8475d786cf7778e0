"""Telling values: the cells in which a doubted row looks more like the suggested class than like the given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from dataclinic.report.suspects import Suspect

    Numbers = NDArray[np.float64]

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
    """For each suspect's row up to `limit` cells, most telling first; none where no class is suggested."""
    columns = TellingColumns(measurements, ranking)
    told = ((suspect.row, columns.of(suspect)) for suspect in suspects)
    return {row: found[:limit] for row, found in told if found is not None}


class TellingColumns:
    """The numeric columns of all samples; medians of a class are counted when they are first needed, and kept.

    A cell tells |value - median of the given class| - |value - median of the suggested class|, in interquartile
    ranges of its column, and counts from a quarter of one on. Medians are of the labels as given.
    """

    def __init__(self, measurements: pd.DataFrame, ranking: pd.DataFrame) -> None:
        """From measurements.parquet and, of ranking.parquet, the columns row and given_label."""
        self._values = _numbers(measurements) / SHRINK
        self._labels = ranking.set_index("row")["given_label"].reindex(range(len(self._values)))
        quarters = self._values.quantile([0.25, 0.75]).to_numpy()
        spans = quarters[1] - quarters[0]
        self._spans = np.where(spans > 0, spans, np.nan)
        self._medians: dict[str, Numbers | None] = {}

    def of(self, suspect: Suspect) -> tuple[TellingValue, ...] | None:
        """Its telling cells, most telling first; None where no class is suggested that there is."""
        given, suggested = self._median(suspect.given_label), self._median(suspect.suggested_label)
        if given is None or suggested is None:
            return None
        value = self._values.iloc[suspect.row].to_numpy()
        with np.errstate(over="ignore"):  # a large number over a tiny span: farther than any other
            pull = (np.abs(value - given) - np.abs(value - suggested)) / self._spans
        order = [place for place in np.argsort(-pull, kind="stable") if pull[place] >= LEAST_PULL]
        return tuple(
            TellingValue(
                str(self._values.columns[place]),
                *(float(cells[place]) * SHRINK for cells in (value, given, suggested)),
            )
            for place in order
        )

    def _median(self, label: str | None) -> Numbers | None:
        if label is None:
            return None
        if label not in self._medians:
            rows = (self._labels == label).to_numpy()
            # As groups of one: columns without any number then have no median, and nobody is warned of them.
            found = self._values[rows].groupby(np.zeros(int(rows.sum()))).median().to_numpy()
            self._medians[label] = found[0] if len(found) else None
        return self._medians[label]


def _numbers(measurements: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in measurements.columns if name.startswith(COLUMN)][:MOST_COLUMNS]
    numbers = measurements[names].rename(columns={name: name.removeprefix(COLUMN) for name in names})
    # Infinite cells have no distance to a median.
    return numbers.select_dtypes("number").replace([np.inf, -np.inf], np.nan)
