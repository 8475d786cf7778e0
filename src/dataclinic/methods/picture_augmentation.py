"""Random changes of training pictures that leave their class what it is, drawn for each picture by itself.

Flip and crop are those of Krizhevsky, Sutskever & Hinton, "ImageNet Classification with Deep Convolutional Neural
Networks", NeurIPS 2012, section 4.1, with the border reflected. Colour jitter: Howard, "Some Improvements on Deep
Convolutional Neural Network Based Image Classification", 2013, section 2.2, with a narrower range and in one order.
RandAugment: Cubuk, Zoph, Shlens & Le, "RandAugment:
Practical Automated Data Augmentation with a Reduced Search Space", NeurIPS 2020. MixUp: Zhang, Cisse, Dauphin &
Lopez-Paz, ICLR 2018, equation 1. CutMix: Yun, Han, Oh, Chun, Choe & Yoo, ICCV 2019, equations 1 and 2.

The transforms of torchvision draw from the global generator, and once for a whole batch; here pictures whose draws are
equal share a call of its functions, and every draw comes from the given generator. One on the CPU draws the same
whatever device the pictures are on.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import torch
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as change

from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataclinic.recipe import Augmentation

Operation: TypeAlias = "Callable[[torch.Tensor, float], torch.Tensor]"

LARGEST_SHIFT = 1 / 8
"""Of a side: the 4 of 32 pixels that are usual."""

VIEW_SHIFT = 1 / 32
"""Of a side, for test-time views: further off, a picture is less like those of the training."""

CHANGES = 2
"""Operations a picture, RandAugment's N."""

JITTER = 0.4
"""How far brightness, contrast and saturation are from 1 at most, where `strength` is 1; Howard's is 0.5."""

LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in grey, of ITU-R BT.601."""

MAGNITUDE = 0.3
"""RandAugment's M of 9 in 30, where `strength` is 1."""

FURTHEST = 150 / 331
"""Of a side, RandAugment's longest translation."""

GREY = [128.0, 128.0, 128.0]


def augmented(
    pictures: torch.Tensor,
    kind: Augmentation,
    generator: torch.Generator,
    *,
    strength: float = 1.0,
    flip: bool = True,
) -> torch.Tensor:
    """(pictures, 3, height, width) uint8, each changed by draws of its own; the given ones are left alone.

    Args:
        pictures: (pictures, 3, height, width) uint8, of any device.
        kind: "none"; "flip_crop", mirrored half of the time and shifted by up to an eighth of each side;
            "colour_jitter", brightness, contrast and saturation before that; "randaugment", two of 14 changes of
            colour and shape before that.
        generator: alone decides the draws.
        strength: 0 or more, how far pictures are shifted and changed; 1 is what the papers do with 32 pixels.
        flip: whether pictures may be mirrored, which letters and digits may not.
    """
    if kind == "none":
        return pictures
    if kind == "randaugment":
        for _ in range(CHANGES):
            pictures = _one_change_each(pictures, generator, min(MAGNITUDE * strength, 1.0))
    if kind == "colour_jitter":
        pictures = _jittered(pictures, generator, JITTER * strength)
    return _flipped_and_shifted(pictures, generator, LARGEST_SHIFT * strength, flip=flip)


def mixed(
    pictures: torch.Tensor, targets: torch.Tensor, *, mixup: float, cutmix: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures and targets blended with those of another picture of the batch, in the same proportion.

    Where both are asked for, each batch takes one of them, by the toss of a coin.

    Args:
        pictures: (pictures, 3, height, width) floats.
        targets: (pictures, classes) shares of each class.
        mixup: alpha of the Beta distribution of the proportion in MixUp, 0 for none.
        cutmix: the same in CutMix.
        generator: alone decides the draws.
    """
    choices = [(blend, alpha) for blend, alpha in ((_blended, mixup), (_patched, cutmix)) if alpha > 0]
    if not choices:
        return pictures, targets
    seed = int(torch.randint(2**62, (1,), generator=generator, device=generator.device))
    rng = rng_for(seed, "mixed pictures")
    blend, alpha = choices[rng.integers(len(choices))]
    others = torch.from_numpy(rng.permutation(len(pictures))).to(pictures.device)
    height, width = pictures.shape[2:]
    centre = (int(rng.integers(height)), int(rng.integers(width)))
    blended, share = blend(pictures, pictures[others], float(rng.beta(alpha, alpha)), centre)
    return blended, share * targets + (1 - share) * targets[others]


def views(pictures: torch.Tensor, *, flip: bool = True) -> list[torch.Tensor]:
    """The pictures as they are and shifted a little to either corner, each also mirrored: for test-time averages.

    As Jordan, "94 % on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024, section 3, with equal weights.
    """
    height, width = pictures.shape[2:]
    shift = max(1, round(VIEW_SHIFT * min(height, width)))
    down, right = (torch.arange(side, device=pictures.device) for side in (height, width))
    seen = [pictures]
    for step in (-shift, shift):
        moved = pictures[:, :, _reflected(down + step, height)]
        seen.append(moved[:, :, :, _reflected(right + step, width)])
    return [*seen, *(view.flip(3) for view in seen)] if flip else seen


def _blended(
    pictures: torch.Tensor,
    others: torch.Tensor,
    share: float,
    centre: tuple[int, int],  # noqa: ARG001 - as `_patched`
) -> tuple[torch.Tensor, float]:
    return share * pictures + (1 - share) * others, share


def _patched(
    pictures: torch.Tensor, others: torch.Tensor, share: float, centre: tuple[int, int]
) -> tuple[torch.Tensor, float]:
    """A box of the others around `centre`, cut off at the edges, and the share of the pixels that are left."""
    height, width = pictures.shape[2:]
    half = math.sqrt(1 - share) / 2
    top, bottom = (min(max(round(centre[0] + way * half * height), 0), height) for way in (-1, 1))
    left, right = (min(max(round(centre[1] + way * half * width), 0), width) for way in (-1, 1))
    patched = pictures.clone()
    patched[:, :, top:bottom, left:right] = others[:, :, top:bottom, left:right]
    return patched, 1 - (bottom - top) * (right - left) / (height * width)


def _flipped_and_shifted(
    pictures: torch.Tensor, generator: torch.Generator, share: float, *, flip: bool
) -> torch.Tensor:
    """One look-up for everything: the row and the column of each new pixel, with the border reflected."""
    count, _, height, width = pictures.shape
    down, right = (_shifts(count, round(share * side), generator).to(pictures.device) for side in (height, width))
    mirrored = torch.rand(count, generator=generator, device=generator.device) < 0.5 * flip
    columns = torch.arange(width, device=pictures.device).expand(count, width)
    columns = torch.where(mirrored.to(pictures.device)[:, None], columns.flip(1), columns)
    columns = _reflected(columns + right, width)
    rows = _reflected(torch.arange(height, device=pictures.device) + down, height)
    picture = torch.arange(count, device=pictures.device)[:, None, None]
    # the channels come out last, as they lie in memory anyway
    return pictures.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _shifts(count: int, most: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randint(-most, most + 1, (count, 1), generator=generator, device=generator.device)


def _reflected(places: torch.Tensor, side: int) -> torch.Tensor:
    """Places beyond an edge mirrored at the edge's pixel, as often as it takes."""
    if side == 1:
        return torch.zeros_like(places)
    turned = places.remainder(2 * (side - 1))
    return torch.where(turned < side, turned, 2 * (side - 1) - turned)


def _jittered(pictures: torch.Tensor, generator: torch.Generator, most: float) -> torch.Tensor:
    """Brightness, then contrast, then saturation times a factor of 1 - most … 1 + most that each picture draws."""
    drawn = torch.rand(3, len(pictures), generator=generator, device=generator.device)
    factors = (1 + most * (2 * drawn - 1)).clamp(min=0).to(pictures.device)[:, :, None, None, None]
    bright = (pictures * factors[0]).clamp(0, 255)
    grey = _grey(bright).mean(dim=(1, 2, 3), keepdim=True)
    contrasted = (grey + factors[1] * (bright - grey)).clamp(0, 255)
    grey = _grey(contrasted)
    return (grey + factors[2] * (contrasted - grey)).clamp(0, 255).round().to(torch.uint8)


def _grey(pictures: torch.Tensor) -> torch.Tensor:
    """(pictures, 1, height, width) of (pictures, 3, height, width) floats."""
    return (pictures * torch.tensor(LUMA, device=pictures.device)[:, None, None]).sum(dim=1, keepdim=True)


def _one_change_each(pictures: torch.Tensor, generator: torch.Generator, magnitude: float) -> torch.Tensor:
    """An operation and a direction drawn for each picture; those that drew the same go together."""
    draws = torch.randint(2 * len(OPERATIONS), (len(pictures),), generator=generator, device=generator.device)
    changed = pictures.clone()
    for draw in sorted(set(draws.tolist())):
        rows = torch.nonzero(draws == draw).flatten().to(pictures.device)
        signed = magnitude if draw % 2 else -magnitude
        changed[rows] = OPERATIONS[draw // 2](pictures[rows], signed)
    return changed


def _warped(
    pictures: torch.Tensor,
    *,
    angle: float = 0,
    moved: tuple[float, float] = (0, 0),
    sheared: tuple[float, float] = (0, 0),
) -> torch.Tensor:
    degrees = [math.degrees(math.atan(part)) for part in sheared]
    nearest = InterpolationMode.NEAREST
    warped: torch.Tensor = change.affine(pictures, angle, list(moved), 1.0, degrees, interpolation=nearest, fill=GREY)
    return warped


OPERATIONS: tuple[Operation, ...] = (
    lambda pictures, _: pictures,
    lambda pictures, level: _warped(pictures, sheared=(0.3 * level, 0)),
    lambda pictures, level: _warped(pictures, sheared=(0, 0.3 * level)),
    lambda pictures, level: _warped(pictures, moved=(FURTHEST * level * pictures.shape[3], 0)),
    lambda pictures, level: _warped(pictures, moved=(0, FURTHEST * level * pictures.shape[2])),
    lambda pictures, level: _warped(pictures, angle=30 * level),
    lambda pictures, level: change.adjust_brightness(pictures, 1 + 0.9 * level),
    lambda pictures, level: change.adjust_saturation(pictures, 1 + 0.9 * level),
    lambda pictures, level: change.adjust_contrast(pictures, 1 + 0.9 * level),
    lambda pictures, level: change.adjust_sharpness(pictures, 1 + 0.9 * level),
    lambda pictures, level: change.posterize(pictures, 8 - round(4 * abs(level))),
    lambda pictures, level: change.solarize(pictures, 255 * (1 - abs(level))),
    lambda pictures, _: change.autocontrast(pictures),
    lambda pictures, _: change.equalize(pictures),
)
"""RandAugment's 14, the first of which does nothing, each for a level in -1 … 1, over the ranges of its authors."""
