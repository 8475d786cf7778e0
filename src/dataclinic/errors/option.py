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

    @classmethod
    def recipe_not_honoured(cls, model: str, asked: Iterable[str]) -> Self:
        return cls(f"model '{model}' cannot train with {', '.join(asked)}", "choose another: dataclinic list models")

    @classmethod
    def model_for_other_task(cls, model: str, task: str, known: Iterable[str]) -> Self:
        return cls(f"model '{model}' is not for {task}", f"models for it: {', '.join(known)}")

    @classmethod
    def model_for_other_data(cls, model: str, wanted: str, payload: str) -> Self:
        return cls(
            f"model '{model}' learns from {wanted}, and this data is read as {payload}",
            "leave --model out, or name the column that holds them (--image, --text)",
        )

    @classmethod
    def weights_without_taker(cls, models: Iterable[str], encoder: str) -> Self:
        using = f"model {', '.join(models)}" + ("" if encoder == "auto" else f" and encoder {encoder}")
        return cls(
            f"nothing here can use --weights: {using} take none",
            "leave --weights out, or name what takes them: --encoder timm_image, --model timm_finetune",
        )

    @classmethod
    def model_needs_encoder(cls, model: str, needed: str, encoder: str) -> Self:
        return cls(
            f"model '{model}' trains on what the encoder '{needed}' gives, not '{encoder}'", "leave --encoder out"
        )

    @classmethod
    def models_need_encoders(cls, encoders: Iterable[str]) -> Self:
        return cls(
            f"these models need different encoders ({', '.join(encoders)})", "give one --model, or those of one encoder"
        )

    @classmethod
    def not_installed(cls, what: str, package: str, extra: str) -> Self:
        return cls(f"{what} needs {package}, which is not installed", f"pip install 'dataclinic[{extra}]'")

    @classmethod
    def image_and_text(cls) -> Self:
        return cls("a sample cannot be image and text at once", "give --image or --text, not both")

    @classmethod
    def too_small(cls, name: str, value: float, least: float) -> Self:
        return cls(f"{name} cannot be {value:g}", f"give at least {least:g}")

    @classmethod
    def nothing_to_tune(cls, model: str, fixed: Iterable[str], known: Iterable[str]) -> Self:
        if given := ", ".join(fixed):
            return cls(
                f"all that can be tuned of model '{model}' is given already ({given})",
                "leave one of them out to tune it",
            )
        return cls(f"model '{model}' has nothing to tune", f"models that have: {', '.join(known)}")

    @classmethod
    def one_model_to_tune(cls, models: Iterable[str]) -> Self:
        return cls(f"several models cannot be tuned at once ({', '.join(models)})", "give one --model")

    @classmethod
    def trusted_was_feature(cls, column: str) -> Self:
        return cls(
            f"the audit learned from column '{column}', so it cannot verify what the audit says",
            f"audit again with --trusted {column}, which keeps it out of the features",
        )

    @classmethod
    def out_of_memory(cls, rows: int) -> Self:
        return cls(
            f"the device has no memory left, with only {rows} pictures in the network at a time",
            "use smaller pictures (--set encoders.raw_pixels.image_px=NUMBER), a smaller network, or --device cpu",
        )

    @classmethod
    def training_diverged(cls, learning_rate: float) -> Self:
        return cls(
            f"training diverged: the network's answers are no numbers any more, at learning rate {learning_rate:.2g}",
            "give a smaller one: --set models.MODEL.learning_rate=NUMBER",
        )
