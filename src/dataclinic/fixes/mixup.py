"""Train on blends of two samples and of their labels."""

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
class Mixup:
    """Train on blends of two samples and of their labels.

    What it changes:
        Each training sample is blended with another of its batch, and their labels in the same proportion, which is
        drawn from a Beta distribution. Heads blend vectors, networks pictures.

    When it helps:
        Networks trained for long, and wrong labels, which no blend lets the network learn by heart: the authors report
        large gains where labels were replaced at random.

    When it harms:
        Short trainings underfit. Blends of two classes may look like a third. Probabilities become more timid.

    How its gain is measured:
        The model is trained on the same rows with the same seed, with and without it, in every outer fold. Where the
        model's own settings say the same already, the gain is exactly 0.

    References:
        Zhang, Cisse, Dauphin & Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018.

    Attributes:
        alpha: of the Beta distribution; for ImageNet the authors recommend 0.1 to 0.4; larger blends more evenly.
    """

    alpha: Annotated[float, Field(gt=0)] = 0.2

    summary: ClassVar[str] = "train on blends of two samples and their labels"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        recipe = Recipe(mixup=self.alpha)
        refusal = not_followed(recipe, part.model, part.honours)
        if refusal:
            return DidNotApply(refusal)
        return Treatment(
            part.rows, part.labels, f"blend samples in pairs, Beta({self.alpha:g}, {self.alpha:g})", recipe=recipe
        )
