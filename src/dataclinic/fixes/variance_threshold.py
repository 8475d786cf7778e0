"""Leave out numeric columns that hardly vary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field
from sklearn.feature_selection import VarianceThreshold as Selector
from sklearn.preprocessing import MinMaxScaler

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_maps import NOT_A_TABLE, numeric_table, selected
from dataclinic.methods.column_ranking import median_filled
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class VarianceThreshold:
    """Leave out numeric columns that hardly vary.

    What it changes:
        A column is left out where its variance over training rows is at most `threshold`, once it is brought to 0 … 1
        and its rarest low and high values, `rare` of the rows in all, are cut off. So a column that is the same in all
        but one of 200 rows goes, whatever its unit, and one wild value does not make the rest of a column look
        constant. A column that is empty in some rows and not in others varies. Categories are left alone.

    When it helps:
        Columns of which the training part has but a handful of other values: a model can only learn accidents from
        them. It also saves time and leaves a table that is easier to read.

    When it harms:
        The rare value may be what matters: a test that is seldom positive, an alarm that is seldom on. A penalised
        model or a tree passes over useless columns by itself, so mostly there is nothing to gain.

    How its gain is measured:
        Columns are chosen in the training part of every outer fold, and its scored rows keep the same ones.

    References:
        Kuhn & Johnson, *Applied Predictive Modeling*, 2013, section 3.5 (near-zero variance predictors).

    Attributes:
        threshold: variance of a column in 0 … 1; a coin has 0.25.
        rare: share of the rows whose values are cut off, half of it at either end.
    """

    threshold: Annotated[float, Field(ge=0, le=0.25)] = 0.001
    rare: Annotated[float, Field(ge=0, lt=1)] = 0.01

    summary: ClassVar[str] = "leave out numeric columns that hardly vary"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = numeric_table(part.features)
        if table is None:
            return DidNotApply(NOT_A_TABLE)
        empty = np.isnan(table.numbers).astype(np.float64)
        kept = self._varies(median_filled(table.numbers)) | self._varies(empty)
        if kept.all():
            return DidNotApply("every numeric column varies")
        if not kept.any():
            return DidNotApply("no numeric column varies, and none would be left")
        fewer = selected(table.number_names, kept)
        return Treatment(part.rows, part.given, fewer.told, column_map=fewer)

    def _varies(self, filled: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(columns,) of (rows, columns) numbers without NaN."""
        cut = int(self.rare / 2 * len(filled))
        ends = np.partition(filled, (cut, len(filled) - 1 - cut), axis=0)[[cut, len(filled) - 1 - cut]]
        scaled = MinMaxScaler().fit_transform(np.clip(filled, ends[0], ends[1]))
        # A further column that varies for sure: scikit-learn refuses to leave none.
        scaled = np.column_stack([scaled, 2 * (np.arange(len(scaled)) % 2)])
        return np.asarray(Selector(self.threshold).fit(scaled).get_support()[:-1], bool)
