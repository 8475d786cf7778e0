"""Leave out numeric columns that a forest predicts no worse without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.inspection import permutation_importance
from threadpoolctl import threadpool_limits

from dataclinic.arrays import SMALLEST_PROB
from dataclinic.findings import DidNotApply
from dataclinic.methods.column_maps import NOT_A_TABLE, numeric_table, selected
from dataclinic.methods.inner_split import inner_rows
from dataclinic.seeding import rng_for, seed_for
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Rows, Scores, Vectors
    from dataclinic.dataset import Task
    from dataclinic.features import Columns
    from dataclinic.fixes import TrainingPart

MOST_ROWS = 3000
"""Training rows, drawn by the seed, that importance is measured on."""

HELD_SHARE = 0.25
TREES = 40
COLUMNS_A_SPLIT = "sqrt"
LEAST_LEAF = 5
"""Rows, so that a leaf's share is no bare 0 or 1, whose logarithm would outweigh all else."""


@dataclass(frozen=True)
class DropUnimportant:
    """Leave out numeric columns that a forest predicts no worse without.

    What it changes:
        A random forest of 40 trees is trained on three quarters of at most 3,000 training rows, and scored on the rest:
        by the mean log-probability of the given label, in regression by R². A numeric column whose values can be
        shuffled among those rows without loss, on average over `shuffles`, is left out. A column that goes takes
        along what its empty cells tell. The forest sees categories too, but none of them is left out.

    When it helps:
        Columns without any bearing on the label, in numbers that a model without penalty learns accidents from. A
        forest sees effects of any shape, and of columns together.

    When it harms:
        Of two columns that tell the same, shuffling either costs little, and both may go. Where labels are noisy and
        rows few, an importance of 0 is luck. Penalised models and trees pass over useless columns by themselves.

    How its gain is measured:
        Importance is measured within the training part of every outer fold, on rows that its forest did not train on,
        and the scored rows keep the same columns.

    References:
        Breiman, "Random Forests", Machine Learning 45, 2001, section 10. Strobl et al., "Conditional variable
        importance for random forests", BMC Bioinformatics 9, 2008 (on columns that tell the same).

    Attributes:
        shuffles: of each column; the cost grows with them.
    """

    shuffles: Annotated[int, Field(ge=1, le=1000)] = 5

    summary: ClassVar[str] = "leave out numeric columns that a forest predicts no worse without"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = numeric_table(part.features)
        if table is None:
            return DidNotApply(NOT_A_TABLE)
        train, held = _split(part)
        if len(held) == 0:
            return DidNotApply("too few rows to measure importance on")
        columns = table.columns(train)
        kept = self._importance(part, columns, train, held)[: len(table.number_names)] > 0
        if kept.all():
            return DidNotApply("the forest predicts worse without any of the numeric columns")
        if not kept.any():
            return DidNotApply("no numeric column is important, and none would be left")
        fewer = selected(table.number_names, kept)
        return Treatment(part.rows, part.given, fewer.told, column_map=fewer)

    def _importance(self, part: TrainingPart, columns: Columns, train: Rows, held: Rows) -> Scores:
        """(columns,) mean loss of score on the `held` rows when a column is shuffled."""
        values = columns.values  # NaN and all: scikit-learn's trees send empty cells their own way
        forest, score = _FORESTS[part.evidence.dataset.task]
        seed = seed_for(part.seed, "drop unimportant")
        with threadpool_limits(1):
            fitted = forest(TREES, min_samples_leaf=LEAST_LEAF, max_features=COLUMNS_A_SPLIT, random_state=seed)
            fitted.fit(values[train], part.given[train])
            measured = permutation_importance(
                fitted, values[held], part.given[held], scoring=score, n_repeats=self.shuffles, random_state=seed
            )
        return np.asarray(measured.importances_mean, np.float64)


def _split(part: TrainingPart) -> tuple[Rows, Rows]:
    """Rows to train on, and rows to score on whose classes are among those; none of the latter where there are few."""
    rows = part.rows
    if len(rows) > MOST_ROWS:
        rows = np.sort(rng_for(part.seed, "drop unimportant").choice(len(rows), size=MOST_ROWS, replace=False))
    inner = inner_rows(part.labels[rows], part.evidence.groups[rows], share=HELD_SHARE, seed=part.seed)
    return rows[~inner], rows[inner]


def _log_probability(model: Any, values: Vectors, labels: Labels) -> float:
    """Mean log-probability of the labels, which the model knows; scikit-learn's log loss wants to see all classes."""
    probs = model.predict_proba(values)[np.arange(len(labels)), np.searchsorted(model.classes_, labels)]
    return float(np.log(np.maximum(probs, SMALLEST_PROB)).mean())


_FORESTS: dict[str, tuple[Any, Any]] = {
    "classification": (RandomForestClassifier, _log_probability),
    "regression": (RandomForestRegressor, "r2"),
}
