"""Pixels of an encoded picture: upright 8-bit RGB whatever the file holds, or the reason why there are none.

Decoding is Pillow's. What differs from `Image.open(...).convert("RGB")`, which drops transparency, clips 16-bit
grey to white and ignores how the camera was held:

- EXIF orientation is applied (CIPA DC-008, tag 0x0112);
- transparent pixels are laid over white, as on a page;
- grey of 16 bit is divided by 257, so that 65535 is white; 32-bit integers are read as 16-bit where they fit, and
  floating-point grey as 0 … 1 or 0 … 255 where it fits; any other range is stretched from its least to its largest;
- of an animation or a file of many pages, the first.

Colour profiles are not applied. Pictures of more than 178,956,970 pixels (Pillow's own limit against decompression
bombs) are refused.
"""

from __future__ import annotations

import stat
import struct
import threading
import warnings
import zlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

    from dataclinic.arrays import Pixels

# What Pillow's parsers raise on broken bytes: OSError and SyntaxError of their own, the rest from the Python they
# are written in (`Image.open` itself catches SyntaxError, IndexError, TypeError and struct.error).
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    OverflowError,
    IndexError,
    KeyError,
    TypeError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class UndecodableImage(ValueError):  # noqa: N818 - what the sample is; a finding, not a failure of the program
    """There is no picture in this sample; the message is a short reason ("truncated", "empty file")."""


class _Hushed:
    """Pillow warns of odd EXIF, half its size limit and the like although the picture is there: nobody need read it.

    Filters of warnings belong to the whole process; so the first thread that decodes sets one and the last takes it
    away, and threads need not wait for each other.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._before = warnings.catch_warnings()
                self._before.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._before.__exit__(None, None, None)


_PILLOW_HUSHED = _Hushed()


class Decoded(NamedTuple):
    """A picture's pixels, and the mode in which its file stores them.

    Modes are Pillow's: "1" black and white, "L" grey, "P" palette, "RGB", "RGBA", "CMYK", "I;16" 16-bit grey, "F"
    floating point …; where Pillow keeps but 8 bits of 16 a channel, the mode has their number behind it ("RGB;16").
    """

    pixels: Pixels
    mode: str


def decode_rgb(content: bytes, longest_px: int | None = None) -> Pixels:
    """(height, width, 3) uint8 RGB, upright; `decode_with_mode` tells what else it takes and raises."""
    return decode_with_mode(content, longest_px).pixels


def decode_with_mode(content: bytes, longest_px: int | None = None) -> Decoded:
    """Pixels as (height, width, 3) uint8 RGB, upright, and the mode in which they are stored.

    `longest_px` is the longest side that the caller will need: a larger JPEG is then decoded at 1/2, 1/4 or 1/8 of
    its size, which is several times faster, with neither side below `longest_px`. Other formats, and pictures that
    are smaller already, come back whole. The scaled pixels are close to, but not the same as, those of a resize.

    Raises:
        UndecodableImage: empty, truncated or broken bytes, no image at all, or too many pixels.
    """
    if not content:
        raise UndecodableImage("empty file: 0 bytes")
    try:
        with _PILLOW_HUSHED:
            image = Image.open(BytesIO(content))
            mode = _stored_mode(image)
            if longest_px is not None:
                image.draft(None, (longest_px, longest_px))
            image.load()
            return Decoded(np.array(_eight_bit_rgb(_upright(image)), dtype=np.uint8), mode)
    except _BROKEN as error:
        raise UndecodableImage(_reason(error)) from error


def read_content(source: Path | bytes | None) -> bytes:
    """Encoded bytes of a sample, from its file where it has one.

    Raises:
        UndecodableImage: an empty cell, no such file, a pipe, socket or device, or a file that may not be read.
    """
    if source is None:
        raise UndecodableImage("empty cell: no picture given")
    if not isinstance(source, Path):
        return source
    try:
        mode = source.stat().st_mode
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):  # to open a pipe would wait for its writer; a folder raises
            return source.read_bytes()
    except FileNotFoundError as error:
        raise UndecodableImage("no such file") from error
    except IsADirectoryError as error:
        raise UndecodableImage("a folder, not a file") from error
    except PermissionError as error:
        raise UndecodableImage("no permission to read the file") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise UndecodableImage(f"cannot read the file: {_one_line(error)}") from error
    raise UndecodableImage("is not a regular file")


def _stored_mode(image: ImageFile) -> str:
    for tile in image.tile:  # which Pillow clears while it decodes
        stored = tile.args if isinstance(tile.args, str) else next(iter(tile.args or ()), "")
        if isinstance(stored, str) and stored.startswith(f"{image.mode};16"):
            return f"{image.mode};16"
    return image.mode


def _upright(image: Image.Image) -> Image.Image:
    turn = _UPRIGHT.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 where the picture has none or its EXIF is broken: the pixels are there all the same."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    return found if isinstance(found, int) else 1


def _eight_bit_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return _grey(np.asarray(image, np.float64) / 257)
    if image.mode == "I":
        return _grey(_scaled(np.asarray(image, np.float64), ranges=(65535,)))
    if image.mode == "F":
        return _grey(_scaled(np.asarray(image, np.float64), ranges=(1, 255)))
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        white = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(white, seen).convert("RGB")
    return image.convert("RGB")


def _scaled(grey: np.ndarray, ranges: tuple[int, ...]) -> np.ndarray:
    """Grey levels as 0 … 255: by the smallest of `ranges` that holds them all, else by their own least and largest."""
    known = grey[np.isfinite(grey)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    fitting = [limit for limit in ranges if low >= 0 and high <= limit]
    if fitting:
        return grey * (255 / fitting[0])
    return (grey - low) * (255 / (high - low)) if high > low else np.zeros_like(grey)


def _grey(levels: np.ndarray) -> Image.Image:
    whole = np.clip(np.rint(np.nan_to_num(levels, nan=0.0)), 0, 255).astype(np.uint8)
    return Image.fromarray(whole).convert("RGB")


def _reason(error: BaseException) -> str:
    said = _one_line(error)
    if isinstance(error, UnidentifiedImageError):
        return "not an image, or of an unknown format"
    if isinstance(error, Image.DecompressionBombError):
        return "more than 178,956,970 pixels: refused as a decompression bomb"
    if isinstance(error, MemoryError):
        return "not enough memory to decode it"
    if "truncated" in said.lower() or isinstance(error, EOFError):
        return f"truncated: {said}"
    return f"broken: {said}"


def _one_line(error: BaseException) -> str:
    """The error's own words, without line breaks and at most 120 characters."""
    return " ".join(str(error).split())[:120] or type(error).__name__
