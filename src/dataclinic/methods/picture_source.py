"""Pictures on their way to the network: bytes on the device, all at once where they fit, else batch by batch.

Needs torch, whose tensors they become.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RESIDENT_SHARE = 0.25
"""Of the free memory of the device, that all pictures together may take up; the rest is for the training."""

CHUNK_BYTES = 2**28
"""Copied to the device at a time."""


@dataclass(frozen=True)
class PictureSource:
    """`resident` is (samples, height, width, 3) uint8 on the device, None where pictures are sent batch by batch."""

    pixels: NDArray[np.uint8]
    resident: torch.Tensor | None
    mean: torch.Tensor
    std: torch.Tensor
    memory_format: torch.memory_format

    @classmethod
    def of(
        cls,
        pixels: NDArray[np.uint8],
        *,
        mean: Sequence[float],
        std: Sequence[float],
        device: torch.device,
        channels_last: bool,
    ) -> PictureSource:
        level, spread = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (mean, std))
        layout = torch.channels_last if channels_last else torch.contiguous_format
        return cls(pixels, _resident(pixels, device), level, spread, layout)

    def take(self, rows: torch.Tensor) -> torch.Tensor:
        """(rows, 3, height, width) uint8 on the device, a new tensor; `rows` are on the CPU."""
        device = self.mean.device
        if self.resident is not None:
            return self.resident[rows.to(device)].permute(0, 3, 1, 2)
        taken = torch.from_numpy(self.pixels[rows.numpy()]).permute(0, 3, 1, 2)
        return taken.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else taken.to(device)

    def normalised(self, pictures: torch.Tensor) -> torch.Tensor:
        """Floats with the mean and spread that the network expects."""
        return ((pictures.float() / 255 - self.mean) / self.std).contiguous(memory_format=self.memory_format)


def _resident(pixels: NDArray[np.uint8], device: torch.device) -> torch.Tensor | None:
    """All of them on a CUDA device with room; elsewhere nothing is gained, since memory is shared with the CPU."""
    if device.type != "cuda" or pixels.nbytes > RESIDENT_SHARE * torch.cuda.mem_get_info(device)[0]:
        return None
    resident = torch.empty(pixels.shape, dtype=torch.uint8, device=device)
    rows = max(1, CHUNK_BYTES // max(1, pixels[:1].nbytes))
    for start in range(0, len(pixels), rows):
        resident[start : start + rows] = torch.from_numpy(np.array(pixels[start : start + rows]))
    return resident
