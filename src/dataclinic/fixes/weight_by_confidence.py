"""Let each sample count as much as its label is likely to be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart

SAME = 1e-3
"""Weights that differ by no more than that from their mean are all alike: no model would notice."""


@dataclass(frozen=True)
class WeightByConfidence:
    """Weight every training sample by the probability that its label is right.

    What it changes:
        The weight of a sample in training is the calibrated out-of-fold probability of its given label, `floor` at
        least, and 1 where no model could judge it; all are then scaled to mean 1. No label changes and none is left
        out.

    When it helps:
        Labels that were switched at random, in about the cases where dropping suspects helps, and with less to lose:
        nobody has to say where wrong begins, and a doubtful sample still counts a little.

    When it harms:
        Where samples are hard rather than wrong: they count least of all, although they mark the border between the
        classes. Models then learn the easy samples again and their probabilities grow too sure. Classes that the
        models confuse, rare ones above all, lose weight as a whole, so watch balanced accuracy and worst-class recall.

    How its gain is measured:
        The probabilities come from models inside the training part of every outer fold that did not see the sample.
        Scored rows count 1 each.

    References:
        Ren et al., "Learning to Reweight Examples for Robust Deep Learning", ICML 2018. Liu & Tao, "Classification with
        Noisy Labels by Importance Reweighting", IEEE TPAMI 38(3), 2016. Both learn the weights in other ways.

    Attributes:
        floor: least weight before scaling, in units of a sample whose label is certain.
    """

    floor: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.05

    summary: ClassVar[str] = "weight samples by the probability that their label is right"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        judged = ~np.isnan(part.self_confidence)
        if not judged.any():
            return DidNotApply("no model could judge any label")
        right = np.where(judged, np.clip(part.self_confidence, self.floor, 1), 1.0)
        weights = right / right.mean()
        if np.ptp(weights) <= SAME:
            return DidNotApply(f"every label is as likely to be right as the next ({right.mean():.1%})")
        halved = int((weights < 0.5).sum())
        told = f"weights {weights.min():.2f} to {weights.max():.2f}, {halved:,} of {len(part):,} below one half"
        return Treatment(part.rows, part.labels, told, weights=weights)
