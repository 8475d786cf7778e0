"""trials.json as the report reads it: what each fix gained, and how that was measured."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import AliasChoices, BeforeValidator, Field, FiniteFloat, StrictInt
from pydantic.types import Strict

from dataclinic.errors import RunError
from dataclinic.report.reading import Text, require_form
from dataclinic.trials import Unit, Verdict  # noqa: TC001 - pydantic looks them up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.rundir import RunDir

PLAN_FILES = ("treatment.toml", "training_plan.parquet")
"""What a run keeps of the recommended fixes, for another training to follow."""

Number = Annotated[FiniteFloat, Strict()]


def _bounded(interval: object) -> object:
    """None for an interval without bounds, as a single fold gives it."""
    return None if isinstance(interval, list) and None in interval else interval


Interval: TypeAlias = Annotated[tuple[Number, Number] | None, BeforeValidator(_bounded)]

Scores: TypeAlias = dict[Text, Number | None]
"""Means over folds, by metric."""


@dataclass(frozen=True, kw_only=True)
class MetricGain:
    """What an arm adds to one metric over the untreated arm; positive is better, in `unit`.

    `untreated` and `treated` are shares in [0, 1] where the unit is percentage points. `interval` is the 95 % interval,
    None where the data gave no bounds.
    """

    unit: Unit
    untreated: Number
    treated: Number
    gain: Number
    interval: Interval = None
    verdict: Verdict
    p_adjusted: Number | None = None
    smallest_measurable: Number | None = None
    relative_error_reduction: Number | None = None


@dataclass(frozen=True)
class ClassGain:
    """Gain in the recall of one class, in percentage points."""

    gain_pp: Number
    interval_pp: Interval = None


@dataclass(frozen=True)
class EpochsToBaseline:
    """Epochs until the untreated arm's final accuracy is reached."""

    untreated: Number
    treated: Number


@dataclass(frozen=True, kw_only=True)
class TriedArm:
    """An arm that was trained and scored; `metrics` are on labels as given, `trusted` on those that people verified.

    `control_gain` is what dropping as many samples at random gained, None where the arm drops none, and `over_control`
    what the arm gained over that. `told` says what the arm does on the whole data.
    """

    arm: Text
    fix: Text = ""
    settings: Text = ""
    outcome: Literal["tried"] = "tried"
    told: Text | None = None
    metric: Text
    metrics: dict[Text, MetricGain]
    control_gain: Annotated[Number | None, Field(validation_alias=AliasChoices("control_gain_pp", "control_gain"))] = (
        None
    )
    control_interval: Annotated[
        Interval, Field(validation_alias=AliasChoices("control_interval_pp", "control_interval"))
    ] = None
    over_control: Annotated[Number | None, Field(validation_alias=AliasChoices("over_control_pp", "over_control"))] = (
        None
    )
    over_control_interval: Annotated[
        Interval, Field(validation_alias=AliasChoices("over_control_interval_pp", "over_control_interval"))
    ] = None
    trusted: dict[Text, MetricGain] | None = None
    classes: dict[Text, ClassGain] | None = None
    epochs_to_baseline: EpochsToBaseline | None = None

    def __post_init__(self) -> None:
        if self.metric not in self.metrics:
            raise ValueError(f"{self.arm} has no gain in {self.metric}")

    @property
    def measured(self) -> MetricGain:
        """The gain that its verdict is about."""
        return self.metrics[self.metric]

    @property
    def trusted_gain(self) -> MetricGain | None:
        """The same metric on labels that people verified."""
        return (self.trusted or {}).get(self.metric)

    def largest_class_gains(self, limit: int) -> tuple[tuple[str, ClassGain], ...]:
        """Classes whose recall changed most, in either direction, at most `limit`."""
        ranked = sorted((self.classes or {}).items(), key=lambda item: -abs(item[1].gain_pp))
        return tuple(ranked[:limit])


@dataclass(frozen=True, kw_only=True)
class UntriedArm:
    """An arm that could not be trained, and why."""

    arm: Text
    fix: Text = ""
    outcome: Literal["did not apply", "failed"]
    reason: Text | None = None


Arm: TypeAlias = Annotated[TriedArm | UntriedArm, Field(discriminator="outcome")]


@dataclass(frozen=True, kw_only=True)
class CombinedArm(TriedArm):
    """Several fixes in turn, measured on folds that did not choose them."""

    fixes: list[Text] = field(default_factory=list)


@dataclass(frozen=True)
class NotCombined:
    """Why no fixes were combined."""

    reason: Text


@dataclass(frozen=True)
class TrialModel:
    """The model that was trained in every arm."""

    id: Text
    description: Text = ""


@dataclass(frozen=True)
class TrustedRows:
    """Samples whose label people verified, and the untreated arm's scores on them."""

    rows: StrictInt
    untreated: Scores = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)


@dataclass(frozen=True)
class LabelNoise:
    """Share of given labels that look wrong, and share of a true gain that scores on them hide."""

    share: Number
    hidden_share: Number


@dataclass(frozen=True)
class Confirmed:
    """The winners again, with another model."""

    model: TrialModel
    metric: Text
    arms: list[Arm]
    untreated: Scores = field(default_factory=dict)

    @property
    def tried(self) -> tuple[TriedArm, ...]:
        """Arms that were measured again, best gain first."""
        return _measured(self.arms)


@dataclass(frozen=True, kw_only=True)
class Trials:
    """What trials.json says; `content` is the file as it was read, `files` those of PLAN_FILES that the run has."""

    model: TrialModel
    metric: Text
    folds: StrictInt
    repeats: StrictInt
    seed: StrictInt | None = None
    samples: StrictInt | None = None
    untreated: Scores = field(default_factory=dict)
    trusted: TrustedRows | None = None
    noise: LabelNoise | None = None
    arms: list[Arm]
    combination: CombinedArm | NotCombined | None = None
    confirmed: Confirmed | None = None
    recommended: list[Text] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    content: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    files: tuple[str, ...] = ()

    @property
    def tried(self) -> tuple[TriedArm, ...]:
        """Arms that were measured, best gain first."""
        return _measured(self.arms)

    @property
    def untried(self) -> tuple[UntriedArm, ...]:
        """The others: those that failed first, as in the list of checks."""
        arms = [arm for arm in self.arms if isinstance(arm, UntriedArm)]
        return tuple(sorted(arms, key=lambda arm: arm.outcome != "failed"))

    @property
    def combined(self) -> CombinedArm | None:
        """The combination, None where nothing was combined."""
        return self.combination if isinstance(self.combination, CombinedArm) else None

    def having(self, verdict: Verdict) -> tuple[TriedArm, ...]:
        """Measured arms of one verdict, best gain first."""
        return tuple(arm for arm in self.tried if arm.measured.verdict == verdict)


def read_trials(run: RunDir) -> Trials | None:
    """trials.json; None where the run has none.

    Raises:
        RunError: the file is broken.
    """
    path = run.path / "trials.json"
    if not path.is_file():
        return None
    content = run.read_json("trials.json")
    trials: Trials = require_form(run, "trials.json", content, Trials)
    try:
        json.dumps(content, allow_nan=False)
    except ValueError as error:
        raise RunError.broken_file(path, error) from error
    return replace(trials, content=content, files=tuple(name for name in PLAN_FILES if (run.path / name).is_file()))


def _measured(arms: Sequence[Arm]) -> tuple[TriedArm, ...]:
    tried = [arm for arm in arms if isinstance(arm, TriedArm)]
    return tuple(sorted(tried, key=lambda arm: -arm.measured.gain))
