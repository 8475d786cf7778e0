"""Leave out of training the rows with a number outside Tukey's fences."""

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
class DropIqrOutliers:
    """Leave out of training the rows with a number outside Tukey's fences of its column.

    What it changes:
        Rows of a table with a value more than `factor` interquartile ranges below the first or above the third quartile
        of its column take no part in training. Columns are judged as by the check `iqr_outliers`: skewed ones on their
        logarithms, where zeros are left alone; columns with fewer than ten values, with at most two different ones,
        whose quartiles coincide, or with more than `most_share` of their values outside, have no say. Where half of
        the rows or more would go, nothing is dropped.

    When it helps:
        A few rows of broken measurements whose other cells are wrong too. Scaling then follows the sound rows.

    When it harms:
        In wide tables: with forty columns that each have one value in a hundred outside, a third of the rows goes
        for one cell each, with their good cells and labels. Far values are often the class that is looked for (fraud,
        disease), which can vanish. Rows to be predicted still hold such values, now unlike anything that was
        trained on: mostly clipping does better.

    How its gain is measured:
        Fences are learned from the training part of every outer fold. Scored rows are never dropped or changed. Beside
        it runs an arm that drops as many rows at random.

    References:
        J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley, 1977.

    Attributes:
        factor: interquartile ranges beyond the quartiles where a value starts to be out.
        most_share: share of a column's values outside above which it has no say.
    """

    factor: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 3.0
    most_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.1

    summary: ClassVar[str] = "leave rows with a number outside Tukey's fences out of training"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = part.features
        if not isinstance(table, ColumnFeatures) or not table.number_names:
            return DidNotApply("there is no numeric column that the model trains on")
        limits = learned_limits(
            table.numbers, table.number_names, lambda column: iqr_limits(column, self.factor, self.most_share)
        )
        kept = part.rows[~limits.outside(table.numbers).any(axis=1)]
        dropped = len(part) - len(kept)
        if dropped == 0:
            return DidNotApply("no value lies outside the fences of a column that can be judged")
        if 2 * dropped >= len(part):
            return DidNotApply(f"{dropped:,} of {len(part):,} rows have a value outside: too many to drop")
        return Treatment(kept, part.given[kept], f"drop {dropped:,} of {len(part):,} rows")
