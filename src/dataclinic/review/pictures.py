"""Pictures as a browser may have them: decoded here and encoded anew, whatever their files hold."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from dataclinic.methods.image_pixels import UndecodableImage, decode_rgb, read_content

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

TINY_PX = 32
"""Up to this side a picture is enlarged in whole steps: smoothed, nobody could tell a 3 from an 8 in 28 pixels."""

JPEG_QUALITY = 88


def encoded_picture(source: Path | bytes | None, longest_px: int) -> tuple[bytes, str] | None:
    """A JPEG, of tiny pictures a PNG, and its MIME type; its longest side is at most `longest_px`.

    None where there is no picture.
    """
    from PIL import Image

    try:
        picture = Image.fromarray(decode_rgb(read_content(source), longest_px))
    except UndecodableImage:
        return None
    if max(picture.size) <= TINY_PX:
        return _encoded(_enlarged(picture, longest_px), "PNG"), "image/png"
    picture.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
    return _encoded(picture, "JPEG"), "image/jpeg"


def _enlarged(picture: Image.Image, longest_px: int) -> Image.Image:
    from PIL.Image import Resampling

    factor = max(1, longest_px // max(picture.size))
    return picture.resize((picture.width * factor, picture.height * factor), Resampling.NEAREST)


def _encoded(picture: Image.Image, kind: str) -> bytes:
    into = BytesIO()
    # A PNG needs no quality and ignores it.
    picture.save(into, kind, quality=JPEG_QUALITY)
    return into.getvalue()
