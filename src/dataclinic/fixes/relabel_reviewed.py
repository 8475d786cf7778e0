"""Give suspects that people have looked at the label that they found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.findings import DidNotApply
from dataclinic.fixes import UNKNOWN
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.arrays import Mask
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class RelabelReviewed:
    """Train suspects with the label that people have verified.

    What it changes:
        The training labels of suspects, the samples that `label_errors` or `high_loss` accuses and whose class the
        out-of-fold models put elsewhere (in regression the numbers of those of `target_errors`), where a person has
        verified the label. That is what a review of exactly the flagged samples would change: verified labels of
        samples that nothing accuses are left unused.

    When it helps:
        Wherever review finds errors: people correct what models only suspect. On the same flagged rows of CIFAR-10N
        on which automatic relabelling lost 0.4 to 0.7 points of accuracy on true labels, human labels gained 2.4 with
        40 % errors, 0.5 with 17 %, and nothing measurable with 9 %.

    When it harms:
        Hardly ever by itself. Corrections in some regions of the data and not in others can shift the balance of
        classes, and the reviewers' own convention may differ from that of the labels it is scored on.

    How its gain is measured:
        Suspects are found anew in the training part of every outer fold, and only verified labels of that part are
        used. The scored rows keep the labels that they were given; a second score stands beside it on those rows of
        them whose labels are verified.

    References:
        Northcutt, Athalye & Mueller, "Pervasive Label Errors in Test Sets Destabilize Machine Learning Benchmarks",
        NeurIPS Datasets and Benchmarks, 2021. Wei et al., "Learning with Noisy Labels Revisited: A Study Using
        Real-World Human Annotations", ICLR 2022 (CIFAR-10N).
    """

    summary: ClassVar[str] = "train suspects with the label that people verified"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "regression"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset({"label_errors", "high_loss", "target_errors"})

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        verified = _verified(part)
        if part.trusted is None or not verified.any():
            return DidNotApply("no label was verified by a person")
        reviewed = part.suspects & verified
        if not reviewed.any():
            return DidNotApply("no verified label belongs to a suspect")
        corrected = reviewed & (part.trusted != part.given)
        if not corrected.any():
            return DidNotApply(f"people confirmed the labels of all {reviewed.sum():,} suspects that they looked at")
        told = f"correct {corrected.sum():,} of {len(part):,} labels, {reviewed.sum():,} suspects reviewed"
        return Treatment(part.rows, np.where(reviewed, part.trusted, part.given), told)


def _verified(part: TrainingPart) -> Mask:
    """(n,) whether a person has verified the label or number."""
    if part.trusted is None:
        return np.zeros(len(part), bool)
    return np.asarray(part.trusted != UNKNOWN if part.evidence.targets is None else ~np.isnan(part.trusted))
