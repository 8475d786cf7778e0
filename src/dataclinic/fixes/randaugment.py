"""Change training pictures by two of 14 operations at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dataclinic.findings import DidNotApply
from dataclinic.methods.recipe_followers import not_followed
from dataclinic.recipe import Recipe
from dataclinic.treatments import Treatment

if TYPE_CHECKING:
    from dataclinic.dataset import Task
    from dataclinic.fixes import TrainingPart


@dataclass(frozen=True)
class Randaugment:
    """Change training pictures by two of 14 operations at random.

    What it changes:
        Each time that a picture is trained on, two of 14 changes of colour and shape are drawn for it, at 9 of 30 of
        their full strength; then it is mirrored and shifted as by `flip_crop`.

    When it helps:
        Networks with more parameters than the pictures can fill, trained for long: on ImageNet it adds 1.3 points to a
        ResNet-50.

    When it harms:
        Short trainings and small networks underfit with it; rotation, inverted and posterised colours can change what a
        picture shows.

    How its gain is measured:
        The model is trained on the same rows with the same seed, with and without it, in every outer fold. Where the
        model's own settings say the same already, the gain is exactly 0.

    References:
        Cubuk, Zoph, Shlens & Le, "RandAugment: Practical Automated Data Augmentation with a Reduced Search Space",
        NeurIPS 2020.
    """

    summary: ClassVar[str] = "change training pictures by two of 14 operations at random"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        recipe = Recipe(augmentation="randaugment")
        refusal = not_followed(recipe, part.model, part.honours)
        if refusal:
            return DidNotApply(refusal)
        return Treatment(part.rows, part.labels, "change pictures by two of 14 operations at random", recipe=recipe)
