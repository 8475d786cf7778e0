"""Columns with one value in all rows, or in all but a handful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply, Finding, Ran
from dataclinic.frames.table_columns import table_columns
from dataclinic.methods.column_values import levels_of, numbers_of
from dataclinic.methods.number_text import short_number

if TYPE_CHECKING:
    import pandas as pd

    from dataclinic.evidence import Evidence, Need

_FEWEST = 10
"""Rows below which one value in all of them may be chance."""

_ROUNDING = 1e-12
"""Numbers that differ by less than this share of the largest are the same but for rounding."""


@dataclass(frozen=True)
class ConstantColumn:
    """Columns with one value in all rows, or in all but a handful.

    What it finds:
        Columns of numbers or categories that are the same in every row, or in all rows but at most `handful`, which
        make up at most `most_share` of them. A missing cell is another value.

    Why it matters:
        A column that never varies tells samples apart no better than none at all, and is often the trace of a fault: a
        sensor that hangs, a join that failed, a filter on that very column. From a handful of other values a model
        learns accidents, and in most folds it does not see them at all.

    How it decides:
        By counting the rows that do not have the commonest value; numbers that differ by less than 1e-12 of the
        largest are equal. Tables with fewer than ten rows are left alone.

    Known limits:
        The handful may be what matters: an alarm that is seldom on. A column that is constant within each group, or
        after some row, varies. Columns without any value are left out when the table is read, and told there.

    Fixes:
        Leave the column out, or mend its source; `variance_threshold` measures what leaving such columns out brings.

    References:
        Kuhn & Johnson, *Applied Predictive Modeling*, 2013, section 3.5 (near-zero variance predictors).

    Attributes:
        handful: rows with another value up to which a column is nearly constant.
        most_share: share of the rows which those may make up.
    """

    handful: Annotated[int, Field(ge=0, strict=True)] = 5
    most_share: Annotated[float, Field(ge=0, lt=0.5, strict=True, allow_inf_nan=False)] = 0.01

    summary: ClassVar[str] = "columns with one value in all rows, or in all but a handful"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        frame = table_columns(evidence.dataset)
        if isinstance(frame, str):
            return DidNotApply(frame)
        rows = len(frame)
        if rows < _FEWEST:
            return DidNotApply(f"fewer than {_FEWEST} samples: one value in all of them may be chance")
        most = min(self.handful, int(self.most_share * rows))
        columns = [_commonest(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
        found = sorted(
            (column for column in columns if rows - column.rows <= most), key=lambda one: (-one.rows, one.name)
        )
        findings = tuple(Finding("constant_column", one.name, one.told(rows), one.rows / rows) for one in found)
        constant = sum(column.rows == rows for column in found)
        summary = f"{constant:,} of {len(columns):,} columns are constant, {len(found) - constant:,} nearly"
        others = {column.name: rows - column.rows for column in found}
        return Ran(findings, summary, {"rows_with_another_value": others})


@dataclass(frozen=True)
class _Commonest:
    """A column's commonest value, and the rows that have it."""

    name: str
    value: str
    rows: int

    def told(self, rows: int) -> str:
        if self.rows == rows:
            return f"every one of the {rows:,} rows says {self.value}"
        others = rows - self.rows
        return f"all but {others:,} of the {rows:,} rows say {self.value}"


def _commonest(name: str, column: pd.Series) -> _Commonest:
    values = numbers_of(column)
    if values is None:
        levels = levels_of(column)
        counts = levels.counts
        top = int(counts.argmax()) if counts.size else 0
        return _Commonest(name, f"'{levels.names[top]}'", int(counts[top])) if counts.size else _Commonest(name, "", 0)
    known = values[~np.isnan(values)]
    if not known.size:
        return _Commonest(name, "", 0)
    # Where one value makes up more than half, it is the median of the order statistics in the middle.
    middle = float(np.partition(known, len(known) // 2)[len(known) // 2])
    same = np.abs(known - middle) <= _ROUNDING * np.abs(known).max()
    return _Commonest(name, short_number(middle), int(same.sum()))
