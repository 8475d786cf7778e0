"""Vectors of pictures by a network that is not trained: decoding, resizing and the network as one pipeline.

Needs torch, which runs the network. Two ways keep a device busy: on a CPU each core decodes a batch and runs the
network on it, so that none waits for another; an accelerator computes while processes decode for it.
"""

from __future__ import annotations

from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from dataclinic.methods.fused_network import fuse_norms
from dataclinic.methods.picture_processes import map_squares
from dataclinic.methods.pixel_stream import map_pictures, usable_threads
from dataclinic.methods.square_pictures import SquareView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Pixels, Vectors
    from dataclinic.methods.backbone import Backbone
    from dataclinic.methods.pixel_stream import Sources
    from dataclinic.progress import Progress

CPU_BATCH = 8
"""A core's caches hold little more; with fewer, what each layer costs in Python shows."""

ACCELERATOR_BATCH = 128

HELD_BATCHES = 32
"""Batches whose vectors stay on an accelerator before it is waited for: work is queued there meanwhile."""

CPU_BFLOAT16 = ("avx512_bf16", "amx_bf16")
"""CPU features that multiply bfloat16; without them it is slower than float32."""


@dataclass(frozen=True)
class FrozenNetwork:
    """A network on its device, that takes `batch_size` pictures at a time as `view` shows them."""

    network: torch.nn.Module
    view: SquareView
    mean: torch.Tensor
    std: torch.Tensor
    device: str
    precision: torch.dtype
    batch_size: int

    @classmethod
    def of(cls, backbone: Backbone, device: str, batch_size: int) -> FrozenNetwork:
        """Batch norms folded, weights where and as they are needed; `backbone` is not used any more."""
        example = torch.randn(1, 3, backbone.px, backbone.px, generator=torch.Generator().manual_seed(0))
        network = fuse_norms(backbone.network, example)
        precision = precision_on(device)
        if network is not backbone.network:
            # Convolutions lose nothing by it. Transformers keep float32 weights, for their sums and norms.
            network = network.to(precision)
        mean, std = (torch.tensor(part, device=device).view(1, 3, 1, 1) * 255 for part in (backbone.mean, backbone.std))
        view = SquareView(backbone.px, backbone.crop, backbone.interpolation)
        placed = network.to(device).to(memory_format=torch.channels_last)
        return cls(placed, view, mean, std, device, precision, batch_size)

    def vectors(self, squares: torch.Tensor) -> torch.Tensor:
        """(pictures, dims) float32 of at most `batch_size` squares, (pictures, 3, px, px) uint8 on the device.

        Every batch is filled up to one size, so that a vector does not depend on how many pictures are left.
        """
        missing = self.batch_size - len(squares)
        full = torch.nn.functional.pad(squares, (0, 0, 0, 0, 0, 0, 0, missing)) if missing else squares
        return self.forward(self.normalised(full))[: len(squares)]

    def normalised(self, squares: torch.Tensor) -> torch.Tensor:
        """What the network takes, of uint8."""
        levels = squares.to(torch.float32, memory_format=torch.channels_last)
        return levels.sub_(self.mean).div_(self.std).to(self.precision)

    def forward(self, normalised: torch.Tensor) -> torch.Tensor:
        """(pictures, dims) float32."""
        whole = self.precision == torch.float32
        mixed = nullcontext() if whole else torch.autocast(device_kind(self.device), self.precision)
        with torch.inference_mode(), mixed:
            found: torch.Tensor = self.network(normalised)
        return found.float()


def encode_pictures(network: FrozenNetwork, sources: Sources, *, progress: Progress) -> Vectors:
    """(pictures, dims) vectors of encoded pictures, all readable; the same however many cores there are.

    Raises:
        UndecodableImage: a picture cannot be decoded after all, e.g. its file has gone.
    """
    stream = stream_in_threads if device_kind(network.device) == "cpu" else stream_to_accelerator
    return stream(network, sources, progress)


def stream_in_threads(network: FrozenNetwork, sources: Sources, progress: Progress) -> Vectors:
    """Each thread decodes a batch and runs the network on it."""

    def vectors(pictures: Sequence[Pixels]) -> Vectors:
        return np.asarray(network.vectors(torch.from_numpy(network.view.batch(pictures))).numpy(), np.float32)

    parts: list[Vectors] = []
    done = 0
    needed_px, batch_size = network.view.needed_px, network.batch_size
    with cores_shared_out():
        for part in map_pictures(vectors, sources, needed_px=needed_px, batch_size=batch_size):
            parts.append(part)
            done += len(part)
            progress("encode images", done, len(sources))
    return np.concatenate(parts)


def stream_to_accelerator(
    network: FrozenNetwork, sources: Sources, progress: Progress, *, workers: int | None = None
) -> Vectors:
    """`workers` processes decode while the device computes; copies and kernels are queued, and seldom waited for."""
    pinned = device_kind(network.device) == "cuda"

    def vectors(squares: NDArray[np.uint8]) -> torch.Tensor:
        # pinned memory is torch's own, and not given away before the copy from it is done
        own = torch.from_numpy(squares).pin_memory() if pinned else torch.from_numpy(squares.copy())
        return network.vectors(own.to(network.device, non_blocking=pinned))

    parts: list[Vectors] = []
    held: list[torch.Tensor] = []
    done = 0
    results = map_squares(vectors, sources, network.view, batch_size=network.batch_size, workers=workers)
    with closing(results):
        for part in results:
            held.append(part)
            done += len(part)
            if len(held) == HELD_BATCHES or done == len(sources):
                parts.append(torch.cat(held).cpu().numpy())
                held.clear()
                progress("encode images", done, len(sources))
    return np.concatenate(parts)


def device_kind(device: str) -> str:
    """Such as "cuda" of "cuda:1"."""
    return device.partition(":")[0]


def precision_on(device: str) -> torch.dtype:
    """bfloat16 where the processor multiplies it natively: over twice as fast, and vectors keep a cosine of .998."""
    kind = device_kind(device)
    native = kind == "cuda" or (kind == "cpu" and any(torch.cpu.get_capabilities().get(name) for name in CPU_BFLOAT16))
    return torch.bfloat16 if native else torch.float32


@contextmanager
def cores_shared_out() -> Iterator[None]:
    """Threads that each run the network leave torch few threads of its own, or they would all wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, before // usable_threads()))
    try:
        yield
    finally:
        torch.set_num_threads(before)
