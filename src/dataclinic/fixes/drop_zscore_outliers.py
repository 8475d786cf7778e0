"""Leave out of training the rows with a number many standard deviations from the middle of its column."""

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
class DropZscoreOutliers:
    """Leave out of training the rows with a number beyond a robust z-score of its column.

    What it changes:
        Rows of a table with a value whose robust z-score, 0.6745 × (value − median) / MAD (median absolute deviation),
        is beyond ± `threshold` take no part in training. Columns are judged as by the check `zscore_outliers`:
        skewed ones on their logarithms, where zeros are left alone; columns with fewer than ten values, with at most
        two different ones, or with more than `most_share` of their values beyond, have no say; where more than half of
        the values are equal, more than 1 % beyond is too many. Where half of the rows or more would go, nothing is
        dropped.

    When it helps:
        A few rows of broken measurements whose other cells are wrong too. Scaling then follows the sound rows.

    When it harms:
        As `drop_iqr_outliers`, and sooner: of clean normal columns 0.05 % of the values lie beyond the default of 3.5,
        which in a table of forty columns is one row in fifty, and of heavy-tailed ones far more. The class that is
        looked for may be among the far values. Rows to be predicted still hold them.

    How its gain is measured:
        Median and MAD are learned from the training part of every outer fold. Scored rows are never dropped or
        changed. Beside it runs an arm that drops as many rows at random.

    References:
        B. Iglewicz and D. C. Hoaglin, *How to Detect and Handle Outliers*, ASQC Quality Press, 1993.

    Attributes:
        threshold: absolute robust z-score beyond which a value is out.
        most_share: share of a column's values beyond it above which it has no say.
    """

    threshold: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 3.5
    most_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "leave rows with a number beyond a robust z-score out of training"
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
        kept = part.rows[~limits.outside(table.numbers).any(axis=1)]
        dropped = len(part) - len(kept)
        if dropped == 0:
            return DidNotApply(f"no value of a column that can be judged has a robust z beyond ±{self.threshold:g}")
        if 2 * dropped >= len(part):
            return DidNotApply(f"{dropped:,} of {len(part):,} rows have a value beyond: too many to drop")
        return Treatment(kept, part.given[kept], f"drop {dropped:,} of {len(part):,} rows")
