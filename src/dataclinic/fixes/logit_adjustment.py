"""Decide as if all classes were equally frequent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.class_balance import too_balanced
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class LogitAdjustment:
    """Decide as if all classes were equally frequent.

    What it changes:
        Nothing in training. From each log-probability of a scored row, τ times the logarithm of its class's share of
        the training samples is taken.

    When it helps:
        A model whose probabilities are about right and whose metric counts classes alike: with τ = 1 it decides as is
        best for balanced accuracy. It is free, and on CIFAR-10 with classes of 100 to 1 raised balanced accuracy from
        71.4 to 77.3 %, as much as a loss made for it.

    When it harms:
        Accuracy on data with the same imbalance. Probabilities of frequent classes come out too low, so log loss rises.
        A model whose probabilities are too timid, or that was trained with class weights, is moved too far.

    How its gain is measured:
        The arm is the untreated model with other decisions, so what differs is the decision alone. By balanced
        accuracy, macro F1 or the recall of the worst class; accuracy, which the largest classes decide, may well fall.
        Log loss says what it costs in calibration.

    References:
        Menon, Jayasumana, Rawat, Jain, Veit & Kumar, "Long-tail Learning via Logit Adjustment", ICLR 2021.

    Attributes:
        tau: how much of the classes' shares is taken out; 1 is all.
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    tau: Annotated[float, Field(gt=0)] = 1.0
    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "decide as if classes were equally frequent"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        balanced = too_balanced(part.class_counts, self.least_imbalance)
        if balanced:
            return DidNotApply(balanced)
        counts = part.class_counts
        # a class without samples stays as unlikely as the model says
        shares = np.where(counts > 0, counts, counts.max()) / counts.sum()
        offsets = self.tau * (np.log(shares.max()) - np.log(shares))
        told = f"raise log-probabilities of smaller classes by up to {offsets.max():.2f}"
        return Treatment(part.rows, part.labels, told, offsets=offsets)
