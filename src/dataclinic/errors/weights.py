"""Encoder weights cannot be had or do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeAlias

from dataclinic.errors.root import DataclinicError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    Shape: TypeAlias = tuple[int, ...]

_NAME_ARCHITECTURE = (
    "name the network, a timm name or torchvision.models.NAME: --set encoders.timm_image.architecture=NAME, "
    "for fine-tuning --set models.timm_finetune.architecture=NAME"
)


class WeightsError(DataclinicError):
    """Encoder weights cannot be had or do not fit."""

    @classmethod
    def file_missing(cls, path: Path) -> Self:
        return cls(f"no such weights file: {path}", "give --weights the path of a .safetensors, .pth or .pt file")

    @classmethod
    def no_sentence_model_named(cls) -> Self:
        return cls(
            "the encoder sentence_embeddings needs a folder with a sentence model", "give it with --weights FOLDER"
        )

    @classmethod
    def no_such_folder(cls, path: Path) -> Self:
        return cls(f"no such folder with a sentence model: {path}", "models are not downloaded: give a local folder")

    @classmethod
    def not_a_sentence_model(cls, path: Path) -> Self:
        return cls(
            f"{path} holds no sentence model",
            "give a folder that sentence-transformers saved (it has a modules.json) or model2vec (a model.safetensors)",
        )

    @classmethod
    def holds_code(cls, path: Path, module: str) -> Self:
        return cls(
            f"the sentence model in {path} needs code of its own ({module}), which is never run",
            "give a model made of modules of sentence-transformers alone",
        )

    @classmethod
    def unreadable(cls, path: Path, error: Exception) -> Self:
        return cls(f"cannot read weights from {path}: {first_line(error)}", "copy or download the file again")

    @classmethod
    def not_only_weights(cls, path: Path) -> Self:
        return cls(
            f"{path} is broken, or holds code beside weights, which is never run",
            "save weights with safetensors, or with torch.save(model.state_dict(), path)",
        )

    @classmethod
    def no_tensors(cls, path: Path) -> Self:
        return cls(f"no weights in {path}", "save them with safetensors, or with torch.save(model.state_dict(), path)")

    @classmethod
    def unknown_architecture(cls, text: str) -> Self:
        return cls(f"no such network in timm or torchvision: {text}", _NAME_ARCHITECTURE)

    @classmethod
    def nameless_architecture(cls, path: Path) -> Self:
        return cls(f"{path.name} does not say which network its weights are for", _NAME_ARCHITECTURE)

    @classmethod
    def build_option(cls, text: str, followed: Iterable[str]) -> Self:
        return cls(
            f"the network cannot be built as asked for: {text}",
            f"followed for timm are {', '.join(sorted(followed))}, for torchvision none; {_NAME_ARCHITECTURE}",
        )

    @classmethod
    def cannot_build(cls, architecture: str, error: Exception) -> Self:
        return cls(
            f"cannot build {architecture}: {first_line(error)}", "leave image_px and pad_type out, or change them"
        )

    @classmethod
    def do_not_fit(
        cls,
        path: Path,
        architecture: str,
        missing: Sequence[str],
        unexpected: Sequence[str],
        misshapen: Sequence[tuple[str, Shape, Shape]],
    ) -> Self:
        """`misshapen` holds a name, its shape in the file and its shape in the network."""
        shapes = [f"{name}, {given} in the file but {wanted} in the network" for name, given, wanted in misshapen]
        found = (
            _counted(missing, "missing"),
            _counted(unexpected, "unexpected"),
            _counted(shapes, "of another shape"),
        )
        return cls(f"{path} does not fit {architecture}: weights {'; '.join(filter(None, found))}", _NAME_ARCHITECTURE)

    @classmethod
    def not_published(cls, architecture: str) -> Self:
        return cls(f"no weights are published for {architecture}", "give a file of weights: --weights FILE")

    @classmethod
    def not_cached(cls, repo: str, reason: str) -> Self:
        return cls(
            f"weights of {repo} are not on this machine, and {reason}",
            "give a file of weights: --weights FILE; or connect once, and they are kept",
        )

    @classmethod
    def pictures_do_not_fit(cls, px: int, architecture: str, error: Exception) -> Self:
        return cls(
            f"{architecture} cannot take pictures of {px} px: {first_line(error)}",
            "give another size, --set encoders.raw_pixels.image_px=NUMBER, or another architecture",
        )


def _counted(names: Sequence[str], what: str) -> str:
    """Such as "2 unexpected (fc.weight, …)"; empty where there are none."""
    if not names:
        return ""
    return f"{len(names)} {what} ({'' if len(names) == 1 else 'first: '}{names[0]})"
