"""Fit jobs: train on these rows with these labels and weights, then score those; all training is lists of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataclinic.recipe import PLAIN, Recipe

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Probs, Rows, Scores


@dataclass(frozen=True)
class FitJob:
    """One classifier to train.

    `labels`, `weights` and `groups` belong to `train_rows`, in that order; no weights means 1 each. `score_rows`
    never overlap `train_rows`. Rows are positions in the features that the model is given.

    `groups` keep related training rows on one side of an inner split. `score_labels` are the given labels of the
    scored rows: training dynamics watch them, and nothing whatever is learned or chosen by them.
    """

    train_rows: Rows
    labels: Labels
    score_rows: Rows
    seed: int
    weights: Scores | None = None
    recipe: Recipe = PLAIN
    groups: Codes | None = None
    score_labels: Labels | None = None


@dataclass(frozen=True)
class TargetJob:
    """One regression to train; as `FitJob`, with numbers for labels."""

    train_rows: Rows
    targets: Scores
    score_rows: Rows
    seed: int
    weights: Scores | None = None


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows: the rate it ended with, mean loss and accuracy as the passes saw them.

    `inner_loss_nats` and `inner_accuracy` are of the rows that were held back inside the training rows, None where
    there are none. `score_accuracy` is of the scored rows after the epoch, None unless the job named `score_labels`;
    it is only watched: nothing is learned or chosen by it.
    """

    learning_rate: float
    loss_nats: float
    accuracy: float
    inner_loss_nats: float | None = None
    inner_accuracy: float | None = None
    score_accuracy: float | None = None


@dataclass(frozen=True)
class Dynamics:
    """What the model said of the given labels after each epoch; every array is (epochs, rows) float32.

    `train_probs` and `train_margins` are of the job's training rows with the labels they were trained with: the
    probability of that label, and its logit minus the largest other logit. `score_probs` is the probability of
    `score_labels` for the held-out rows, None where the job named none.
    """

    train_probs: NDArray[np.float32]
    train_margins: NDArray[np.float32]
    score_probs: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class FitResult:
    """What a job's model says of its `score_rows`: (score_rows, classes) probabilities, in that order.

    `history` and `dynamics` come from models that train in epochs; elsewhere they are empty.
    """

    probs: Probs
    history: tuple[Epoch, ...] = ()
    dynamics: Dynamics | None = None


@dataclass(frozen=True)
class TrainingDynamics:
    """How training went for each sample, over all fits that trained on it or held it out; (samples,) each.

    NaN where no fit with epochs trained on the sample, or held it out. `area_under_margin` is the mean over epochs of
    the given label's logit minus the largest other one (Pleiss et al. 2020); `forgetting_events` how often a fit went
    from right to wrong (Toneva et al. 2019), mean over fits; `confidence` and `variability` the mean and standard
    deviation over epochs of the given label's probability (Swayamdipta et al. 2020). `held_out_confidence` and
    `held_out_variability` are the same of models that never trained on the sample.
    """

    area_under_margin: Scores
    forgetting_events: Scores
    confidence: Scores
    variability: Scores
    held_out_confidence: Scores
    held_out_variability: Scores


@dataclass(frozen=True)
class FoldPlan:
    """How samples are held out: `folds` parts, drawn anew `repeats` times from `seed`."""

    folds: int = 5
    repeats: int = 3
    seed: int = 0


@dataclass(frozen=True)
class FitHistory:
    """The epochs of one fit, and which fit it was."""

    model: str
    repeat: int
    fold: int
    epochs: tuple[Epoch, ...]
