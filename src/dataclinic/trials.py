"""Trials: arms that are trained side by side, what each scored on every outer fold, and what it gained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Unit: TypeAlias = Literal["pp", "nats", "target units"]
"""What a gain is counted in: percentage points of a share, nats of a loss, or the unit of a regression's target."""

Verdict: TypeAlias = Literal["helps", "no measurable effect", "hurts"]

UNTREATED = "untreated"
"""Name of the arm that trains on everything as it was given."""

COMBINATION = "combination"
"""Name of the arm that chooses and combines fixes anew in every training part."""

SIGNIFICANCE = 0.05
"""Share of trials without any effect in which some arm may get a verdict by chance."""

POWER = 0.8
"""Chance of a verdict that the smallest measurable gain is defined by."""


@dataclass(frozen=True)
class Metric:
    """One way to score predictions; shares are in [0, 1] and their gains told in percentage points."""

    name: str
    task: Literal["classification", "regression"]
    unit: Unit
    higher_is_better: bool


METRICS = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "classification", "pp", higher_is_better=True),
        Metric("balanced_accuracy", "classification", "pp", higher_is_better=True),
        Metric("macro_f1", "classification", "pp", higher_is_better=True),
        Metric("log_loss", "classification", "nats", higher_is_better=False),
        Metric("worst_class_recall", "classification", "pp", higher_is_better=True),
        Metric("mae", "regression", "target units", higher_is_better=False),
        Metric("rmse", "regression", "target units", higher_is_better=False),
        Metric("pinball", "regression", "target units", higher_is_better=False),
    )
}
"""By name; the first of a task is the one that verdicts are given on unless another is asked for."""


@dataclass(frozen=True)
class Changes:
    """How many training rows an arm changed in one fold."""

    dropped: int = 0
    relabelled: int = 0
    added: int = 0
    reweighted: int = 0


@dataclass(frozen=True)
class FoldScore:
    """How one arm did on one outer fold.

    `given` are metrics by name on the labels as given, `trusted` on the rows whose label people verified (empty where
    there are none; `trusted_rows` says how many). `recalls` are by class, NaN where the fold has none of it.
    `score_accuracies` holds the accuracy on the scored rows after each epoch, for models with epochs.
    """

    arm: str
    repeat: int
    fold: int
    train_rows: int
    test_rows: int
    given: Mapping[str, float]
    trusted: Mapping[str, float] = field(default_factory=dict)
    trusted_rows: int = 0
    recalls: tuple[float, ...] = ()
    score_accuracies: tuple[float, ...] = ()
    changes: Changes = Changes()


@dataclass(frozen=True)
class Gain:
    """What an arm adds to one metric over the untreated arm, on the same folds; positive is better, in `unit`.

    `untreated` and `treated` are means over folds. `interval` is the 95 % interval of `gain`, `p_adjusted` the p-value
    after Holm's correction over all arms, by which the verdict is given. `smallest_measurable` is the gain that would
    have got a verdict in 80 % of trials. `relative_error_reduction` is the share of the untreated arm's error that is
    gone, None where it had none.
    """

    metric: str
    unit: Unit
    untreated: float
    treated: float
    gain: float
    interval: tuple[float, float]
    p: float
    p_adjusted: float
    verdict: Verdict
    smallest_measurable: float
    relative_error_reduction: float | None


@dataclass(frozen=True)
class TrialPlan:
    """How trials are run: `folds` outer parts, drawn anew `repeats` times from `seed`; verdicts go by `metric`."""

    folds: int = 5
    repeats: int = 3
    seed: int = 0
    metric: str = "accuracy"
