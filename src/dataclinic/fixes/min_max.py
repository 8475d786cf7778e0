"""Bring each numeric column to 0 … 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from sklearn.preprocessing import MinMaxScaler

from dataclinic.findings import DidNotApply
from dataclinic.methods.column_maps import NOT_A_TABLE, ScaledColumns, numeric_table
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class MinMax:
    """Bring each numeric column to 0 … 1.

    What it changes:
        From every number its column's least value is taken, and the rest divided by the range; both are of the known
        values of training rows. A row to be predicted whose number lies outside that range gets one below 0 or above 1.
        Empty cells stay empty, categories and a regression's target are left alone.

    When it helps:
        Models that want numbers of one bounded size and do not scale by themselves, and columns that have natural ends
        (percentages, ratings), where a standard deviation says little. The built-in models standardise, so for them it
        changes rounding only; trees split by order and do not care. It is for models that third parties add.

    When it harms:
        One wild value takes the whole range and presses all others into a corner of it, worse than a standard
        deviation would: clip outliers first.

    How its gain is measured:
        Least values and ranges are learned from the training part of every outer fold, and applied to its scored rows.

    References:
        Han, Kamber & Pei, *Data Mining: Concepts and Techniques*, 3rd edition, 2012, section 3.5.2.
    """

    summary: ClassVar[str] = "bring each numeric column to 0 … 1"
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
        least, ranges = np.zeros(len(known)), np.ones(len(known))
        scaler = MinMaxScaler().fit(table.numbers[:, known])
        # scikit-learn multiplies by 1 / range, where it has made the range of a constant column 1.
        least[known], ranges[known] = scaler.data_min_, 1 / scaler.scale_
        scaled = ScaledColumns(table.number_names, tuple(least.tolist()), tuple(ranges.tolist()))
        told = f"bring {known.sum():,} numeric columns to 0 … 1"
        return Treatment(part.rows, part.given, told, column_map=scaled)
