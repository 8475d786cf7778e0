"""Image encoder that learns nothing: the pixels themselves at one size, for networks that train on pictures."""

from __future__ import annotations

import hashlib
import tempfile
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias, cast

import numpy as np
from PIL import Image
from pydantic import Field

from dataclinic.encoders import Encoded
from dataclinic.features import Pictures
from dataclinic.methods.image_pixels import read_content
from dataclinic.methods.pixel_stream import map_pictures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Pixels
    from dataclinic.dataset import Images, Payload
    from dataclinic.progress import Progress

    Source: TypeAlias = Path | bytes | None

LARGEST_PX = 224
"""Side that networks for photographs were made for; more costs time and seldom helps."""

STEP_PX = 16
"""Sides are multiples of it, since networks halve pictures several times."""

LOOK_AT = 1_000
"""Pictures that the size is chosen from: enough for a median within a step."""

TAIL_BYTES = 1_024
"""Of a picture, to draw by: a thumbnail's worth of its pixels, not its header, which many share."""

MOST_IN_MEMORY = 2**31
"""Bytes; more lie in a temporary file, of which the system keeps in memory what it has room for."""

BATCH = 64


@dataclass(frozen=True)
class RawPixels:
    """The middle square of each picture, resized with antialiasing and not distorted, as 8-bit RGB.

    Decoded once for all fits. Up to 2 GiB are held in memory; more in a file that has no name and is gone with the run.

    Attributes:
        image_px: side of the square; by default the median of the pictures' own shorter sides, to the next multiple of
            16, and at least 16 and at most 224.
    """

    summary: ClassVar[str] = "the pixels themselves, for networks that train on pictures"
    payload: ClassVar[str] = "images"

    image_px: Annotated[int, Field(ge=8)] | None = None

    def identity(self, *, device: str) -> None:
        """None: to decode again is as quick as to read what was kept."""

    def encode(self, payload: Payload, *, device: str, seed: int, progress: Progress) -> Encoded:
        """(samples, px, px, 3) pixels; computed on the CPU whatever the device."""
        sources = cast("Images", payload).sources
        px = self.image_px or _typical_px(sources)

        def squares(pictures: Sequence[Pixels]) -> NDArray[np.uint8]:
            return np.stack([_square(pixels, px) for pixels in pictures])

        pixels = _room_for((len(sources), px, px, 3))
        done = 0
        for batch in map_pictures(squares, sources, needed_px=px, batch_size=BATCH):
            pixels[done : done + len(batch)] = batch
            done += len(batch)
            progress("encode images", done, len(sources))
        return Encoded(Pictures(pixels), f"raw pixels, {px} px")


def _typical_px(sources: Sequence[Source]) -> int:
    """Median shorter side of some pictures, drawn by what they are and not by where they stand."""
    seen = sources if len(sources) <= LOOK_AT else sorted(sources, key=_digest)[:LOOK_AT]
    median = float(np.median([_shorter_side(source) for source in seen]))
    return min(max(STEP_PX, STEP_PX * round(median / STEP_PX)), LARGEST_PX)


def _digest(source: Source) -> bytes:
    tail = bytes(source) if isinstance(source, Path) else (source or b"")[-TAIL_BYTES:]
    return hashlib.blake2b(tail, digest_size=16).digest()


def _shorter_side(source: Source) -> int:
    """Of a picture whose pixels are not decoded for it; turned by its EXIF or not, it is the same."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")  # of large pictures, which are none the worse for it
        with Image.open(BytesIO(read_content(source))) as image:
            return min(image.size)


def _square(pixels: Pixels, px: int) -> Pixels:
    """(px, px, 3) of the largest square in the middle; one of that size already is left as it is."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(Image.fromarray(pixels).resize((px, px), Image.Resampling.BICUBIC, box=box))


def _room_for(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    if np.prod(shape, dtype=np.int64) <= MOST_IN_MEMORY:
        return np.empty(shape, np.uint8)
    with tempfile.TemporaryFile(prefix="dataclinic-pixels-") as file:  # its name is gone at once, its content with us
        return np.memmap(file, np.uint8, mode="w+", shape=shape)
