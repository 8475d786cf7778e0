"""Leave out of training the samples that models fail on most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.label_quality import mean_loss_nats
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.arrays import Scores
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class DropHighLoss:
    """Leave out of training the share of samples with the highest loss.

    What it changes:
        The `share` of the judged samples on which models that never saw them fail most take no part in training: by
        cross-entropy of the given label, or in regression by the distance of the prediction from the given number.
        Nothing asks whether their labels are wrong.

    When it helps:
        Many labels switched at random: losses of wrong labels are then by far the highest, and dropping less than there
        are errors is safe. With 30 % of CIFAR-10's labels moved to the next class, dropping as many as were wrong
        gained 1.8 points of accuracy on true labels.

    When it harms:
        Often. On clean data a share is dropped all the same, and it is the samples that the model has most to learn
        from. On the human labels of CIFAR-10N with 9 % errors, dropping as many as were wrong lost 0.5 points. Rare
        classes, whose losses are high, lose most, and may vanish. In regression the tail of the target goes first.

    How its gain is measured:
        Losses are taken in the training part of every outer fold from models that did not see the sample. Beside it
        runs an arm that drops as many samples at random.

    References:
        Han et al., "Co-teaching: Robust Training of Deep Neural Networks with Extremely Noisy Labels", NeurIPS 2018
        (small-loss selection). Chong, Hong & Manning, "Detecting Label Errors by Using Pre-Trained Language Models",
        EMNLP 2022.

    Attributes:
        share: of the judged samples that is dropped, rounded down.
    """

    share: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.05

    summary: ClassVar[str] = "leave the samples with the highest loss out of training"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        losses = _losses(part)
        judged = np.flatnonzero(~np.isnan(losses))
        count = int(self.share * len(judged))
        if count == 0:
            return DidNotApply(f"{self.share:.1%} of {len(judged):,} judged samples is less than one")
        worst = judged[np.argsort(-losses[judged], kind="stable")[:count]]
        kept = np.delete(part.rows, worst)
        return Treatment(kept, part.given[kept], f"drop {count:,} of {len(part):,} samples by their loss")


def _losses(part: TrainingPart) -> Scores:
    """(n,) loss of each sample, NaN where no model could judge it."""
    if part.evidence.targets is not None:
        return np.asarray(np.abs(part.given - part.evidence.targets.predictions), np.float64)
    assert part.evidence.out_of_fold is not None  # noqa: S101 - a classification has them
    losses = mean_loss_nats(part.evidence.out_of_fold.repeat_probs, part.labels)
    return np.where(part.evidence.out_of_fold.judged, losses, np.nan)
