"""Leave out samples of larger classes that their neighbours contradict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.class_balance import too_balanced
from dataclinic.methods.resampling import edited
from dataclinic.methods.row_space import not_a_space
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class EditedNeighbours:
    """Leave out samples of larger classes that their neighbours contradict.

    What it changes:
        Samples of classes that are larger than the mean class go where one of their nearest three neighbours is of
        another class, in the space of embeddings or of a table's columns. A class that would vanish is left whole.

    When it helps:
        A rare class inside larger ones: the samples around it go, and the decision moves outwards. Wrong labels of the
        larger classes go too.

    When it harms:
        Where classes overlap, hard but right samples go by the thousand. Classes stay about as unequal as they were,
        and where they do not overlap nothing changes.

    How its gain is measured:
        Beside it runs an arm that drops as many samples at random. By balanced accuracy, macro F1 or the recall of the
        worst class; accuracy, which the largest classes decide, may well fall. Log loss says what it costs in
        calibration.

    References:
        Wilson, "Asymptotic Properties of Nearest Neighbor Rules Using Edited Data", IEEE Transactions on Systems, Man,
        and Cybernetics 2, 1972.

    Attributes:
        neighbours: that must all agree with a sample's label.
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    neighbours: Annotated[int, Field(ge=1)] = 3
    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "leave out samples of larger classes that neighbours contradict"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        balanced = too_balanced(part.class_counts, self.least_imbalance)
        if balanced:
            return DidNotApply(balanced)
        refusal = not_a_space(part.features)
        if refusal:
            return DidNotApply(refusal)
        counts, vectors = part.class_counts, part.features.vectors(part.rows)
        large = np.flatnonzero(counts > counts[counts > 0].mean()).tolist()
        kept = part.rows[edited(vectors, part.labels, neighbours=self.neighbours, classes=large)]
        if len(kept) == len(part):
            return DidNotApply("no sample is contradicted by its neighbours")
        return Treatment(kept, part.labels[kept], f"drop {len(part) - len(kept):,} of {len(part):,} samples")
