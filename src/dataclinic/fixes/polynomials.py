"""Add powers of numeric columns, and products of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from sklearn.feature_selection import f_classif, f_regression

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_maps import NOT_A_TABLE, MultipliedColumns, numeric_table
from dataclinic.methods.column_ranking import centre_and_scale, median_filled, strongest_columns
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart

_TESTS = {"classification": f_classif, "regression": f_regression}


@dataclass(frozen=True)
class Polynomials:
    """Add powers of numeric columns, and products of them.

    What it changes:
        Of the `most_columns` numeric columns that each alone go with the label most (by the F statistic of an analysis
        of variance, in regression of a correlation), standardised over training rows, all squares and products of two
        are added; with `degree` 3 all cubes and products of three as well. All columns stay. An empty cell counts as
        the column's mean there.

    When it helps:
        Linear models, where an effect rises and falls again (temperature, age, dose) or depends on another column.

    When it harms:
        Twelve columns make 78 more of degree 2, and 442 of degree 3: on few rows a linear model learns accidents from
        them. A square grows fast outside what training rows show, so a far row is predicted wildly; clip outliers or
        use `power_transform` on skewed columns first. A column whose effect is a perfect U has no F statistic, and is
        not among the chosen ones where there are more than `most_columns`. Trees and networks need none of this.

    How its gain is measured:
        Columns are chosen and scaled in the training part of every outer fold; its scored rows get the same powers.

    References:
        Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning*, 2nd edition, 2009, chapter 5.

    Attributes:
        most_columns: numeric columns that are raised and multiplied.
        degree: factors that a product has at most.
    """

    most_columns: Annotated[int, Field(ge=1, le=50)] = 12
    degree: Annotated[int, Field(ge=2, le=3)] = 2

    summary: ClassVar[str] = "add powers of numeric columns, and products of them"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = numeric_table(part.features)
        if table is None:
            return DidNotApply(NOT_A_TABLE)
        test = _TESTS[part.evidence.dataset.task]
        places = strongest_columns(table.numbers, part.given, test, self.most_columns)
        if len(places) == 0:
            return DidNotApply("no numeric column varies")
        centres, scales = (ends.tolist() for ends in centre_and_scale(median_filled(table.numbers[:, places])))
        raised = MultipliedColumns(
            table.number_names, tuple(places.tolist()), tuple(centres), tuple(scales), self.degree, distinct=False
        )
        told = f"add {len(raised.names) - len(table.number_names):,} powers and products of {len(places):,} columns"
        return Treatment(part.rows, part.given, told, column_map=raised)
