"""A bounded search over the settings of one model: what is asked for, every trial, and which settings are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from dataclinic.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Sampler: TypeAlias = Literal["tpe", "random", "grid"]


@dataclass(frozen=True)
class Search:
    """How far to search: at most `trials` settings, the model's own among them, each scored on `folds` inner folds.

    `seconds`, summed over all trials, is when no further one begins; None sets no limit.

    Raises:
        OptionError: no such sampler, or a number is too small.
    """

    sampler: Sampler = "tpe"
    trials: int = 20
    seconds: float | None = None
    folds: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.sampler not in get_args(Sampler):
            raise OptionError.unknown_value("sampler", self.sampler, get_args(Sampler))
        for name, value, least in (("trials", self.trials, 2), ("folds", self.folds, 2), ("seconds", self.seconds, 0)):
            if value is not None and value < least:
                raise OptionError.too_small(name, value, least)


@dataclass(frozen=True)
class Journal:
    """File that keeps finished trials, and what they belong to: equal names in `study` mean equal data and features."""

    file: Path
    study: str


@dataclass(frozen=True)
class Trial:
    """Settings that were tried, by name, and their score on each fold that was run; the lower loss is the better one.

    Trial 0 has no settings: it is the model as it was given. `loss` and `accuracy` are means over the samples of the
    folds that were run; in regression there is no accuracy. A trial that was `pruned` did worse than others on its
    first folds and skipped the rest.
    """

    number: int
    settings: Mapping[str, Any]
    fold_losses: tuple[float, ...]
    loss: float
    seconds: float
    fold_accuracies: tuple[float, ...] = ()
    accuracy: float | None = None
    pruned: bool = False


@dataclass(frozen=True)
class Tuning:
    """All trials of one model, in the order they ended, and what to make of them.

    `measure` names the loss with its unit. `given` are settings that were given and therefore not searched,
    `fold_rows` the judged samples of each inner fold. `gain` is how much lower the loss of the best settings is than
    that of the default ones, `standard_error` that of the paired difference over folds (None with a single fold).
    """

    model: str
    measure: str
    search: Search
    given: Mapping[str, Any]
    fold_rows: tuple[int, ...]
    trials: tuple[Trial, ...]
    gain: float
    standard_error: float | None

    @property
    def default(self) -> Trial:
        return self.trials[0]

    @property
    def best(self) -> Trial:
        return best_of(self.trials)

    @property
    def chosen(self) -> Trial:
        """The best trial where its gain is more than one standard error, else the default.

        The one-standard-error rule of Breiman, Friedman, Olshen & Stone, *Classification and Regression Trees*, 1984,
        section 3.4.3: of settings that cannot be told apart take the simplest, here the default.
        """
        if self.standard_error is None or self.gain <= self.standard_error:
            return self.default
        return self.best

    @property
    def reason(self) -> str:
        """Why the chosen settings are chosen, in a sentence."""
        if self.best is self.default:
            return "no settings did better than the default ones"
        error = "unknown" if self.standard_error is None else f"{self.standard_error:.4f}"
        compared = f"than one standard error of the difference over folds ({error})"
        gained = f"trial {self.best.number} lowers the {self.measure} by {self.gain:.4f}"
        if self.chosen is self.default:
            return f"{gained}, no more {compared}: the default settings stay"
        return f"{gained}, more {compared}"


def best_of(trials: Iterable[Trial]) -> Trial:
    """The trial of lowest loss among those that ran on all folds, the first of equals."""
    return min((trial for trial in trials if not trial.pruned), key=lambda trial: trial.loss)
