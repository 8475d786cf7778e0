"""Leave out samples of larger classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.class_balance import too_balanced
from dataclinic.methods.resampling import drawn_rows, lowered
from dataclinic.seeding import seed_for
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class Undersample:
    """Leave out samples of larger classes.

    What it changes:
        Of every larger class samples are drawn without replacement, as many as the smallest class has; the others are
        not trained on.

    When it helps:
        So many samples that training takes too long, and a large class whose samples repeat one another.

    When it harms:
        Most samples are lost: with classes of 50 to 1 nearly all of them. Accuracy falls, and so does balanced accuracy
        wherever the lost samples showed something. With a class of a handful of samples nothing is left to learn from.

    How its gain is measured:
        Beside it runs an arm that drops as many samples at random. By balanced accuracy, macro F1 or the recall of the
        worst class; accuracy, which the largest classes decide, may well fall. Log loss says what it costs in
        calibration.

    References:
        Batista, Prati & Monard, "A Study of the Behavior of Several Methods for Balancing Machine Learning Training
        Data", SIGKDD Explorations 6, 2004.

    Attributes:
        ratio: times the smallest class's samples that a class may keep.
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    ratio: Annotated[float, Field(ge=1)] = 1.0
    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "leave out samples of larger classes"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        balanced = too_balanced(part.class_counts, self.least_imbalance)
        if balanced:
            return DidNotApply(balanced)
        wanted = lowered(part.class_counts, self.ratio)
        if not wanted:
            return DidNotApply(f"no class has more than {self.ratio:g} times the samples of the smallest")
        rows = drawn_rows(part.labels, wanted, seed_for(part.seed, "undersample"))
        told = f"train on {len(rows):,} of {len(part):,} samples"
        return Treatment(rows, part.labels[rows], told)
