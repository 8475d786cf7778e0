"""Decide by thresholds that were tuned on out-of-fold probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from dataclinic.arrays import SMALLEST_PROB
from dataclinic.findings import DidNotApply
from dataclinic.methods.class_balance import too_balanced
from dataclinic.methods.decision_offsets import checked_offsets, f1, recall
from dataclinic.methods.fold_drawing import draw_folds
from dataclinic.seeding import seed_for
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart

METRICS = {"balanced_accuracy": recall, "macro_f1": f1}


@dataclass(frozen=True)
class DecisionThresholds:
    """Decide by thresholds that were tuned on out-of-fold probabilities.

    What it changes:
        Nothing in training. Each class has an offset that is added to its log-probability, chosen so that the
        out-of-fold predictions of the training samples do best by the metric. How much of the offsets is taken, from
        none to all by quarters, is decided by samples that they were not chosen by.

    When it helps:
        Metrics that count classes alike, and models whose probabilities are off in a way that the classes' shares do
        not tell. After tuning, resampling rarely adds anything (Elor & Averbuch-Elor 2022 on 73 data sets).

    When it harms:
        Accuracy and log loss, where the metric is not accuracy. Of classes with a handful of samples the offsets are
        mostly chance: nothing is taken where they do not hold on others.

    How its gain is measured:
        The arm is the untreated model with other decisions. The offsets come from predictions inside the training part;
        what they gain there is told beside, and what counts is the outer fold.

    References:
        Fan & Lin, "A Study on Threshold Selection for Multi-label Classification", National Taiwan University, 2007.
        Elor & Averbuch-Elor, "To SMOTE, or not to SMOTE?", 2022.

    Attributes:
        metric: that is to be large.
        folds: in which offsets are checked.
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    metric: Literal["balanced_accuracy", "macro_f1"] = "balanced_accuracy"
    folds: Annotated[int, Field(ge=2)] = 5
    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "decide by thresholds tuned on out-of-fold probabilities"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        balanced = too_balanced(part.class_counts, self.least_imbalance)
        if balanced:
            return DidNotApply(balanced)
        evidence = part.evidence
        if evidence.out_of_fold is None or not evidence.out_of_fold.judged.any():
            return DidNotApply("there are no out-of-fold predictions")
        judged = evidence.out_of_fold.judged
        seed = seed_for(part.seed, "decision thresholds")
        (drawn,) = draw_folds(part.labels, evidence.groups, judged, folds=self.folds, repeats=1, seed=seed)
        if len(np.unique(drawn[judged])) < 2:
            return DidNotApply("too few groups of samples to check thresholds on others")
        logs = np.log(np.clip(evidence.out_of_fold.probs[judged], SMALLEST_PROB, 1.0)).astype(np.float64)
        checked = checked_offsets(logs, part.labels[judged], drawn[judged], METRICS[self.metric])
        name = self.metric.replace("_", " ")
        if checked.share == 0:
            return DidNotApply(f"no thresholds raise the {name} of samples that they were not chosen by")
        told = (
            f"thresholds of {len(part.classes)} classes: {name} {checked.before:.3f} → {checked.after:.3f} out of fold"
        )
        return Treatment(part.rows, part.labels, told, offsets=checked.offsets)
