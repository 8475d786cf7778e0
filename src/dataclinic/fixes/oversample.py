"""Repeat samples of smaller classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.class_balance import too_balanced
from dataclinic.methods.resampling import raised, repeated_rows
from dataclinic.seeding import seed_for
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class Oversample:
    """Repeat samples of smaller classes.

    What it changes:
        Samples of smaller classes are drawn with replacement and trained on again, until every class has as many as the
        largest.

    When it helps:
        Models that take no weights, and networks whose batches would else hardly ever see a rare class. For a linear
        head it is class weights with chance added.

    When it harms:
        Accuracy on data with the same imbalance, and the probabilities. Flexible models learn the repeated samples, and
        their wrong labels, by heart. Training takes as many times longer as there are more samples.

    How its gain is measured:
        Copies are made inside the training part alone: drawn before the split, copies of scored samples would be
        trained on, which reports .724 where .698 is true (imbalanced-learn, Common pitfalls). By balanced accuracy,
        macro F1 or the recall of the worst class; accuracy, which the largest classes decide, may well fall. Log loss
        says what it costs in calibration.

    References:
        Batista, Prati & Monard, "A Study of the Behavior of Several Methods for Balancing Machine Learning Training
        Data", SIGKDD Explorations 6, 2004.

    Attributes:
        share: of the largest class's samples that every class is brought to.
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "repeat samples of smaller classes"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        balanced = too_balanced(part.class_counts, self.least_imbalance)
        if balanced:
            return DidNotApply(balanced)
        wanted = raised(part.class_counts, self.share)
        if not wanted:
            return DidNotApply(f"every class has {self.share:.0%} of the largest class's samples")
        rows = repeated_rows(part.labels, wanted, seed_for(part.seed, "oversample"))
        told = f"train on {len(rows) - len(part):,} repeated samples beside {len(part):,}"
        return Treatment(rows, part.labels[rows], told)
