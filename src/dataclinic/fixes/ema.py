"""Predict with a moving average of the weights."""

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
class Ema:
    """Predict with a moving average of the weights.

    What it changes:
        Beside the weights that are trained stands their exponential moving average, and it is that which predicts.

    When it helps:
        Small batches and high learning rates, under which the weights of the last update are a matter of chance. It
        costs a copy of the weights and no training.

    When it harms:
        Trainings of very few updates, whose average still remembers the beginning; and a learning rate that has fallen
        to 0 has done the same already.

    How its gain is measured:
        The model is trained on the same rows with the same seed, with and without it, in every outer fold. Where the
        model's own settings say the same already, the gain is exactly 0.

    References:
        Polyak & Juditsky, "Acceleration of Stochastic Approximation by Averaging", SIAM Journal on Control and
        Optimization 30, 1992.
    """

    summary: ClassVar[str] = "predict with a moving average of the weights"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = False
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        recipe = Recipe(ema=True)
        refusal = not_followed(recipe, part.model, part.honours)
        if refusal:
            return DidNotApply(refusal)
        return Treatment(part.rows, part.labels, "predict with a moving average of the weights", recipe=recipe)
