"""Fill empty numeric cells from the other cells of their row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.findings import DidNotApply
from dataclinic.methods.cell_imputation import Strategy, learned_imputation
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class ImputeMissing:
    """Fill empty numeric cells from the other cells of their row.

    What it changes:
        Every empty cell of a numeric column gets a value that is learned from training rows: the column's median, the
        mean of the ten rows that are nearest in the other columns (`knn`), or what regressions of each column on the
        others say (`iterative`). At most 2,000 training rows, drawn at random, are learned from. A 0/1 column beside
        each column that lacked cells keeps telling which they were. Rows to be predicted are filled in the same way.
        Labels are never looked at, categories are left alone, and so is a column that is empty in all training rows.

    When it helps:
        Columns that go together, so that one says what another lacks, with cells that are missing for no reason
        of their own. Without this fix linear models already see the training median and a 0/1 column; the gain is what
        a better value than the median adds. Most is to be had where many cells of a strong column are empty.

    When it harms:
        Where that a cell is empty depends on what would stand there (incomes left out because they are high), the
        filled values are biased. Where columns have nothing to do with each other there is nothing to gain. Tree
        models, which send empty cells their own way, mostly lose by it. `median` is what linear models do anyway.

    How its gain is measured:
        Values are learned in the training part of every outer fold, and its scored rows are filled by them.

    References:
        Troyanskaya et al., "Missing value estimation methods for DNA microarrays", Bioinformatics 17(6), 2001. van
        Buuren & Groothuis-Oudshoorn, "mice: Multivariate Imputation by Chained Equations in R", Journal of Statistical
        Software 45(3), 2011. Le Morvan et al., "What's a good imputation to predict with missing values?", NeurIPS
        2021.

    Attributes:
        strategy: `median`, `knn` or `iterative`.
    """

    strategy: Strategy = "iterative"

    summary: ClassVar[str] = "fill empty numeric cells from the other cells of their row"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = part.features
        if not isinstance(table, ColumnFeatures) or not table.number_names:
            return DidNotApply("there is no numeric column that the model trains on")
        empty = np.isnan(table.numbers)
        fillable = empty & ~empty.all(axis=0)
        if not fillable.any():
            return DidNotApply("no numeric cell is empty in a column that has values")
        cells, columns = int(fillable.sum()), int(fillable.any(axis=0).sum())
        total = len(table.number_names)
        told = f"fill {cells:,} cell{'s' * (cells != 1)} in {columns:,} of {total:,} numeric columns ({self.strategy})"
        filling = learned_imputation(table.numbers, table.number_names, self.strategy, part.seed)
        return Treatment(part.rows, part.given, told, column_map=filling)
