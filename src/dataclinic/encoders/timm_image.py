"""Image encoder with a pretrained network: its pooled features, without its head."""

from __future__ import annotations

import re
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path  # noqa: TC003 - settings are checked against it
from threading import Lock
from typing import TYPE_CHECKING, Annotated, ClassVar, cast

import numpy as np
import torch
from PIL import Image
from pydantic import Field

from dataclinic.encoders import Encoded
from dataclinic.evidence import Embeddings
from dataclinic.methods.backbone import (
    Architecture,
    Backbone,
    architecture_of,
    backbone_from_file,
    backbone_from_hub,
    has_fixed_size,
    read_architecture,
)
from dataclinic.methods.pixel_stream import map_pictures, usable_threads
from dataclinic.methods.weight_file import read_weight_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from dataclinic.arrays import Pixels, Vectors
    from dataclinic.dataset import Images, Payload
    from dataclinic.progress import Progress

AUTO = "auto"

QUICK = Architecture("timm", "mobilenetv3_large_100.ra_in1k")
"""Without a GPU: among the fastest on a CPU (.2 billion multiplications a picture) that reach 75 % on ImageNet."""

STRONG = Architecture("timm", "vit_small_patch14_dinov2.lvd142m", {"img_size": 224})
"""With one: learned without labels, so no class list is built in; at 224 pixels instead of 518 it costs a sixth."""

SAME_MEAN_AND_STD = re.compile(r"mean\s*=\s*std\s*=\s*([0-9]*\.?[0-9]+)")
"""As weights say in their metadata how pixels are to be normalised."""

CPU_BATCH = 4
"""A core's caches hold little more: 16 at a time take a third longer."""

ACCELERATOR_BATCH = 64

CPU_BFLOAT16 = ("avx512_bf16", "amx_bf16")
"""CPU features that multiply bfloat16; without them it is slower than float32."""

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
        batch_size: pictures at a time; by default `CPU_BATCH` or `ACCELERATOR_BATCH`.
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

    def encode(self, payload: Payload, *, device: str, seed: int, progress: Progress) -> Encoded:
        """(samples, dims) vectors. Large JPEGs are decoded at a fraction of their size; a batch is held at a time.

        Raises:
            WeightsError: weights cannot be had here, cannot be read, or do not fit.
        """
        found = self._published(device) if self.weights is None else self._from_file(self.weights)
        backbone = replace(found, px=self.image_px or found.px, mean=self.mean or found.mean, std=self.std or found.std)
        source = "" if self.weights is None else f", weights {self.weights.name}"
        batch_size = self.batch_size or (CPU_BATCH if device == "cpu" else ACCELERATOR_BATCH)
        matrix = _vectors(backbone, cast("Images", payload), batch_size, device, progress)
        return Encoded(Embeddings(matrix), f"{backbone.name}, {backbone.px} px{source}")

    def _from_file(self, path: Path) -> Backbone:
        file = read_weight_file(path)
        architecture = architecture_of(file) if self.architecture == AUTO else read_architecture(self.architecture)
        backbone = backbone_from_file(file, self._adjusted(architecture))
        hints = SAME_MEAN_AND_STD.findall(" ".join(file.metadata.values()))
        if not hints:
            return backbone
        level = float(hints[0])
        return replace(backbone, mean=(level, level, level), std=(level, level, level))

    def _published(self, device: str) -> Backbone:
        preferred = QUICK if device == "cpu" else STRONG
        architecture = preferred if self.architecture == AUTO else read_architecture(self.architecture)
        return backbone_from_hub(self._adjusted(architecture))

    def _adjusted(self, architecture: Architecture) -> Architecture:
        """With the settings that change how the network is built."""
        size = self.image_px if has_fixed_size(architecture) else None
        changed = {
            name: value for name, value in (("pad_type", self.pad_type), ("img_size", size)) if value is not None
        }
        return replace(architecture, options={**architecture.options, **changed})


def _vectors(backbone: Backbone, payload: Images, batch_size: int, device: str, progress: Progress) -> Vectors:
    network = backbone.network.eval().to(device).to(memory_format=torch.channels_last)
    mean, std = (torch.tensor(part, device=device).view(1, 3, 1, 1) for part in (backbone.mean, backbone.std))
    resample = Image.Resampling[backbone.interpolation.upper()]
    turn = nullcontext() if device == "cpu" else Lock()  # cores share out batches; an accelerator takes one at a time

    def vectors(pictures: Sequence[Pixels]) -> Vectors:
        batch = np.stack([_square(pixels, backbone.px, backbone.crop, resample) for pixels in pictures])
        with torch.inference_mode(), _precision(device), turn:
            # channels are last in the array, and stay last in memory
            levels = torch.from_numpy(batch).to(device).permute(0, 3, 1, 2).float()
            found: Vectors = network((levels / 255 - mean) / std).float().cpu().numpy()
        return found

    parts: list[Vectors] = []
    done = 0
    needed_px = round(backbone.px / backbone.crop)
    with _cores_shared_out():
        for part in map_pictures(vectors, payload.sources, needed_px=needed_px, batch_size=batch_size):
            parts.append(part)
            done += len(part)
            progress("encode images", done, len(payload))
    return np.concatenate(parts)


def _square(pixels: Pixels, px: int, crop: float, resample: Image.Resampling) -> Pixels:
    """(px, px, 3) of the middle: a square of `crop` times the shorter side; cutting first is the same, and quicker."""
    height, width = pixels.shape[:2]
    side = crop * min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(Image.fromarray(pixels).resize((px, px), resample, box=box))


def _precision(device: str) -> AbstractContextManager[object]:
    """bfloat16 where the processor multiplies it natively: over twice as fast, and vectors keep a cosine of .998."""
    kind = device.partition(":")[0]
    native = kind == "cuda" or (kind == "cpu" and any(torch.cpu.get_capabilities().get(name) for name in CPU_BFLOAT16))
    return torch.autocast(kind, torch.bfloat16) if native else nullcontext()


@contextmanager
def _cores_shared_out() -> Iterator[None]:
    """Threads that each run the network leave torch few threads of its own, or they would all wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, before // usable_threads()))
    try:
        yield
    finally:
        torch.set_num_threads(before)
