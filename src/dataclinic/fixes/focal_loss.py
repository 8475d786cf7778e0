"""Train with a loss that turns to hard samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from dataclinic.findings import DidNotApply
from dataclinic.methods.recipe_followers import not_followed
from dataclinic.recipe import Recipe
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class FocalLoss:
    """Train with a loss that turns to hard samples.

    What it changes:
        The loss of a sample whose class has probability p is (1 - p)^γ times its cross-entropy, so that samples which
        the model is sure of hardly count.

    When it helps:
        A flood of easy samples, as in the detection of objects, where a thousand background boxes stand beside one
        object: there it made a one-stage detector as good as two-stage ones.

    When it harms:
        Wrong labels are the hardest samples of all, and get most of the loss. For the balanced accuracy of classes, no
        gain over logit adjustment is published. Probabilities become too timid.

    How its gain is measured:
        The model is trained on the same rows with the same seed, with and without it, in every outer fold. Where the
        model's own settings say the same already, the gain is exactly 0.

    References:
        Lin, Goyal, Girshick, He & Dollár, "Focal Loss for Dense Object Detection", ICCV 2017.

    Attributes:
        gamma: exponent; 2 is the authors' choice among values up to 5.
    """

    gamma: Annotated[float, Field(gt=0)] = 2.0

    summary: ClassVar[str] = "train with a loss that turns to hard samples"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        recipe = Recipe(focal_gamma=self.gamma)
        refusal = not_followed(recipe, part.model, part.honours)
        if refusal:
            return DidNotApply(refusal)
        return Treatment(part.rows, part.labels, f"focal loss with γ = {self.gamma:g}", recipe=recipe)
