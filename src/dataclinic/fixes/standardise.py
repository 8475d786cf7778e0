"""Bring each numeric column to mean 0 and variance 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from sklearn.preprocessing import StandardScaler

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_maps import NOT_A_TABLE, ScaledColumns, numeric_table
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class Standardise:
    """Bring each numeric column to mean 0 and variance 1.

    What it changes:
        From every number its column's mean is taken, and the rest divided by the column's standard deviation; both are
        of the known values of training rows, and hold for every row. Empty cells stay empty, categories and a
        regression's target are left alone.

    When it helps:
        Models that compare or penalise numbers at their size (nearest neighbours, ridge, networks) and do not scale
        them by themselves: without it the column with the largest unit decides. The built-in models do scale, so for
        them it changes rounding only; trees split by order and do not care. It is for models that third parties add.

    When it harms:
        One wild value stretches the standard deviation until the others look alike: clip outliers first. Where all
        columns are in one unit (pixels, counts of words), their differences in size may be what tells classes apart.

    How its gain is measured:
        Means and deviations are learned from the training part of every outer fold, and applied to its scored rows.

    References:
        LeCun, Bottou, Orr & Müller, "Efficient BackProp", in *Neural Networks: Tricks of the Trade*, 1998, section 4.3.
    """

    summary: ClassVar[str] = "bring each numeric column to mean 0 and variance 1"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        table = numeric_table(part.features)
        if table is None:
            return DidNotApply(NOT_A_TABLE)
        known = np.asarray(~np.isnan(table.numbers).all(axis=0))
        if not known.any():
            return DidNotApply("every numeric cell is empty")
        centres, scales = np.zeros(len(known)), np.ones(len(known))
        scaler = StandardScaler().fit(table.numbers[:, known])
        centres[known], scales[known] = scaler.mean_, scaler.scale_
        scaled = ScaledColumns(table.number_names, tuple(centres.tolist()), tuple(scales.tolist()))
        told = f"standardise {known.sum():,} numeric columns"
        return Treatment(part.rows, part.given, told, column_map=scaled)
