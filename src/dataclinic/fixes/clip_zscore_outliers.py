"""Bring numbers many standard deviations from the middle of their column nearer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.methods.column_limits import learned_limits, zscore_limits
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class ClipZscoreOutliers:
    """Bring numbers beyond a robust z-score of their column back to it.

    What it changes:
        In each numeric column of a table, values whose robust z-score, 0.6745 × (value − median) / MAD, is beyond
        ± `threshold` become the value at the threshold. Median and MAD (median absolute deviation) are learned from
        training rows and hold for every row, those to be predicted among them. Columns are judged as by the check
        `zscore_outliers`: skewed ones on their logarithms, where zeros are left alone; columns with fewer than
        ten values, with at most two different ones, or with more than `most_share` of their values beyond, are
        left as they are; where more than half of the values are equal, more than 1 % beyond is too many. The target of
        a regression is never changed.

    When it helps:
        As `clip_iqr_outliers`: slips of the decimal point, wrong units and placeholders, with models that take numbers
        at their size. The default of 3.5 cuts nearer than three interquartile ranges, which are about 4.7 standard
        deviations; it also judges columns whose quartiles coincide.

    When it harms:
        Where the far values are real and say something. Of heavy-tailed columns, such as daily returns, it cuts real
        values every day. Trees split by order and gain nothing from it.

    How its gain is measured:
        Median and MAD are learned from the training part of every outer fold, and its scored rows are clipped by them.

    References:
        B. Iglewicz and D. C. Hoaglin, *How to Detect and Handle Outliers*, ASQC Quality Press, 1993.

    Attributes:
        threshold: absolute robust z-score that no value exceeds any more.
        most_share: share of a column's values beyond it above which it is left as it is.
    """

    threshold: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 3.5
    most_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "clip numbers to a robust z-score of their column"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = part.features
        if not isinstance(table, ColumnFeatures) or not table.number_names:
            return DidNotApply("there is no numeric column that the model trains on")
        limits = learned_limits(
            table.numbers, table.number_names, lambda column: zscore_limits(column, self.threshold, self.most_share)
        )
        outside = limits.outside(table.numbers)
        if not outside.any():
            return DidNotApply(f"no value of a column that can be judged has a robust z beyond ±{self.threshold:g}")
        cells, columns = int(outside.sum()), int(outside.any(axis=0).sum())
        told = f"clip {cells:,} cell{'s' * (cells != 1)} in {columns:,} of {len(table.number_names):,} numeric columns"
        return Treatment(part.rows, part.given, told, column_map=limits)
