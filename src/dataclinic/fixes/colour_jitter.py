"""Change brightness, contrast and saturation of training pictures at random."""

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
class ColourJitter:
    """Change brightness, contrast and saturation of training pictures at random.

    What it changes:
        Each time that a picture is trained on, its brightness, contrast and saturation are multiplied by factors drawn
        from 0.6 to 1.4; then it is mirrored and shifted as by `flip_crop`.

    When it helps:
        Pictures whose light or camera has nothing to do with their class, and that will be taken in other light than
        those trained on.

    When it harms:
        Where colour or brightness is what tells classes apart: ripe and unripe fruit, stained tissue, the weather.

    How its gain is measured:
        The model is trained on the same rows with the same seed, with and without it, in every outer fold. Where the
        model's own settings say the same already, the gain is exactly 0.

    References:
        Howard, "Some Improvements on Deep Convolutional Neural Network Based Image Classification", 2013, section 2.2.
    """

    summary: ClassVar[str] = "change the colours of training pictures at random"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        recipe = Recipe(augmentation="colour_jitter")
        refusal = not_followed(recipe, part.model, part.honours)
        if refusal:
            return DidNotApply(refusal)
        return Treatment(
            part.rows, part.labels, "change brightness, contrast and saturation of pictures at random", recipe=recipe
        )
