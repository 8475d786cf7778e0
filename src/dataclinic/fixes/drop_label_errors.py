"""Leave out of training what looks mislabelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dataclinic.findings import DidNotApply
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class DropLabelErrors:
    """Leave out of training every sample whose given label looks wrong.

    What it changes:
        Suspects, the samples that `label_errors` or `high_loss` accuses and whose class the out-of-fold models put
        elsewhere (in regression: those of `target_errors`), take no part in training.

    When it helps:
        Labels that were switched at random: the model no longer learns from them, and few good samples go with them.

    When it harms:
        Where hard samples look wrong: they are what the model learns most from. On the human labels of CIFAR-10N with
        9 % errors and on news headlines labelled by rules, dropping what was flagged lowered the accuracy on true
        labels. Rare classes lose most.

    How its gain is measured:
        Suspects are found anew in the training part of every outer fold. Beside it runs an arm that drops as many
        samples at random.

    References:
        Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70, 2021.
    """

    summary: ClassVar[str] = "leave suspects out of training"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset({"label_errors", "high_loss", "target_errors"})

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        kept = part.rows[~part.suspects]
        dropped = len(part) - len(kept)
        if dropped == 0:
            return DidNotApply("no label looks wrong")
        return Treatment(kept, part.given[kept], f"drop {dropped:,} of {len(part):,} labels")
