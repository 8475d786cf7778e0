"""Mirror and shift training pictures at random."""

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
class FlipCrop:
    """Mirror and shift training pictures at random.

    What it changes:
        Each time that a picture is trained on it is mirrored, by the toss of a coin, and shifted by up to an eighth of
        each side.

    When it helps:
        Few pictures, and a network trained from scratch: it learns that an object stays what it is when it moves.
        Without it, networks learn small sets by heart.

    When it harms:
        Where left and right matter, as with letters, digits and some medical pictures, mirroring makes other classes of
        them; a model's setting `flip` can turn it off. What lies at the edge is shifted out.

    How its gain is measured:
        The model is trained on the same rows with the same seed, with and without it, in every outer fold. Where the
        model's own settings say the same already, the gain is exactly 0.

    References:
        Krizhevsky, Sutskever & Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NeurIPS 2012,
        section 4.1.
    """

    summary: ClassVar[str] = "mirror and shift training pictures at random"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        recipe = Recipe(augmentation="flip_crop")
        refusal = not_followed(recipe, part.model, part.honours)
        if refusal:
            return DidNotApply(refusal)
        return Treatment(part.rows, part.labels, "mirror and shift pictures at random", recipe=recipe)
