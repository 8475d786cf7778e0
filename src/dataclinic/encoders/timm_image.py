"""Image encoder with a pretrained network: its pooled features, without its head."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path  # noqa: TC003 - settings are checked against it
from typing import TYPE_CHECKING, Annotated, ClassVar, cast

import PIL
import timm
import torch
import torchvision
from pydantic import Field

from dataclinic.encoders import Encoded
from dataclinic.features import Embeddings
from dataclinic.methods.backbone import (
    Architecture,
    Backbone,
    architecture_of,
    backbone_from_file,
    backbone_from_hub,
    has_fixed_size,
    published_weights,
    read_architecture,
)
from dataclinic.methods.frozen_network import (
    ACCELERATOR_BATCH,
    CPU_BATCH,
    FrozenNetwork,
    device_kind,
    encode_pictures,
    precision_on,
)
from dataclinic.methods.weight_file import read_weight_file, weight_digest

if TYPE_CHECKING:
    from dataclinic.dataset import Images, Payload
    from dataclinic.methods.weight_file import WeightFile
    from dataclinic.progress import Progress

AUTO = "auto"

QUICK = Architecture("timm", "mobilenetv3_large_100.ra_in1k")
"""Without a GPU: among the fastest on a CPU (.2 billion multiplications a picture) that reach 75 % on ImageNet."""

STRONG = Architecture("timm", "vit_small_patch14_dinov2.lvd142m", {"img_size": 224})
"""With one: learned without labels, so no class list is built in; at 224 pixels instead of 518 it costs a sixth."""

FORMAT = 1
"""Raised when vectors of the same weights, settings and library versions change."""

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class TimmImage:
    """Pooled features of a pretrained network, frozen: of a file, else of the local cache, else of the hub.

    Normalisation, size, crop and interpolation are those that the network was trained with, unless set here.

    Attributes:
        architecture: timm name, `torchvision.models.NAME`, or "auto": what the weights say, else `QUICK` on a CPU and
            `STRONG` elsewhere.
        weights: .safetensors, .pth or .pt file in the network's own naming.
        image_px: side of the square that the network sees.
        batch_size: pictures at a time, filled up where fewer are left; by default `CPU_BATCH` or `ACCELERATOR_BATCH`.
        mean: of RGB in [0, 1].
        std: of RGB in [0, 1].
        pad_type: timm's padding of convolutions, e.g. "same" for weights that come from TensorFlow.
    """

    summary: ClassVar[str] = "a pretrained network's features, from a file, the local cache or the hub"
    payload: ClassVar[str] = "images"

    architecture: str = AUTO
    weights: Path | None = None
    image_px: Annotated[int, Field(ge=16)] | None = None
    batch_size: Annotated[int, Field(ge=1)] | None = None
    mean: Triple | None = None
    std: Triple | None = None
    pad_type: str | None = None

    def identity(self, *, device: str) -> str:
        """Weights by their content, what is set here, and the versions of all that computes with them.

        Raises:
            WeightsError: as `encode`.
        """
        architecture, path = self._source(device)
        versions = (f"{module.__name__} {module.__version__}" for module in (PIL, timm, torch, torchvision))
        return "; ".join(
            (
                f"timm_image {FORMAT}",
                f"{architecture} {dict(sorted(architecture.options.items()))}",
                f"weights {weight_digest(path)}",
                f"px {self.image_px}, mean {self.mean}, std {self.std}",
                f"{precision_on(device)}, {device_kind(device)}, batches of {self._batch(device)}",
                *versions,
            )
        )

    def encode(self, payload: Payload, *, device: str, seed: int, progress: Progress) -> Encoded:
        """(samples, dims) vectors. Large JPEGs are decoded at a fraction of their size; a few batches are held.

        Raises:
            WeightsError: weights cannot be had here, cannot be read, or do not fit.
        """
        backbone = self.backbone(device)
        source = "" if self.weights is None else f", weights {self.weights.name}"
        network = FrozenNetwork.of(backbone, device, self._batch(device))
        matrix = encode_pictures(network, cast("Images", payload).sources, progress=progress)
        return Encoded(Embeddings(matrix), f"{backbone.name}, {backbone.px} px{source}")

    def backbone(self, device: str) -> Backbone:
        """The network as published or as in the file, with what is set here.

        Raises:
            WeightsError: as `encode`.
        """
        found = self._published(device) if self.weights is None else self._from_file(self.weights)
        return replace(found, px=self.image_px or found.px, mean=self.mean or found.mean, std=self.std or found.std)

    def _batch(self, device: str) -> int:
        return self.batch_size or (CPU_BATCH if device_kind(device) == "cpu" else ACCELERATOR_BATCH)

    def _source(self, device: str) -> tuple[Architecture, Path]:
        """What is built, and the file that its weights are in."""
        if self.weights is None:
            architecture = self._adjusted(self._preferred(device))
            return architecture, published_weights(architecture)
        return self._adjusted(self._meant(read_weight_file(self.weights))), self.weights

    def _from_file(self, path: Path) -> Backbone:
        file = read_weight_file(path)
        return backbone_from_file(file, self._adjusted(self._meant(file)))

    def _published(self, device: str) -> Backbone:
        return backbone_from_hub(self._adjusted(self._preferred(device)))

    def _meant(self, file: WeightFile) -> Architecture:
        return architecture_of(file) if self.architecture == AUTO else read_architecture(self.architecture)

    def _preferred(self, device: str) -> Architecture:
        if self.architecture != AUTO:
            return read_architecture(self.architecture)
        return QUICK if device_kind(device) == "cpu" else STRONG

    def _adjusted(self, architecture: Architecture) -> Architecture:
        """With the settings that change how the network is built."""
        size = self.image_px if has_fixed_size(architecture) else None
        changed = {
            name: value for name, value in (("pad_type", self.pad_type), ("img_size", size)) if value is not None
        }
        return replace(architecture, options={**architecture.options, **changed})
