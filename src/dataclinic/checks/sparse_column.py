"""Numeric columns that are mostly zero or missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply, Finding, Ran, told_share
from dataclinic.frames.table_columns import table_columns
from dataclinic.methods.column_values import numbers_of

if TYPE_CHECKING:
    from dataclinic.arrays import Scores
    from dataclinic.evidence import Evidence, Need

_HANDFUL = 5
"""Other numbers up to which the column is as good as constant, which is said by the check of that."""

_BY_DESIGN = 0.5
"""Share of the columns that are sparse above which the table is: counts of words, pixels of drawings."""


@dataclass(frozen=True)
class SparseColumn:
    """Numeric columns that are mostly zero or missing.

    What it finds:
        Columns of numbers of which at least `least_share` of the cells are zero or missing. Columns with only one other
        value, such as 0 and 1, are marks, and rare by nature: they are not named, nor are those with at most five other
        numbers, which `constant_column` tells. The details hold the share of zeros
        and of missing cells of every numeric column, and of the table.

    Why it matters:
        Of such a column a model sees a number in few rows only. Zero is often not an amount but "does not apply" or
        "not asked"; then a mark of its own says more. Scaling to a unit variance blows the rest up, and a table that is
        sparse as a whole is kept better as a sparse matrix.

    How it decides:
        By counting. Where more than half of the numeric columns are sparse, the table is so by design, and the columns
        are counted, not named.

    Known limits:
        An amount that is zero for most (capital gains) is right as it is. What zero means is not asked here.

    Fixes:
        Add a mark for "has any", fill missing cells with a reason, or leave the column out; `variance_threshold` and
        `impute_missing` measure what that brings.

    References:
        Kuhn & Johnson, *Applied Predictive Modeling*, 2013, section 3.5. T. Hastie, R. Tibshirani & M. Wainwright,
        *Statistical Learning with Sparsity*, 2015.

    Attributes:
        least_share: share of cells that are zero or missing from which a column is sparse.
    """

    least_share: Annotated[float, Field(gt=0.5, le=1, strict=True, allow_inf_nan=False)] = 0.95

    summary: ClassVar[str] = "numeric columns that are mostly zero or missing, and how sparse the table is"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        frame = table_columns(evidence.dataset)
        if isinstance(frame, str):
            return DidNotApply(frame)
        numbers = ((str(name), numbers_of(frame.iloc[:, place])) for place, name in enumerate(frame.columns))
        columns = [_look(name, values) for name, values in numbers if values is not None]
        if not columns:
            return DidNotApply("there is no numeric column")
        sparse = sorted(
            (column for column in columns if column.share >= self.least_share and not column.is_mark),
            key=lambda column: (-column.share, column.name),
        )
        by_design = len(sparse) > _BY_DESIGN * len(columns) and len(columns) > 1
        named = () if by_design else sparse
        findings = tuple(Finding("sparse_column", one.name, one.told(len(frame)), one.share) for one in named)
        zeros, missing = (float(np.mean([getattr(one, part) for one in columns])) for part in ("zeros", "missing"))
        summary = (
            f"{told_share(zeros)} of the numeric cells are zero and {told_share(missing)} missing; "
            f"{len(sparse):,} of {len(columns):,} columns are sparse"
        )
        shares = {column.name: {"zeros": column.zeros, "missing": column.missing} for column in columns}
        return Ran(
            findings,
            summary + ("; so many that the table is so by design" if by_design else ""),
            {"zeros": zeros, "missing": missing, "by_design": by_design, "columns": shares},
        )


@dataclass(frozen=True)
class _Column:
    """Shares of the cells of a column that are zero and missing; `is_mark` where hardly any other is there."""

    name: str
    zeros: float
    missing: float
    is_mark: bool

    @property
    def share(self) -> float:
        return self.zeros + self.missing

    def told(self, rows: int) -> str:
        others = round((1 - self.share) * rows)
        return (
            f"{told_share(self.zeros)} of its cells are zero and {told_share(self.missing)} missing: "
            f"{others:,} of {rows:,} samples have a number"
        )


def _look(name: str, values: Scores) -> _Column:
    others = values[(values != 0) & ~np.isnan(values)]
    is_mark = others.size <= _HANDFUL or bool(others.min() == others.max())
    return _Column(name, float((values == 0).mean()), float(np.isnan(values).mean()), is_mark)
