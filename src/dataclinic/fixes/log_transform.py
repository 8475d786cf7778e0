"""Put right-skewed columns on a log scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_maps import NOT_A_TABLE, LoggedColumns, numeric_table
from dataclinic.methods.column_skewness import column_skewness
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class LogTransform:
    """Put right-skewed columns on a log scale.

    What it changes:
        A numeric column becomes log(1 + x) where training rows hold no negative number in it, its skewness is above
        `least_skew`, and the logarithm at least halves that. A negative number of a row to be predicted counts as 0
        there. Columns with fewer than ten values or with at most two different ones stay, and so do empty cells,
        categories and a regression's target.

    When it helps:
        Amounts, durations, populations and counts, where "ten times as much" is one step: on their own scale a few
        large values decide the slope of a linear model, and the rest look alike.

    When it harms:
        Where the effect is proportional to the amount itself (the price of twice the area is twice the price), a log
        scale bends a straight line. The 1 is in the unit of the column: of fractions of 1 the logarithm is all but a
        straight line, and such columns stay as they are; `power_transform` has no such unit. Trees split by order and
        gain nothing.

    How its gain is measured:
        Columns are chosen in the training part of every outer fold, and its scored rows put on the same scales.

    References:
        Tukey, *Exploratory Data Analysis*, 1977, chapter 3. Bartlett, "The Use of Transformations", Biometrics 3, 1947
        (where log(1 + x) comes from: counts with zeros).

    Attributes:
        least_skew: third standardised moment above which a column is skewed; an exponential distribution has 2.
    """

    least_skew: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 1.0

    summary: ClassVar[str] = "put right-skewed columns on a log scale"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = numeric_table(part.features)
        if table is None:
            return DidNotApply(NOT_A_TABLE)
        places = np.flatnonzero(~(table.numbers < 0).any(axis=0))
        before = column_skewness(table.numbers[:, places])
        after = column_skewness(np.log1p(table.numbers[:, places]))
        places = places[(before > self.least_skew) & (np.abs(after) <= before / 2)]
        if len(places) == 0:
            return DidNotApply("no column is right-skewed, without negative numbers, and less so on a log scale")
        logged = LoggedColumns(table.number_names, tuple(places.tolist()))
        told = f"put {len(places):,} of {len(table.number_names):,} numeric columns on a log scale"
        return Treatment(part.rows, part.given, told, column_map=logged)
