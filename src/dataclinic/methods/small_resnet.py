"""A small residual network for small pictures, made to learn fast from scratch.

The family is that of Page's ResNet-9 ("How to Train Your ResNet", 2018, which won DAWNBench, Coleman et al., 2017) and
of Jordan's networks ("94 % on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024): a short stem, stages that double the
width and halve the size by max-pooling straight after a convolution, batch norms that forget fast, a maximum over what
is left of the picture, and logits scaled down. Residual blocks are those of He et al., CVPR 2016. We depart in that the
stem halves a picture until it has `finest_px` a side, which makes it run on a CPU, and in a residual block in every
stage but those finer than 16 pixels. Weights start as torch starts them.

Needs torch, whose network it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Iterator

COARSEST_PX = 4
"""Pictures are halved until they have at most this; one more would leave too little to find a maximum of."""

RESIDUAL_PX = 16
"""Stages finer than this have no residual block: it would cost as much as all others together."""

LOGIT_SCALE = 1 / 8
"""Page's: the maximum of many units is large, and probabilities near 0 and 1 learn slowly."""

NORM_MOMENTUM = 0.4
"""Jordan's: trainings are short, so old statistics would be of another network."""


class SmallResnet(nn.Module):
    """Logits of (pictures, 3, px, px) floats, for px of 8 or more; 3 × 3 convolutions but for the stem's."""

    def __init__(self, classes: int, *, px: int, width: int = 32, finest_px: int = 16, dropout: float = 0.0) -> None:
        """Weights are drawn from torch's global generator.

        Args:
            classes: how many logits.
            px: side of the pictures, which decides how often they are halved.
            width: channels of the first stage; the cost grows with its square.
            finest_px: about the side that the first stage works at, where pictures are that large; each doubling makes
                it about four times dearer.
            dropout: share of the last features that are left out while training.
        """
        super().__init__()
        halvings = max(0, round(math.log2(px / finest_px)))
        sides = _sides(px, halvings)
        self.stem = nn.Sequential(*_stem(width, halvings))
        self.stages = nn.Sequential(*_stages(width, sides))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width * 2 ** (len(sides) - 1), classes, bias=False)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """(pictures, classes)."""
        features = self.stages(self.stem(pictures)).amax(dim=(2, 3))
        logits: torch.Tensor = self.head(self.dropout(features)) * LOGIT_SCALE
        return logits


class Residual(nn.Module):
    """Two convolutions whose result is added to what they were given."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.change = nn.Sequential(*_convolution(channels, channels), *_convolution(channels, channels))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        added: torch.Tensor = pictures + self.change(pictures)
        return added


def _sides(px: int, halvings: int) -> list[int]:
    """Side of the picture in each stage."""
    sides = [px >> halvings]
    while sides[-1] > COARSEST_PX:
        sides.append(sides[-1] // 2)
    return sides


def _stem(width: int, halvings: int) -> Iterator[nn.Module]:
    """Halvings by stride, the last to the full width, those before it to less, since they see more pixels."""
    if halvings == 0:
        yield from _convolution(3, width)
    channels = 3
    for step in range(halvings):
        wider = max(8, width >> (halvings - 1 - step))
        yield nn.Conv2d(channels, wider, 4, stride=2, padding=1, bias=False)
        yield from _norm_and_activation(wider)
        channels = wider


def _stages(width: int, sides: list[int]) -> Iterator[nn.Module]:
    for stage, side in enumerate(sides):
        channels = width << stage
        if stage > 0:
            yield nn.Conv2d(channels // 2, channels, 3, padding=1, bias=False)
            yield nn.MaxPool2d(2)
            yield from _norm_and_activation(channels)
        if side <= RESIDUAL_PX:
            yield Residual(channels)


def _convolution(channels: int, wider: int) -> Iterator[nn.Module]:
    yield nn.Conv2d(channels, wider, 3, padding=1, bias=False)
    yield from _norm_and_activation(wider)


def _norm_and_activation(channels: int) -> Iterator[nn.Module]:
    yield nn.BatchNorm2d(channels, momentum=NORM_MOMENTUM)
    yield nn.GELU()
