"""Average what the model says of several views of a picture."""

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
class TestTimeAugmentation:
    """Average what the model says of several views of a picture.

    What it changes:
        The model is trained as before. A scored picture is seen as it is, shifted a little two ways and, where pictures
        are mirrored in training, mirrored; the probabilities are averaged. Training rows stay as they are.

    When it helps:
        Networks trained from scratch on small pictures: a few tenths of a point, and better calibrated.

    When it harms:
        It multiplies the time of every prediction by up to six, also in use. Where mirrored pictures are of other
        classes it mixes them up.

    How its gain is measured:
        The model is trained on the same rows with the same seed, with and without it, in every outer fold. Where the
        model's own settings say the same already, the gain is exactly 0.

    References:
        Krizhevsky, Sutskever & Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NeurIPS 2012,
        section 4.1.
    """

    summary: ClassVar[str] = "average over views of each scored picture"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        recipe = Recipe(test_time_augmentation=True)
        refusal = not_followed(recipe, part.model, part.honours)
        if refusal:
            return DidNotApply(refusal)
        return Treatment(part.rows, part.labels, "average over views of each scored picture", recipe=recipe)
