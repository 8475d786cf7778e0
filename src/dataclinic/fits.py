"""Fit jobs: train on these rows with these labels and weights, then score those; all training is lists of them."""

from dataclasses import dataclass

from dataclinic.arrays import Labels, Probs, Rows, Scores


@dataclass(frozen=True)
class FitJob:
    """One model to train.

    `labels` and `weights` belong to `train_rows`, in that order; no weights means 1 each. `score_rows`
    never overlap `train_rows`. Rows are positions in the features that the model is given.
    """

    train_rows: Rows
    labels: Labels
    score_rows: Rows
    seed: int
    weights: Scores | None = None


@dataclass(frozen=True)
class FitResult:
    """What a job's model says of its `score_rows`: (score_rows, classes) probabilities, in that order."""

    probs: Probs


@dataclass(frozen=True)
class FoldPlan:
    """How samples are held out: `folds` parts, drawn anew `repeats` times from `seed`."""

    folds: int = 5
    repeats: int = 3
    seed: int = 0
