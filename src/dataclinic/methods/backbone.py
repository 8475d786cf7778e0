"""Networks without their head: pictures in, pooled features out, with the pixels they were trained to see.

Needs torch and timm, since it is their networks that are built here.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import timm
import torchvision.models
from timm.data.config import resolve_model_data_config
from timm.data.constants import DEFAULT_CROP_PCT, IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torch import nn

from dataclinic.errors import WeightsError
from dataclinic.methods.weight_hub import fetch_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dataclinic.methods.weight_file import WeightFile

Builder: TypeAlias = "Callable[[Architecture], tuple[Backbone, tuple[str, ...]]]"

BUILD_OPTIONS = frozenset({"pad_type", "img_size", "global_pool"})
"""Options of `timm.create_model` that a file's metadata may set; others could make it load or download more."""

SAME_MEAN_AND_STD = re.compile(r"mean\s*=\s*std\s*=\s*([0-9]*\.?[0-9]+)")
"""As weights say in their metadata how pixels are to be normalised."""

COUNTERS = "num_batches_tracked"
"""Buffers that older files lack and that features do not depend on."""


@dataclass(frozen=True)
class Architecture:
    """A network of timm or torchvision, by its name there."""

    library: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.library} {self.name}"


@dataclass(frozen=True)
class Backbone:
    """`network` maps (pictures, 3, px, px) floats, normalised by `mean` and `std` of [0, 1] RGB, to (pictures, dims).

    `crop` is the share of the shorter side that the network was meant to see; `interpolation` is "bilinear", ….
    """

    network: nn.Module
    name: str
    px: int
    crop: float
    interpolation: str
    mean: tuple[float, ...]
    std: tuple[float, ...]


def read_architecture(text: str) -> Architecture:
    """From a timm name, or a call such as `timm.create_model('mobilenetv2_100', pad_type='same')`, never evaluated.

    `torchvision.models.NAME` or a call of it, without arguments, names a network of torchvision.

    Raises:
        WeightsError: neither library has it, or an option is none of `BUILD_OPTIONS`.
    """
    if timm.is_model(text):
        return Architecture("timm", text)
    function, arguments, options = _parts_of_call(text)
    if function == "timm.create_model" and arguments and timm.is_model(str(arguments[0])):
        if options.keys() - BUILD_OPTIONS or len(arguments) > 1:
            raise WeightsError.build_option(text, BUILD_OPTIONS)
        return Architecture("timm", str(arguments[0]), options)
    library, _, name = function.rpartition(".")
    if library == "torchvision.models" and name in torchvision.models.list_models(torchvision.models):
        return Architecture("torchvision", name)
    raise WeightsError.unknown_architecture(text)


def architecture_of(file: WeightFile) -> Architecture:
    """From the file's metadata, else the longest timm name that its own name starts with.

    Raises:
        WeightsError: neither says.
    """
    for key in ("architecture", "arch"):
        if key in file.metadata:
            return read_architecture(file.metadata[key])
    fitting = [name for name in timm.list_models() if file.path.stem.startswith(name)]
    if not fitting:
        raise WeightsError.nameless_architecture(file.path)
    return Architecture("timm", max(fitting, key=len))


def backbone_from_file(file: WeightFile, architecture: Architecture) -> Backbone:
    """The network with the file's weights; every one must fit, but for those of the head, which is left out.

    Pixels are normalised as the file's metadata say ("mean = std = 0.5"), where they do.

    Raises:
        WeightsError: the weights do not fit the architecture.
    """
    backbone, head = _BUILDERS[architecture.library](architecture)
    own = backbone.network.state_dict()
    given = {name: tensor for name, tensor in file.tensors.items() if name in own or not name.startswith(head)}
    missing = [name for name in own if name not in given and not name.endswith(COUNTERS)]
    unexpected = [name for name in given if name not in own]
    misshapen = [
        (name, tuple(tensor.shape), tuple(own[name].shape))
        for name, tensor in given.items()
        if name in own and own[name].shape != tensor.shape
    ]
    if missing or unexpected or misshapen:
        raise WeightsError.do_not_fit(file.path, str(architecture), missing, unexpected, misshapen)
    backbone.network.load_state_dict(given, strict=False)  # strict but for the counters
    told = SAME_MEAN_AND_STD.search(" ".join(file.metadata.values()))
    if told is None:
        return backbone
    level = (float(told[1]),) * 3
    return replace(backbone, mean=level, std=level)


def backbone_from_hub(architecture: Architecture) -> Backbone:
    """The network with the weights that timm publishes for it.

    Raises:
        WeightsError: there are none, or they cannot be had here.
    """
    backbone, _ = _timm_backbone(architecture, published_weights(architecture))
    return backbone


def published_weights(architecture: Architecture) -> Path:
    """The file of weights that timm publishes for it, downloaded where it is not in the local cache yet.

    Raises:
        WeightsError: there are none, or they cannot be had here.
    """
    published = timm.get_pretrained_cfg(architecture.name) if architecture.library == "timm" else None
    if published is None or not published.hf_hub_id:
        raise WeightsError.not_published(str(architecture))
    return fetch_weights(published.hf_hub_id, published.hf_hub_filename or "model.safetensors")


def has_fixed_size(architecture: Architecture) -> bool:
    """Whether the network is built for pictures of one size, as most transformers are."""
    if architecture.library == "torchvision":
        return architecture.name.startswith("vit_")
    published = timm.get_pretrained_cfg(architecture.name)
    return published is not None and bool(published.fixed_input_size)


def _parts_of_call(text: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Dotted name, arguments and keywords of a call, or of a bare name; empty where `text` is neither."""
    try:
        node: Any = ast.parse(text.strip(), mode="eval").body
        call = node if isinstance(node, ast.Call) else ast.Call(node, [], [])
        arguments = [ast.literal_eval(argument) for argument in call.args]
        options = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError):
        return "", [], {}
    return ast.unparse(call.func), arguments, options


def _timm_backbone(architecture: Architecture, weights: Path | None = None) -> tuple[Backbone, tuple[str, ...]]:
    """Backbone, and what names of its head start with; with the published `weights`, else with random ones."""
    overlay = None if weights is None else {"file": str(weights)}
    try:
        network: Any = timm.create_model(
            architecture.name,
            pretrained=weights is not None,
            pretrained_cfg_overlay=overlay,
            num_classes=0,
            **architecture.options,
        )
    except (TypeError, RuntimeError, ValueError, AssertionError) as error:
        raise WeightsError.cannot_build(str(architecture), error) from error
    seen = resolve_model_data_config(network)  # type: ignore[no-untyped-call]  # timm leaves it so
    head = network.pretrained_cfg.get("classifier") or ()
    backbone = Backbone(
        network=network,
        name=str(architecture),
        px=int(architecture.options.get("img_size") or seen["input_size"][-1]),
        crop=seen["crop_pct"],
        interpolation=seen["interpolation"],
        mean=tuple(seen["mean"]),
        std=tuple(seen["std"]),
    )
    return backbone, tuple(f"{name}." for name in ([head] if isinstance(head, str) else head))


def _torchvision_backbone(architecture: Architecture) -> tuple[Backbone, tuple[str, ...]]:
    """Backbone, and what names of its head start with: the last layer with weights, which gives way to nothing."""
    if architecture.options:
        raise WeightsError.build_option(f"{architecture} with {dict(architecture.options)}", BUILD_OPTIONS)
    network = torchvision.models.get_model(architecture.name, weights=None)
    head = [name for name, layer in network.named_modules() if isinstance(layer, nn.Linear | nn.Conv2d)][-1]
    network.set_submodule(head, nn.Identity())
    backbone = Backbone(
        network=network,
        name=str(architecture),
        px=224,
        crop=DEFAULT_CROP_PCT,
        interpolation="bilinear",
        mean=IMAGENET_DEFAULT_MEAN,
        std=IMAGENET_DEFAULT_STD,
    )
    return backbone, (f"{head}.",)


_BUILDERS: Mapping[str, Builder] = {"timm": _timm_backbone, "torchvision": _torchvision_backbone}
