"""A treatment: what a fix makes of training rows before a model trains on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dataclinic.recipe import PLAIN, Recipe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Rows, Scores
    from dataclinic.features import Features


class ColumnMap(Protocol):
    """Makes numeric columns of a table into others, row by row: a row's result depends on that row alone.

    A frozen dataclass that holds what was learned from training rows, so that its `repr` is the record of it.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that come out."""
        ...

    def apply(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """(samples, names) from (samples, columns that it learned from); NaN is an empty cell, and stays one or not."""
        ...


@dataclass(frozen=True)
class Synthetic:
    """Training rows that no sample is: `features` of the same kind as those they were made from, and their labels."""

    features: Features
    labels: Labels


@dataclass(frozen=True)
class Treatment:
    """How to train, for a training part of n rows that are numbered 0 … n - 1.

    `rows` are those that train: a row may stand there several times, and one that does not is dropped. `labels` (class
    codes, or numbers in regression) and `weights` (1 each where None; finite, none below 0) belong to `rows`, in their
    order. `synthetic` rows are trained on beside them, with weight 1. `column_map` changes the numeric columns of
    training rows and scored rows alike, before anything else. `offsets` (classes,) are added to the log-probabilities
    of scored rows, which moves decisions without training anew. `told` says in a few words what was done, with numbers:
    "relabel 212 of 16,000 labels".
    """

    rows: Rows
    labels: Labels | Scores
    told: str
    weights: Scores | None = None
    recipe: Recipe = PLAIN
    synthetic: Synthetic | None = None
    column_map: ColumnMap | None = None
    offsets: Scores | None = None
