"""An option or setting is not valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from dataclinic.errors.root import DataclinicError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class OptionError(DataclinicError):
    """An option or setting is not valid."""

    @classmethod
    def unknown_value(cls, option: str, value: str, known: Iterable[str]) -> Self:
        return cls(f"unknown {option} '{value}'", did_you_mean(value, tuple(known)))

    @classmethod
    def no_such_device(cls, name: str) -> Self:
        return cls(f"device '{name}' is not available on this machine", "use --device cpu, or see: dataclinic doctor")

    @classmethod
    def encoder_for_other_data(cls, encoder: str, payload: str) -> Self:
        return cls(
            f"encoder '{encoder}' cannot encode {payload}", "leave --encoder out, or see: dataclinic list encoders"
        )

    @classmethod
    def no_check_left(cls) -> Self:
        return cls("--only and --skip leave no check to run", "see: dataclinic list checks")

    @classmethod
    def not_a_table(cls, name: str, value: object) -> Self:
        return cls(f"{name} cannot be {value!r}", f"it holds settings by name, e.g. [{name}] in the TOML file")

    @classmethod
    def bad_assignment(cls, text: str) -> Self:
        return cls(f"cannot read --set {text}", "write it as kind.id.name=value, e.g. --set checks.high_loss.factor=3")

    @classmethod
    def bad_settings_file(cls, file: Path, error: Exception) -> Self:
        return cls(
            f"cannot read the settings in {file}: {error}", "settings are a TOML file; see the README for an example"
        )

    @classmethod
    def bad_setting(cls, owner: str, problem: Mapping[str, Any]) -> Self:
        """`problem` is one entry of a pydantic error list."""
        name = ".".join((owner, *map(str, problem["loc"])))
        return cls(f"{name} cannot be {problem['input']!r}", problem["msg"].lower())
