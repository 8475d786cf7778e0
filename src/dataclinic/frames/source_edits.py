"""Where edits fall in the rows of the source, for the formats that write a table again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic.edits import Drop
from dataclinic.errors import ExportError
from dataclinic.frames.labels import GivenLabels, given_labels
from dataclinic.frames.targets import GivenTargets, given_targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.arrays import Mask, Rows
    from dataclinic.dataset import Dataset
    from dataclinic.edits import Edit


@dataclass(frozen=True)
class SourceEdits:
    """What to write of each source row.

    `keep`: (rows,) whether it is written. `label_from`: (rows,) the row whose label cell it gets, itself where its
    label stays: copying a cell of the new class keeps the column's own type and spelling. `numbers` are new numbers, as
    text, by row.
    """

    keep: Mask
    label_from: Rows
    numbers: Mapping[int, str]

    @property
    def changed(self) -> Mask:
        """(rows,) whether the label cell becomes another."""
        changed: Mask = self.label_from != np.arange(len(self.label_from))
        changed[list(self.numbers)] = True
        return changed


def source_edits(dataset: Dataset, edits: Sequence[Edit], labels: pd.Series[Any]) -> SourceEdits:
    """`edits` of samples as edits of source rows; `labels` is the label column that the source holds now.

    Raises:
        ExportError: the source no longer holds the rows and labels of `dataset`.
    """
    given = given_labels(labels) if dataset.targets is None else given_targets(labels)
    _require_unchanged(dataset, given)
    keep = np.ones(len(given.codes), dtype=np.bool_)
    label_from = np.arange(len(given.codes), dtype=np.int64)
    numbers: dict[int, str] = {}
    for edit in edits:
        row = int(dataset.source_rows[edit.row])
        if isinstance(edit, Drop):
            keep[row] = False
        elif isinstance(given, GivenLabels):
            label_from[row] = given.row_of(edit.to)
        else:
            numbers[row] = edit.to
    return SourceEdits(keep, label_from, numbers)


def edited_frame(frame: pd.DataFrame, dataset: Dataset, edits: Sequence[Edit]) -> pd.DataFrame:
    """All rows of the source with their new labels; those that are dropped are still among them.

    Raises:
        ExportError: the source no longer holds the rows and labels of `dataset`, or a number does not fit its column.
    """
    name = str(dataset.roles.label)
    if name not in frame.columns:
        raise ExportError.source_changed(dataset.source)
    wanted = source_edits(dataset, edits, frame[name])
    labels = frame[name].take(wanted.label_from).set_axis(frame.index)
    for row, text in wanted.numbers.items():
        labels.iloc[row] = _cell(text, labels)
    return frame.assign(**{name: labels})


def _cell(text: str, labels: pd.Series[Any]) -> str | float | int:
    """A number as the column holds it."""
    if not pd.api.types.is_numeric_dtype(labels):
        return text
    value = float(text)
    if not pd.api.types.is_integer_dtype(labels):
        return value
    if not value.is_integer():
        raise ExportError.number_does_not_fit(text, str(labels.name), str(labels.dtype))
    return int(value)


def _require_unchanged(dataset: Dataset, given: GivenLabels | GivenTargets) -> None:
    rows = dataset.source_rows
    if given.classes != dataset.classes or (len(rows) and rows.max() >= len(given.codes)):
        raise ExportError.source_changed(dataset.source)
    if (given.codes[rows] != dataset.labels).any():
        raise ExportError.source_changed(dataset.source)
    if isinstance(given, GivenTargets) and (given.values[rows] != dataset.targets).any():
        raise ExportError.source_changed(dataset.source)
