"""Settings of an audit: command-line options over a TOML file over defaults, validated once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from dataclinic.dataset import ColumnRoles, Task
from dataclinic.errors import OptionError
from dataclinic.registry import CHECKS, ENCODERS, FIXES, MODELS, Registry
from dataclinic.trials import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

SETS_OF_FIXES = ("default", "all", "none")
"""In place of ids of fixes."""

PluginSettings = dict[str, dict[str, Any]]


class Settings(BaseModel):
    """Everything that decides what an audit does; equal settings on equal data give equal numbers.

    `checks`, `encoders`, `fixes` and `models` hold the settings of single plug-ins: {"iqr_outliers": {"factor": 3.0}}.
    `trials` names the fixes whose gain is measured, or is "default", "all" or "none"; folds and repeats are those
    of the audit where `trial_folds` and `trial_repeats` are None. `probs` are those of the user's own model, in whose
    place none is trained. A label is flagged where its probability of being wrong is above `flag_above`; in
    `planted_copies` copies of the labels errors are planted, and the models trained anew, to learn how errors look.
    `fail_on` is what is too much of what (`steps/parse_limits.py`); it decides no number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str | None = None
    image: str | None = None
    text: str | None = None
    id: str | None = None
    group: str | None = None
    time: str | None = None
    task: Task = "classification"
    encoder: str = "auto"
    weights: Path | None = None
    model: tuple[str, ...] = Field(default=("auto",), min_length=1)
    folds: int = Field(default=5, ge=2, le=100)
    repeats: int = Field(default=3, ge=1, le=100)
    seed: int = Field(default=0, ge=0)
    probs: Path | None = None
    flag_above: float = Field(default=0.5, gt=0, lt=1)
    planted_copies: int = Field(default=1, ge=0, le=20)
    device: str = "auto"
    tune: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    trials: tuple[str, ...] = Field(default=("default",), min_length=1)
    trial_model: str = "auto"
    trial_folds: int | None = Field(default=None, ge=2, le=100)
    trial_repeats: int | None = Field(default=None, ge=1, le=100)
    metric: str = "auto"
    confirm: bool = False
    trusted: str | None = None
    fail_on: str | None = None
    checks: PluginSettings = {}
    encoders: PluginSettings = {}
    fixes: PluginSettings = {}
    models: PluginSettings = {}

    @field_validator("model", "trials", mode="before")
    @classmethod
    def _one_or_more(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @property
    def roles(self) -> ColumnRoles:
        return ColumnRoles(
            label=self.label, image=self.image, text=self.text, id=self.id, group=self.group, time=self.time
        )

    @property
    def encoder_settings(self) -> PluginSettings:
        """Settings of encoders, `weights` among those of the ones that take weights."""
        return _with_weights(self.encoders, self.weights, ("timm_image", "sentence_embeddings"))

    @property
    def model_settings(self) -> PluginSettings:
        """Settings of models, `weights` among those of the ones that take weights."""
        return _with_weights(self.models, self.weights, ("timm_finetune",))

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def _with_weights(settings: PluginSettings, weights: Path | None, takers: tuple[str, ...]) -> PluginSettings:
    if weights is None:
        return settings
    return {**settings, **{name: {**settings.get(name, {}), "weights": weights} for name in takers}}


def read_settings(file: Path | None = None, options: Mapping[str, Any] | None = None) -> Settings:
    """Settings from `file` (TOML) with `options` on top; an option that is None leaves what the file says.

    Raises:
        OptionError: the file cannot be read, or a name or value is not valid.
    """
    given = {} if file is None else _read_toml(file)
    for name, value in (options or {}).items():
        if isinstance(value, dict):
            given = merged(given, {name: value})
        elif value is not None and value != ():
            given[name] = value
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        problem = error.errors()[0]
        if problem["type"] == "extra_forbidden":
            raise OptionError.unknown_value("setting", str(problem["loc"][0]), tuple(Settings.model_fields)) from error
        raise OptionError.bad_setting("settings", problem) from error
    if settings.image is not None and settings.text is not None:
        raise OptionError.image_and_text()
    _check_names(settings)
    return settings


def parse_assignment(text: str) -> dict[str, Any]:
    """`checks.iqr_outliers.factor=3` as nested settings; the value is read as TOML, else as plain text.

    Raises:
        OptionError: there is no `=`, or the name does not have three parts.
    """
    name, equals, value = text.partition("=")
    parts = name.strip().replace("-", "_").split(".")
    if not equals or len(parts) != 3 or parts[0] not in {"checks", "encoders", "fixes", "models"}:
        raise OptionError.bad_assignment(text)
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    return {parts[0]: {parts[1]: {parts[2]: parsed}}}


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`below` with the entries of `above` on top, nested tables merged entry by entry.

    Raises:
        OptionError: a table is to be merged with what is none.
    """
    both = dict(below)
    for name, value in above.items():
        beneath = both.get(name, {})
        if isinstance(value, dict) and not isinstance(beneath, dict):
            raise OptionError.not_a_table(name, beneath)
        both[name] = merged(beneath, value) if isinstance(value, dict) else value
    return both


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionError.bad_settings_file(file, error) from error


def _check_names(settings: Settings) -> None:
    _require(ENCODERS, [settings.encoder] if settings.encoder != "auto" else [])
    _require(MODELS, [name for name in settings.model if name != "auto"])
    _require(CHECKS, [*settings.only, *settings.skip, *settings.checks])
    if len(settings.trials) > 1 or settings.trials[0] not in SETS_OF_FIXES:
        _require(FIXES, settings.trials)
    _require(MODELS, [settings.trial_model] if settings.trial_model != "auto" else [])
    if settings.metric not in (known := ("auto", *(name for name in METRICS if METRICS[name].task == settings.task))):
        raise OptionError.unknown_value("metric", settings.metric, known)
    _require(ENCODERS, settings.encoders)
    _require(FIXES, settings.fixes)
    _require(MODELS, settings.models)


def _require(registry: Registry[Any], names: Any) -> None:
    for name in names:
        registry.require(name)
