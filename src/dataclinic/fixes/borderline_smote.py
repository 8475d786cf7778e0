"""Make new samples where smaller classes border on others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.resampling import grown_at_the_border, not_to_grow, raised
from dataclinic.methods.row_space import row_space
from dataclinic.seeding import seed_for
from dataclinic.treatments import Synthetic, Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class BorderlineSmote:
    """Make new samples where smaller classes border on others.

    What it changes:
        As SMOTE, but new samples start only at those of a smaller class of whose nearest neighbours at least half, but
        not all, are of other classes.

    When it helps:
        A rare class whose inside is clear and whose border is not: new samples go where they move the decision.

    When it harms:
        Wrong labels lie at the border as well, and new samples are made around them. Where a class has no border
        nothing is made. Else as SMOTE.

    How its gain is measured:
        New samples are made inside the training part alone, from training samples alone. By balanced accuracy, macro F1
        or the recall of the worst class; accuracy, which the largest classes decide, may well fall. Log loss says what
        it costs in calibration.

    References:
        Han, Wang & Mao, "Borderline-SMOTE: A New Over-Sampling Method in Imbalanced Data Sets Learning", ICIC 2005.

    Attributes:
        neighbours: of its class between which and a sample new ones are made; fewer where the class has no more.
        border_neighbours: of any class, by which the border is found.
        share: of the largest class's samples that every class is brought to.
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    neighbours: Annotated[int, Field(ge=1)] = 5
    border_neighbours: Annotated[int, Field(ge=2)] = 10
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "make new samples where smaller classes border on others"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        counts = part.class_counts
        refusal = not_to_grow(part.features, counts, share=self.share, least=self.least_imbalance)
        if refusal:
            return DidNotApply(refusal)
        wanted = raised(counts, self.share)
        seed, space = seed_for(part.seed, "borderline smote"), row_space(part.features)
        if space.categorical.any():
            return DidNotApply("the table has categories, between which it cannot make samples; smote can")
        near, border = self.neighbours, self.border_neighbours
        grown = grown_at_the_border(space, part.labels, wanted, neighbours=near, border_neighbours=border, seed=seed)
        if len(grown.labels) + len(grown.repeated) == 0:
            return DidNotApply("no smaller class borders on another")
        rows = np.concatenate([part.rows, grown.repeated])
        told = f"train on {len(grown.labels):,} new samples beside {len(rows):,}"
        synthetic = Synthetic(grown.samples, grown.labels) if len(grown.labels) else None
        return Treatment(rows, part.labels[rows], told, synthetic=synthetic)
