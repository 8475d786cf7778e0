"""Keep the numeric columns that each alone go with the label most."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field
from sklearn.feature_selection import chi2, f_regression

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_maps import NOT_A_TABLE, numeric_table, selected
from dataclinic.methods.column_ranking import strongest_columns
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart

_TESTS = {"classification": chi2, "regression": f_regression}


@dataclass(frozen=True)
class Chi2Selection:
    """Keep the numeric columns that each alone go with the label most.

    What it changes:
        Columns are brought to 0 … 1 and ranked by χ²: how far the sum of the column over each class is from what the
        size of the class would give it. In regression, where there are no classes, the F statistic of the correlation
        with the target ranks them. `share` of the numeric columns is kept, and none that is constant. A column that
        goes takes along what its empty cells tell; in the test they count as the column's median. Categories are left
        alone.

    When it helps:
        Many columns and few rows, most of them without any bearing on the label: counts of words, measured genes.

    When it harms:
        Columns are judged one by one: two that tell nothing alone and everything together both go, and ten copies of
        one good column all stay. χ² is made for counts; of a column in 0 … 1 it sees a shift of the mean alone, and one
        wild value that presses the rest towards 0 hides the column. With far more rows than columns a penalised model
        chooses better by itself.

    How its gain is measured:
        Columns are ranked in the training part of every outer fold, and its scored rows keep the same ones. Chosen on
        all rows instead, noise looks like signal (Ambroise & McLachlan 2002).

    References:
        Liu & Setiono, "Chi2: Feature Selection and Discretization of Numeric Attributes", ICTAI 1995. Ambroise &
        McLachlan, "Selection bias in gene extraction on the basis of microarray gene-expression data", PNAS 99(10),
        2002.

    Attributes:
        share: of the numeric columns that is kept, rounded up.
    """

    share: Annotated[float, Field(gt=0, le=1)] = 0.5

    summary: ClassVar[str] = "keep the numeric columns that each alone go with the label most (χ²)"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = numeric_table(part.features)
        if table is None:
            return DidNotApply(NOT_A_TABLE)
        columns = len(table.number_names)
        test = _TESTS[part.evidence.dataset.task]
        places = strongest_columns(table.numbers, part.given, test, math.ceil(self.share * columns))
        if len(places) == columns:
            return DidNotApply("no numeric column would be left out")
        if len(places) == 0:
            return DidNotApply("no numeric column varies")
        fewer = selected(table.number_names, np.isin(np.arange(columns), places))
        return Treatment(part.rows, part.given, fewer.told, column_map=fewer)
