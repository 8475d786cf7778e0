"""Weigh classes by the effective number of their samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.class_balance import too_balanced
from dataclinic.methods.class_weighting import effective_number_weights
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class EffectiveNumberWeights:
    """Weigh classes by the effective number of their samples.

    What it changes:
        Each sample of a class with n_c samples weighs in proportion to (1 - β) / (1 - β^n_c): a class of far more than
        1 / (1 - β) samples gains no more weight by further ones, since they repeat what the others show. The mean
        weight is 1.

    When it helps:
        Very long tails, where weights in full proportion make the few samples of a rare class outweigh everything:
        these weights differ by 1 / (1 - β) at the most.

    When it harms:
        As class weights, but less: accuracy on data with the same imbalance, and the probabilities of rare classes.
        Where every class has far fewer than 1 / (1 - β) samples it is the same as class weights.

    How its gain is measured:
        By balanced accuracy, macro F1 or the recall of the worst class; accuracy, which the largest classes decide, may
        well fall. Log loss says what it costs in calibration.

    References:
        Cui, Jia, Lin, Song & Belongie, "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019.

    Attributes:
        beta: 0 weighs all alike; the authors try 0.9, 0.99, 0.999 and 0.9999.
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    beta: Annotated[float, Field(ge=0, lt=1)] = 0.999
    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "weigh classes by the effective number of their samples"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        balanced = too_balanced(part.class_counts, self.least_imbalance)
        if balanced:
            return DidNotApply(balanced)
        weights = effective_number_weights(part.class_counts, self.beta)
        low, high = weights[part.class_counts > 0].min(), weights.max()
        told = f"classes weigh {low:.3g} to {high:.3g}"
        return Treatment(part.rows, part.labels, told, weights=weights[part.labels])
