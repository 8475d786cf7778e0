"""Previews of the few samples that a report shows, so that it never has to read the source again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataclinic.dataset import Images, Texts
from dataclinic.methods.cell_texts import cell_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL import Image

    from dataclinic.dataset import Dataset, Table

SHARD = 1000
"""Rows whose thumbnails share a folder: some file systems and all file managers are slow with a hundred thousand."""

TINY_PX = 32
"""Up to this side a picture is enlarged in whole steps: smoothed, nobody could tell a 3 from an 8 in 28 pixels."""

JPEG_QUALITY = 80
MOST_COLUMNS = 40
MOST_CHARACTERS = 120
MOST_TEXT_CHARACTERS = 4000
"""About a page and a half of print: more is not read in a report, and a hundred of them fit into one."""


def preview_samples(
    dataset: Dataset, rows: Sequence[int], folder: Path, *, longest_px: int = 160
) -> dict[int, dict[str, Any]]:
    """One JSON-ready preview a row, in the order of `rows`.

    Of pictures, `folder`/thumbnails/<thousands>/<row>.jpg (.png for tiny ones) is written, its longest side at most
    `longest_px`: {"thumbnail": "thumbnails/000/12.jpg", "width_px": 160, "height_px": 120}, or {"unreadable": why}.
    Of table rows, {"values": {column: text}, "columns": 87}: the first 40 cells as at most 120 characters, "" where a
    cell is missing, and how many there are in all.
    Of texts, {"text": the first 4,000 characters without outer spaces, "characters": 5120}, how many there are in all.
    """
    if isinstance(dataset.payload, Images):
        return {row: _thumbnail(dataset.payload, row, folder, longest_px) for row in rows}
    if isinstance(dataset.payload, Texts):
        return {row: _text_preview(dataset.payload.texts[row]) for row in rows}
    return _cells(dataset.payload, rows)


def _thumbnail(images: Images, row: int, folder: Path, longest_px: int) -> dict[str, Any]:
    from PIL import Image

    from dataclinic.methods.image_pixels import UndecodableImage, decode_rgb, read_content

    try:
        picture = Image.fromarray(decode_rgb(read_content(images.sources[row]), longest_px))
    except UndecodableImage as error:
        return {"unreadable": str(error)}
    tiny = max(picture.size) <= TINY_PX
    picture = _enlarged(picture, longest_px) if tiny else _shrunk(picture, longest_px)
    name = f"thumbnails/{row // SHARD:03}/{row}.{'png' if tiny else 'jpg'}"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    # A PNG needs no quality and ignores it.
    picture.save(folder / name, quality=JPEG_QUALITY, optimize=True)
    return {"thumbnail": name, "width_px": picture.width, "height_px": picture.height}


def _enlarged(picture: Image.Image, longest_px: int) -> Image.Image:
    from PIL.Image import Resampling

    factor = max(1, longest_px // max(picture.size))
    return picture.resize((picture.width * factor, picture.height * factor), Resampling.NEAREST)


def _shrunk(picture: Image.Image, longest_px: int) -> Image.Image:
    from PIL.Image import Resampling

    smaller = picture.copy()
    smaller.thumbnail((longest_px, longest_px), Resampling.LANCZOS)
    return smaller


def _text_preview(text: str) -> dict[str, Any]:
    stripped = text.strip()
    return {"text": stripped[:MOST_TEXT_CHARACTERS], "characters": len(stripped)}


def _cells(table: Table, rows: Sequence[int]) -> dict[int, dict[str, Any]]:
    # Column by column: a row of a frame would turn its whole numbers into fractions.
    shown = table.frame.iloc[list(rows), :MOST_COLUMNS]
    names = [str(name) for name in shown.columns]
    columns = [cell_texts(shown.iloc[:, place], MOST_CHARACTERS) for place in range(len(names))]
    return {
        row: {
            "values": {name: column[at] for name, column in zip(names, columns, strict=True)},
            "columns": table.frame.shape[1],
        }
        for at, row in enumerate(rows)
    }
