"""Where edits fall in the rows of the source, for the formats that write a table again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.edits import Drop
from dataclinic.errors import ExportError
from dataclinic.frames.labels import GivenLabels, given_labels
from dataclinic.frames.targets import GivenTargets, given_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dataclinic.arrays import Mask, Rows
    from dataclinic.dataset import Dataset
    from dataclinic.edits import Edit


@dataclass(frozen=True)
class SourceEdits:
    """What to write of each source row.

    `keep`: (rows,) whether it is written. `label_from`: (rows,) the row whose label cell it gets, itself where its
    label stays: copying a cell of the new class keeps the column's own type and spelling.
    """

    keep: Mask
    label_from: Rows


def source_edits(dataset: Dataset, edits: Sequence[Edit], labels: pd.Series[Any]) -> SourceEdits:
    """`edits` of samples as edits of source rows; `labels` is the label column that the source holds now.

    Raises:
        ExportError: the source no longer holds the rows and labels of `dataset`, or an edit would give a number
            another value.
    """
    given = given_labels(labels) if dataset.targets is None else given_targets(labels)
    _require_unchanged(dataset, given)
    keep = np.ones(len(given.codes), dtype=np.bool_)
    label_from = np.arange(len(given.codes), dtype=np.int64)
    for edit in edits:
        row = dataset.source_rows[edit.row]
        if isinstance(edit, Drop):
            keep[row] = False
        elif isinstance(given, GivenLabels):
            label_from[row] = given.row_of(edit.to)
        else:
            raise ExportError.numbers_not_relabelled()
    return SourceEdits(keep, label_from)


def _require_unchanged(dataset: Dataset, given: GivenLabels | GivenTargets) -> None:
    rows = dataset.source_rows
    if given.classes != dataset.classes or (len(rows) and rows.max() >= len(given.codes)):
        raise ExportError.source_changed(dataset.source)
    if (given.codes[rows] != dataset.labels).any():
        raise ExportError.source_changed(dataset.source)
    if isinstance(given, GivenTargets) and (given.values[rows] != dataset.targets).any():
        raise ExportError.source_changed(dataset.source)
