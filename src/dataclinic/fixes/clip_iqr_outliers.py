"""Bring numbers outside Tukey's fences back to the fence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.methods.column_limits import iqr_limits, learned_limits
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class ClipIqrOutliers:
    """Bring numbers outside Tukey's fences of their column back to the fence.

    What it changes:
        In each numeric column of a table, values more than `factor` interquartile ranges below the first or above the
        third quartile become the fence itself (winsorising at the fences). The fences are learned from training rows
        and hold for every row, so a wild cell of a sample that is to be predicted is clipped as well. Columns are
        judged as by the check `iqr_outliers`: skewed ones on their logarithms, where zeros are left alone; columns
        with fewer than ten values, with at most two different ones, whose quartiles coincide, or with more than
        `most_share` of their values outside, are left as they are. The target of a regression is never changed.

    When it helps:
        Slips of the decimal point, wrong units and placeholders in tables, with models that take numbers at their size:
        one value of 10,000 among tens stretches the scale of its column until the rest look alike, and every row with
        such a cell is predicted wildly.

    When it harms:
        Where the far values are real and say something: large claims, rich customers, spikes of a sensor. Clipped, they
        cannot be told from one another. Trees split by order and gain nothing from it.

    How its gain is measured:
        Fences are learned from the training part of every outer fold, and applied to its scored rows.

    References:
        J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977. W. J. Dixon, "Simplified Estimation from
        Censored Normal Samples", Annals of Mathematical Statistics 31, 1960 (winsorising).

    Attributes:
        factor: interquartile ranges beyond the quartiles where the fence stands.
        most_share: share of a column's values outside above which it is left as it is.
    """

    factor: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 3.0
    most_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "clip numbers to Tukey's fences of their column"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = part.features
        if not isinstance(table, ColumnFeatures) or not table.number_names:
            return DidNotApply("there is no numeric column that the model trains on")
        limits = learned_limits(
            table.numbers, table.number_names, lambda column: iqr_limits(column, self.factor, self.most_share)
        )
        outside = limits.outside(table.numbers)
        if not outside.any():
            return DidNotApply("no value lies outside the fences of a column that can be judged")
        cells, columns = int(outside.sum()), int(outside.any(axis=0).sum())
        told = f"clip {cells:,} cell{'s' * (cells != 1)} in {columns:,} of {len(table.number_names):,} numeric columns"
        return Treatment(part.rows, part.given, told, column_map=limits)
