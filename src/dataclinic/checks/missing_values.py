"""Cells and labels that are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.dataset import Images, Table, Texts
from dataclinic.findings import DidNotApply, Finding, Ran

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Mask
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Evidence, Need

_MOSTLY = 0.5
"""Share of missing cells above which a row is named itself."""

_MOST_SPARSE = 0.1
"""If more rows than that are mostly empty, the table is sparse by design, and its columns tell it."""

_NAMED = 3
"""Unlabelled samples that the reason names."""


@dataclass(frozen=True)
class MissingValues:
    """Cells and labels that are missing.

    What it finds:
        Columns with missing cells, rows that miss more than half of their cells, samples without a label, and
        for images and texts, empty cells. Values that stand for "missing" without saying so ("?", −999) are told by
        `disguised_missing`, and not counted here.

    Why it matters:
        Missing cells are filled in or dropped on the way to a model, mostly in silence. Samples without a label are not
        used at all.

    How it decides:
        By counting. Cells that were read as missing are empty ones, "NA", "N/A", "nan", "null" and what else the
        format takes for it, infinite numbers, and words in a column of numbers. If more than a tenth of the rows miss
        over half of their cells, the rows are only counted.

    Known limits:
        Whether a value that is present is right is not asked here, nor why one is missing; where that goes with the
        label, `leaking_column` says so.

    Fixes:
        Fill in at the source; `impute_missing` measures what filling in by a model brings; drop columns and rows
        that are mostly empty.

    References:
        R. J. A. Little & D. B. Rubin, *Statistical Analysis with Missing Data*, 3rd edition, Wiley, 2019.
    """

    summary: ClassVar[str] = "cells and labels that are missing"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        dataset = evidence.dataset
        if not len(dataset) and not dataset.unlabelled:
            return DidNotApply("there are no samples")
        columns = _columns(dataset)
        rows, mostly = _mostly_missing(dataset, columns)
        findings = (
            *(column.finding(len(dataset)) for column in columns if column.cells),
            *rows,
            *_without_label(dataset),
        )
        cells = sum(column.cells for column in columns)
        total = len(dataset) * len(columns)
        share = cells / total if total else 0.0
        return Ran(
            tuple(sorted(findings, key=lambda finding: (-finding.score, finding.subject))),
            f"{cells:,} of {total:,} cells ({share:.1%}) and {len(dataset.unlabelled):,} "
            f"label{'s' * (len(dataset.unlabelled) != 1)} are missing",
            {
                "columns": {column.name: {"missing": column.cells} for column in columns if column.cells},
                "rows_mostly_missing": mostly,
                "unlabelled": len(dataset.unlabelled),
            },
        )


@dataclass(frozen=True)
class _Column:
    """Missing cells of one column."""

    name: str
    missing: Mask

    @property
    def cells(self) -> int:
        return int(self.missing.sum())

    def finding(self, samples: int) -> Finding:
        share = self.cells / samples
        told = f"{self.cells:,} of {samples:,} cells ({share:.1%}) {'is' if self.cells == 1 else 'are'} missing"
        return Finding("missing_values", self.name, told, share)


def _columns(dataset: Dataset) -> list[_Column]:
    payload = dataset.payload
    if isinstance(payload, Images):
        empty = np.array([source is None for source in payload.sources], bool)
        return [_Column(dataset.roles.image or "image", empty)]
    if isinstance(payload, Texts):
        blank = np.array([not text.strip() for text in payload.texts], bool)
        return [_Column(dataset.roles.text or "text", blank)]
    return [_Column(str(name), column.isna().to_numpy(dtype=bool)) for name, column in payload.frame.items()]


def _mostly_missing(dataset: Dataset, columns: Sequence[_Column]) -> tuple[list[Finding], int]:
    """Findings of rows that miss more than half of their cells, none if there are many; and how many there are."""
    if not isinstance(dataset.payload, Table) or len(columns) < 2:
        return [], 0
    absent = np.sum([column.missing for column in columns], axis=0)
    rows = np.flatnonzero(absent > _MOSTLY * len(columns)).tolist()
    if len(rows) > _MOST_SPARSE * len(dataset):
        return [], len(rows)
    return [_row(dataset, row, int(absent[row]), len(columns)) for row in rows], len(rows)


def _row(dataset: Dataset, row: int, absent: int, columns: int) -> Finding:
    told = f"{absent:,} of its {columns:,} cells are missing"
    return Finding("missing_values", dataset.ids[row], told, absent / columns, row)


def _without_label(dataset: Dataset) -> list[Finding]:
    ids = dataset.unlabelled
    if not ids:
        return []
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    total = len(dataset) + len(ids)
    verb = "has" if len(ids) == 1 else "have"
    reason = f"{len(ids):,} of {total:,} samples {verb} no label: {', '.join(ids[:_NAMED])}{more}"
    return [Finding("missing_values", dataset.roles.label or "label", reason, len(ids) / total)]
