"""Where edits fall in the rows of the source, for the formats that write a table again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.edits import Drop
from dataclinic.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Mask, Rows
    from dataclinic.dataset import Dataset
    from dataclinic.edits import Edit
    from dataclinic.frames.labels import GivenLabels


@dataclass(frozen=True)
class SourceEdits:
    """What to write of each source row.

    `keep`: (rows,) whether it is written. `label_from`: (rows,) the row whose label cell it gets, itself where its
    label stays: copying a cell of the new class keeps the column's own type and spelling.
    """

    keep: Mask
    label_from: Rows


def source_edits(dataset: Dataset, edits: Sequence[Edit], given: GivenLabels) -> SourceEdits:
    """`edits` of samples as edits of source rows; `given` are the labels that the source holds now.

    Raises:
        ExportError: the source no longer holds the rows and labels of `dataset`.
    """
    _require_unchanged(dataset, given)
    keep = np.ones(len(given.codes), dtype=np.bool_)
    label_from = np.arange(len(given.codes), dtype=np.int64)
    for edit in edits:
        row = dataset.source_rows[edit.row]
        if isinstance(edit, Drop):
            keep[row] = False
        else:
            label_from[row] = given.row_of(edit.to)
    return SourceEdits(keep, label_from)


def _require_unchanged(dataset: Dataset, given: GivenLabels) -> None:
    rows = dataset.source_rows
    if given.classes != dataset.classes or (len(rows) and rows.max() >= len(given.codes)):
        raise ExportError.source_changed(dataset.source)
    if (given.codes[rows] != dataset.labels).any():
        raise ExportError.source_changed(dataset.source)
