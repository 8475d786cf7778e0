"""Make new samples between neighbours of smaller classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.resampling import grown_by_smote, not_to_grow, raised
from dataclinic.methods.row_space import row_space
from dataclinic.seeding import seed_for
from dataclinic.treatments import Synthetic, Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class Smote:
    """Make new samples between neighbours of smaller classes.

    What it changes:
        New samples are trained on beside the others, until every class has as many samples as the largest. They lie at
        random on the lines between a sample and one of its nearest neighbours of the same class, in the space of
        embeddings or of a table's columns (scaled; a category is the most frequent among the neighbours), never between
        pixels. A class with one sample has it repeated.

    When it helps:
        Weak learners whose metric counts classes alike, at a fixed threshold; a class of fewer than some 50 samples.

    When it harms:
        Boosted trees gain nothing by it, and after thresholds are tuned it does no better than copies (73 data sets,
        Elor & Averbuch-Elor 2022); of 1,736 comparisons the area under the ROC curve changed in 10 %, mostly for the
        worse (Kim & Hwang 2022). Probabilities of rare classes come out too high. Around a wrong label it makes more of
        them, and between two clusters of a class samples of neither.

    How its gain is measured:
        New samples are made inside the training part alone, from training samples alone. By balanced accuracy, macro F1
        or the recall of the worst class; accuracy, which the largest classes decide, may well fall. Log loss says what
        it costs in calibration.

    References:
        Chawla, Bowyer, Hall & Kegelmeyer, "SMOTE: Synthetic Minority Over-sampling Technique", JAIR 16, 2002.
        Elor & Averbuch-Elor, "To SMOTE, or not to SMOTE?", 2022.
        Kim & Hwang, "An Empirical Evaluation of Sampling Methods for the Classification of Imbalanced Data", PLOS ONE
        17, 2022.

    Attributes:
        neighbours: of its class between which and a sample new ones are made; fewer where the class has no more.
        share: of the largest class's samples that every class is brought to.
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    neighbours: Annotated[int, Field(ge=1)] = 5
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "make new samples between neighbours of smaller classes"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        counts = part.class_counts
        refusal = not_to_grow(part.features, counts, share=self.share, least=self.least_imbalance)
        if refusal:
            return DidNotApply(refusal)
        wanted = raised(counts, self.share)
        seed, space = seed_for(part.seed, "smote"), row_space(part.features)
        grown = grown_by_smote(space, part.labels, wanted, neighbours=self.neighbours, seed=seed)
        rows = np.concatenate([part.rows, grown.repeated])
        told = f"train on {len(grown.labels):,} new samples beside {len(rows):,}"
        synthetic = Synthetic(grown.samples, grown.labels) if len(grown.labels) else None
        return Treatment(rows, part.labels[rows], told, synthetic=synthetic)
