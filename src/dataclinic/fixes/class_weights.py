"""Let every class weigh the same in training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.class_balance import too_balanced
from dataclinic.methods.class_weighting import balanced_weights
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class ClassWeights:
    """Let every class weigh the same in training.

    What it changes:
        Each sample of a class with n_c of n samples in K classes weighs n / (K n_c), scikit-learn's "balanced", so that
        classes weigh the same together.

    When it helps:
        A linear model or a head whose metric counts classes alike: it moves the decision as resampling would, without
        copies and without losing samples.

    When it harms:
        Accuracy on data with the same imbalance, and the probabilities: those of rare classes come out too high (in a
        clinical study at a prevalence of 1 % the calibration intercept moved from about 0 to -4.5). A wrong label in a
        small class weighs as many times more as the class is smaller.

    How its gain is measured:
        By balanced accuracy, macro F1 or the recall of the worst class; accuracy, which the largest classes decide, may
        well fall. Log loss says what it costs in calibration.

    References:
        King & Zeng, "Logistic Regression in Rare Events Data", Political Analysis 9, 2001.
        van den Goorbergh, van Smeden, Timmerman & Van Calster, "The Harm of Class Imbalance Corrections for Risk
        Prediction Models", JAMIA 29, 2022.

    Attributes:
        least_imbalance: largest over smallest class from which on there is something to balance.
    """

    least_imbalance: Annotated[float, Field(ge=1)] = 1.5

    summary: ClassVar[str] = "let every class weigh the same"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        balanced = too_balanced(part.class_counts, self.least_imbalance)
        if balanced:
            return DidNotApply(balanced)
        weights = balanced_weights(part.class_counts)
        low, high = weights[part.class_counts > 0].min(), weights.max()
        told = f"classes weigh {low:.3g} to {high:.3g}"
        return Treatment(part.rows, part.labels, told, weights=weights[part.labels])
