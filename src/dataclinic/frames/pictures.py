"""Image columns: pictures as bytes, as {bytes, path} structs, or as paths of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from dataclinic.dataset import Images
from dataclinic.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp"})

_FIRST_BYTES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_LOOKED_AT = 20
"""Cells that are enough to tell what a column holds."""

Source: TypeAlias = Path | bytes | None


def is_image_name(name: str) -> bool:
    """Whether a file of that name is an image; by its suffix in any case."""
    return name[name.rfind(".") :].lower() in _IMAGE_SUFFIXES


def holds_pictures(column: pd.Series[Any]) -> bool:
    """Whether at least half of the first cells are encoded images, or structs of them: some may be broken."""
    cells = _first_cells(column)
    return bool(cells) and 2 * sum(map(_is_picture, cells)) >= len(cells)


def names_pictures(column: pd.Series[Any]) -> bool:
    """Whether at least half of the first cells are texts that end like image files."""
    cells = _first_cells(column)
    return bool(cells) and 2 * sum(isinstance(cell, str) and is_image_name(cell) for cell in cells) >= len(cells)


def images_of(column: pd.Series[Any], folder: Path) -> Images:
    """The pictures of a column; relative paths start at `folder`. No picture is opened.

    Raises:
        DataError: the cells are neither bytes, structs nor texts, or none of the files they name exists.
    """
    sources = tuple(_source(cell, folder, column) for cell in column)
    paths = [source for source in sources if isinstance(source, Path)]
    if paths and len(paths) == sum(source is not None for source in sources) and not any(map(Path.exists, paths)):
        raise DataError.no_image_file(str(column.name), paths[0], folder)
    return Images(sources)


def _first_cells(column: pd.Series[Any]) -> list[object]:
    return list(column.dropna().head(_LOOKED_AT))


def _is_picture(cell: object) -> bool:
    if isinstance(cell, dict):
        content, path = cell.get("bytes"), cell.get("path")
        return _is_picture(content) if content else isinstance(path, str) and is_image_name(path)
    return isinstance(cell, bytes) and (
        cell.startswith(_FIRST_BYTES) or (cell[:4] == b"RIFF" and cell[8:12] == b"WEBP")
    )


def _source(cell: object, folder: Path, column: pd.Series[Any]) -> Source:
    if isinstance(cell, dict):
        return _source(cell.get("bytes") or cell.get("path"), folder, column)
    if isinstance(cell, (bytes, bytearray)):
        return bytes(cell) or None
    if isinstance(cell, str):
        return folder / cell.strip() if cell.strip() else None
    if cell is None or cell != cell:  # noqa: PLR0124 - NaN is the one value that differs from itself
        return None
    raise DataError.not_images(str(column.name), cell)
