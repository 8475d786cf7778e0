"""Add products of pairs of numeric columns."""

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
class Interactions:
    """Add products of pairs of numeric columns.

    What it changes:
        Beside every two of the `most_columns` numeric columns that each alone go with the label most (by the F
        statistic of an analysis of variance, in regression of a correlation) stands their product, both standardised
        over training rows first. All columns stay. An empty cell counts as the column's mean in a product.

    When it helps:
        Linear models, where the effect of one column depends on another: length × width, dose × weight, or two flags
        that only matter together.

    When it harms:
        Twelve columns make 66 more: on few rows a linear model learns accidents from them, and a cell that is wild in
        one column is wilder in eleven products. Columns that go with the label only together, and not at all alone, are
        not among the chosen ones where there are more than `most_columns`. Trees and networks find interactions by
        themselves.

    How its gain is measured:
        Columns are chosen and scaled in the training part of every outer fold; its scored rows get the same products.

    References:
        Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning*, 2nd edition, 2009, chapter 5.

    Attributes:
        most_columns: numeric columns that are multiplied; their pairs are added.
    """

    most_columns: Annotated[int, Field(ge=2, le=100)] = 12

    summary: ClassVar[str] = "add products of pairs of numeric columns"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = numeric_table(part.features)
        if table is None:
            return DidNotApply(NOT_A_TABLE)
        test = _TESTS[part.evidence.dataset.task]
        places = strongest_columns(table.numbers, part.given, test, self.most_columns)
        if len(places) < 2:
            return DidNotApply("fewer than two numeric columns vary")
        centres, scales = (ends.tolist() for ends in centre_and_scale(median_filled(table.numbers[:, places])))
        multiplied = MultipliedColumns(
            table.number_names, tuple(places.tolist()), tuple(centres), tuple(scales), degree=2, distinct=True
        )
        told = f"add {len(multiplied.names) - len(table.number_names):,} products of {len(places):,} numeric columns"
        return Treatment(part.rows, part.given, told, column_map=multiplied)
