"""Bring skewed columns near a normal distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field
from sklearn.preprocessing import PowerTransformer
from threadpoolctl import threadpool_limits

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_maps import NOT_A_TABLE, PoweredColumns, numeric_table, yeo_johnson
from dataclinic.methods.column_skewness import column_skewness
from dataclinic.seeding import rng_for
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Rows, Scores
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart

MOST_ROWS = 2000
"""Training rows, drawn by the seed, that an exponent is found on: its standard error is then below 0.05."""


@dataclass(frozen=True)
class PowerTransform:
    """Bring skewed columns near a normal distribution.

    What it changes:
        A numeric column whose skewness is above `least_skew` to either side is raised to the power that makes it most
        normal (Yeo & Johnson's family, which takes negative numbers and zeros and has the logarithm in it), and brought
        to mean 0 and variance 1, where that at least halves its skewness. The power is found by maximum likelihood on
        at most 2,000 training rows. Columns with fewer than ten values or with at most two different ones stay, and so
        do empty cells, categories and a regression's target.

    When it helps:
        Linear models and networks on amounts, durations, counts and ratios of any unit and sign: on their own scale a
        few far values decide the slope, and the rest look alike.

    When it harms:
        Where the effect is proportional to the number itself, the power bends a straight line. A column of mostly zeros
        cannot be made normal, and mostly stays; numbers far from zero (years, times) hardly change by any power. Trees
        split by order and gain nothing.

    How its gain is measured:
        Columns and powers are found in the training part of every outer fold, and applied to its scored rows.

    References:
        Yeo & Johnson, "A new family of power transformations to improve normality or symmetry", Biometrika 87(4), 2000.

    Attributes:
        least_skew: third standardised moment above which, or below whose negative, a column is skewed; an exponential
            distribution has 2.
    """

    least_skew: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 1.0

    summary: ClassVar[str] = "bring skewed columns near a normal distribution (Yeo-Johnson)"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = numeric_table(part.features)
        if table is None:
            return DidNotApply(NOT_A_TABLE)
        before = column_skewness(table.numbers)
        skewed = np.flatnonzero(np.abs(before) > self.least_skew)
        if len(skewed) == 0:
            return DidNotApply("no numeric column is skewed")
        powered = _powered(table.numbers, table.number_names, skewed, np.abs(before[skewed]) / 2, part.seed)
        if not powered.places:
            return DidNotApply("no power makes a skewed column less so by half")
        told = (
            f"bring {len(powered.places):,} of {len(table.number_names):,} numeric columns near a normal distribution"
        )
        return Treatment(part.rows, part.given, told, column_map=powered)


def _powered(
    numbers: NDArray[np.float64], names: tuple[str, ...], places: Rows, most_skew: Scores, seed: int
) -> PoweredColumns:
    """Of the columns at `places` those that a power brings to a skewness of at most `most_skew`, by place."""
    learned = []
    for place, exponent, most in zip(places, _exponents(numbers[:, places], seed), most_skew, strict=True):
        raised = yeo_johnson(numbers[:, place], exponent)
        # Far from zero a power can leave no difference between the values.
        if not np.isinf(raised).any() and abs(column_skewness(raised[:, None])[0]) <= most:
            learned.append((int(place), float(exponent), float(np.nanmean(raised)), float(np.nanstd(raised))))
    return (
        PoweredColumns(names, *(tuple(column) for column in zip(*learned, strict=True)))
        if learned
        else (PoweredColumns(names, (), (), (), ()))
    )


def _exponents(numbers: NDArray[np.float64], seed: int) -> Scores:
    """(columns,) Yeo & Johnson's λ of greatest likelihood on rows drawn at random."""
    if len(numbers) > MOST_ROWS:
        numbers = numbers[rng_for(seed, "power transform").choice(len(numbers), size=MOST_ROWS, replace=False)]
    with threadpool_limits(1):
        return np.asarray(PowerTransformer(method="yeo-johnson", standardize=False).fit(numbers).lambdas_)
