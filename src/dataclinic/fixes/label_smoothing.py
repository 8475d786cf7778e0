"""Spread a share of every label over the other classes."""

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
class LabelSmoothing:
    """Spread a share of every label over the other classes.

    What it changes:
        A sample's label is its class to 1 - share, and every class to an equal part of the share, so that no
        probability is pushed to 1.

    When it helps:
        Networks that become too sure, and some wrong labels: they can be outvoted where no label is certain (Lukasik et
        al. 2020 find it as good as loss correction under label noise).

    When it harms:
        Classes that are alike in different degrees are treated as equally wrong, and small trainings that were not too
        sure become too timid: log loss rises. `ridge_head` does not follow it: least squares only scales with it, which
        its temperature takes back.

    How its gain is measured:
        The model is trained on the same rows with the same seed, with and without it, in every outer fold. Where the
        model's own settings say the same already, the gain is exactly 0.

    References:
        Szegedy, Vanhoucke, Ioffe, Shlens & Wojna, "Rethinking the Inception Architecture for Computer Vision", CVPR
        2016, section 7.
        Lukasik, Bhojanapalli, Menon & Kumar, "Does Label Smoothing Mitigate Label Noise?", ICML 2020.

    Attributes:
        share: of every label that is spread.
    """

    share: Annotated[float, Field(gt=0, lt=1)] = 0.1

    summary: ClassVar[str] = "spread a share of every label over the other classes"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    screened: ClassVar[bool] = True
    listens: ClassVar[frozenset[str]] = frozenset()

    def propose(self, part: TrainingPart) -> Treatment | DidNotApply:
        recipe = Recipe(label_smoothing=self.share)
        refusal = not_followed(recipe, part.model, part.honours)
        if refusal:
            return DidNotApply(refusal)
        return Treatment(
            part.rows, part.labels, f"spread {self.share:.0%} of every label over the classes", recipe=recipe
        )
