"""Make new samples, then leave out pairs of neighbours of different classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.grown_and_cleaned import grown_and_cleaned
from dataclinic.methods.resampling import grown_by_smote, not_to_grow, raised, without_tomek_links
from dataclinic.methods.row_space import row_space
from dataclinic.seeding import seed_for
from dataclinic.treatments import Synthetic, Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class SmoteTomek:
    """Make new samples, then leave out pairs of neighbours of different classes.

    What it changes:
        As SMOTE; then every two samples of different classes, old or new, that are each other's nearest neighbours are
        left out. A class that would vanish is left whole.

    When it helps:
        Classes that overlap a little: the border between them becomes clear, at the loss of few samples.

    When it harms:
        As SMOTE; and of two samples that contradict each other the right one goes as well. Every sample is compared to
        every other, old and new: 16,000 of 512 dimensions in ten classes of 50 to 1 take over a minute.

    How its gain is measured:
        New samples are made inside the training part alone, from training samples alone. Samples that are left out are
        compared with as many at random. By balanced accuracy, macro F1 or the recall of the worst class; accuracy,
        which the largest classes decide, may well fall. Log loss says what it costs in calibration.

    References:
        Batista, Prati & Monard, "A Study of the Behavior of Several Methods for Balancing Machine Learning Training
        Data", SIGKDD Explorations 6, 2004.

    Attributes:
        neighbours: of its class between which and a sample new ones are made; fewer where the class has no more.
        share: of the largest class's samples that every class is brought to.
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    neighbours: Annotated[int, Field(ge=1)] = 5
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "make new samples, then leave out Tomek links"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        counts = part.class_counts
        refusal = not_to_grow(part.features, counts, share=self.share, least=self.least_imbalance)
        if refusal:
            return DidNotApply(refusal)
        wanted = raised(counts, self.share)
        seed, space = seed_for(part.seed, "smote tomek"), row_space(part.features)
        grown = grown_by_smote(space, part.labels, wanted, neighbours=self.neighbours, seed=seed)
        left = grown_and_cleaned(part.features, part.labels, grown, without_tomek_links)
        told = f"train on {len(left.labels):,} new samples and {len(left.rows):,} of {len(part):,}"
        synthetic = Synthetic(left.samples, left.labels) if len(left.labels) else None
        return Treatment(left.rows, part.labels[left.rows], told, synthetic=synthetic)
