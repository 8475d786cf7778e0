"""Cells and labels that are missing, openly or in disguise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dataclinic.dataset import Images, Table, Texts
from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.methods.disguised_missing import disguised_words, sentinels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

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
    """Cells and labels that are missing, openly or in disguise.

    What it finds:
        Columns with missing cells, rows that miss more than half of their cells, samples without a label, and
        for images and texts, empty cells. A column's finding also counts values that stand for "missing" without
        saying so: "?", "N/A", "unknown" and the like in text, −999 or 9999 and the like among numbers.

    Why it matters:
        Missing cells are filled in or dropped on the way to a model, mostly in silence. A disguised one is worse: the
        model takes 9999 for a number. Samples without a label are not used at all.

    How it decides:
        Text is compared, without regard to case and outer spaces, with a short list of words that hardly mean
        anything else; "NA" does not count among other two-letter codes, where it is Namibia, and "none" and "-" do not
        count at all. A number counts if it consists of nines, at least two if negative, three if positive, stands at
        the column's end at least three times, and either is the only negative one, or lies beyond Tukey's outer
        fence (3 IQR) of the other values and twice as far from their median as any of them on that side. If more
        than a tenth of the rows miss over half of their cells, the rows are only counted.

    Known limits:
        0, −1, 1900-01-01 and the mean may stand for missing too; they are too often real to be accused. Whether a value
        that is present is right is not asked here.

    Fixes:
        Declare such values as missing when the table is read; fill in at the source; drop columns and rows
        that are mostly empty.

    References:
        R. K. Pearson, *The problem of disguised missing data*, SIGKDD Explorations 8(1), 2006. A. Qahtan et al.,
        *FAHES: a robust disguised missing values detector*, KDD 2018.
    """

    summary: ClassVar[str] = "cells and labels that are missing, openly or in disguise"
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
                "columns": {column.name: column.told() for column in columns if column.cells},
                "rows_mostly_missing": mostly,
                "unlabelled": len(dataset.unlabelled),
            },
        )


@dataclass(frozen=True)
class _Column:
    """Missing cells of one column: where, and which values stand for them how often."""

    name: str
    missing: Mask
    disguised: Mapping[str, int]

    @property
    def cells(self) -> int:
        return int(self.missing.sum())

    def finding(self, samples: int) -> Finding:
        share = self.cells / samples
        words = ", ".join(
            f"{count:,} that {'says' if count == 1 else 'say'} '{value}'" for value, count in self.disguised.items()
        )
        told = f"{self.cells:,} of {samples:,} cells ({share:.1%}) {'is' if self.cells == 1 else 'are'} missing"
        return Finding("missing_values", self.name, f"{told}, with {words}" if words else told, share)

    def told(self) -> dict[str, Any]:
        return {"missing": self.cells, "disguised": dict(self.disguised)}


def _columns(dataset: Dataset) -> list[_Column]:
    payload = dataset.payload
    if isinstance(payload, Images):
        empty = np.array([source is None for source in payload.sources], bool)
        return [_Column(dataset.roles.image or "image", empty, {})]
    if isinstance(payload, Texts):
        return [_look(dataset.roles.text or "text", _cells(payload))]
    return [_look(str(name), column) for name, column in payload.frame.items()]


def _cells(payload: Texts) -> pd.Series:
    import pandas as pd

    return pd.Series([text if text.strip() else None for text in payload.texts], dtype="str")


def _look(name: str, column: pd.Series) -> _Column:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    missing = column.isna().to_numpy(dtype=bool, copy=True)
    if is_bool_dtype(column.dtype):
        return _Column(name, missing, {})
    found = sentinels(column) if is_numeric_dtype(column.dtype) else disguised_words(column)
    disguised = {}
    for value in found:
        places = (column == value).to_numpy(dtype=bool, na_value=False)
        disguised[f"{value:g}" if isinstance(value, float) else value] = int(places.sum())
        missing |= places
    return _Column(name, missing, disguised)


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
