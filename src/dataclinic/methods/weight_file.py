"""Weights of a network as they lie in a file, read without running anything that the file may hold."""

from __future__ import annotations

import hashlib
import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch  # a state dict is torch's own form
from safetensors import SafetensorError, safe_open

from dataclinic.errors import WeightsError

if TYPE_CHECKING:
    from pathlib import Path

_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    AssertionError,
    RuntimeError,
    struct.error,
    SafetensorError,
)
"""What the readers raise on broken bytes: errors of their own, and what Python makes of nonsense."""

INNER = ("state_dict_ema", "model_ema", "state_dict", "model")
"""Where training scripts put the state dict inside a checkpoint; averaged weights first, as timm does."""


@dataclass(frozen=True)
class WeightFile:
    """`tensors` by parameter name, floating-point ones as float32; `metadata` is empty but for safetensors."""

    path: Path
    tensors: Mapping[str, torch.Tensor]
    metadata: Mapping[str, str]


def read_weight_file(path: Path) -> WeightFile:
    """What is in a .safetensors file, or in a checkpoint that `torch.save` wrote.

    Checkpoints are unpickled with `weights_only`, so a file that holds code is refused, not run.

    Raises:
        WeightsError: no such file, broken, holds more than weights, or holds none.
    """
    if not path.is_file():
        raise WeightsError.file_missing(path)
    try:
        tensors, metadata = _safetensors(path) if path.suffix == ".safetensors" else (_checkpoint(path), {})
    except pickle.UnpicklingError as error:
        raise WeightsError.not_only_weights(path) from error
    except _BROKEN as error:
        raise WeightsError.unreadable(path, error) from error
    if not tensors:
        raise WeightsError.no_tensors(path)
    return WeightFile(path, {name: _as_float32(tensor) for name, tensor in tensors.items()}, metadata)


def weight_digest(path: Path) -> str:
    """32 hex digits (BLAKE2b) over the bytes of a file of weights.

    Raises:
        WeightsError: no such file, or it cannot be read.
    """
    if not path.is_file():
        raise WeightsError.file_missing(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16)).hexdigest()
    except OSError as error:
        raise WeightsError.unreadable(path, error) from error


def _safetensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118 - no dict


def _checkpoint(path: Path) -> dict[str, torch.Tensor]:
    content: Any = torch.load(path, map_location="cpu", weights_only=True)
    for key in INNER:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping):
        return {}
    # "module." is what torch's data-parallel wrappers put before every name
    named = {str(name).removeprefix("module."): value for name, value in content.items()}
    return {name: value for name, value in named.items() if isinstance(value, torch.Tensor)}


def _as_float32(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor
