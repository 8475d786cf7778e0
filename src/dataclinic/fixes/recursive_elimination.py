"""Leave out numeric columns, the weakest of a linear model first, for as long as that model predicts no worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field
from sklearn.feature_selection import RFECV
from sklearn.linear_model import Ridge, RidgeClassifier
from threadpoolctl import threadpool_limits

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_maps import NOT_A_TABLE, numeric_table, selected
from dataclinic.methods.column_ranking import centre_and_scale, median_filled
from dataclinic.methods.grouped_folds import grouped_folds
from dataclinic.seeding import rng_for
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.arrays import Rows
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart

MOST_ROWS = 2000
"""Training rows, drawn by the seed, that columns are judged on; the cost grows with them, and columns × columns."""

LEAST_ROWS = 30
FOLDS = 3
SHARE_A_STEP = 0.1
"""Of all numeric columns, left out between two looks at the accuracy."""

_MODELS = {"classification": RidgeClassifier, "regression": Ridge}


@dataclass(frozen=True)
class RecursiveElimination:
    """Leave out numeric columns, the weakest of a linear model first, for as long as that model predicts no worse.

    What it changes:
        A ridge model is fitted to the standardised numeric columns (empty cells are the median), the tenth of them with
        the smallest coefficients goes, the model is fitted again, and so on down to one column. Kept is the number of
        columns with the best accuracy (in regression R²) over three inner folds, on at most 2,000 training rows. A
        column that goes takes along what its empty cells tell. Categories are left alone, and take no part in this.

    When it helps:
        Few rows and many columns without any bearing on the label. Other than one-by-one tests it sees columns that
        only tell something together, and lets all but one of several that tell the same go.

    When it harms:
        What a linear model cannot use, a tree might: a column with an effect of U shape goes. On a few hundred rows the
        best number of columns is mostly luck of the inner folds. With far more rows than columns a penalised model
        passes over useless columns by itself.

    How its gain is measured:
        Columns are left out within the training part of every outer fold alone, and its scored rows keep the same ones.

    References:
        Guyon, Weston, Barnhill & Vapnik, "Gene Selection for Cancer Classification using Support Vector Machines",
        Machine Learning 46, 2002.

    Attributes:
        penalty: of the ridge model, on standardised columns.
    """

    penalty: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0

    summary: ClassVar[str] = "leave out numeric columns, the weakest of a linear model first (RFE)"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = numeric_table(part.features)
        if table is None:
            return DidNotApply(NOT_A_TABLE)
        if len(table.number_names) == 1:
            return DidNotApply("there is one numeric column alone")
        rows = _drawn(part)
        splits = _splits(part, rows)
        if not splits:
            return DidNotApply("too few rows to judge columns on")
        filled = median_filled(table.numbers[rows])
        centres, scales = centre_and_scale(filled)
        model = _MODELS[part.evidence.dataset.task](alpha=self.penalty)
        with threadpool_limits(1):
            search = RFECV(model, step=SHARE_A_STEP, cv=splits).fit((filled - centres) / scales, part.given[rows])
        if search.support_.all():
            return DidNotApply("the linear model is best with all numeric columns")
        fewer = selected(table.number_names, search.support_)
        return Treatment(part.rows, part.given, fewer.told, column_map=fewer)


def _drawn(part: TrainingPart) -> Rows:
    if len(part) <= MOST_ROWS:
        return part.rows
    return np.sort(rng_for(part.seed, "recursive elimination").choice(len(part), size=MOST_ROWS, replace=False))


def _splits(part: TrainingPart, rows: Rows) -> list[tuple[Rows, Rows]]:
    """Places in `rows` to fit and to score on; none where a fold would have nothing to tell apart."""
    if len(rows) < LEAST_ROWS:
        return []
    rng = rng_for(part.seed, "recursive elimination", "folds")
    folds = grouped_folds(part.labels[rows], part.evidence.groups[rows], FOLDS, rng)
    splits = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(FOLDS)]
    usable = all(len(held) > 1 and len(np.unique(part.given[rows[train]])) > 1 for train, held in splits)
    return splits if usable else []
