"""Pictures on their way out: under which suffix a file is written, and how it gets there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dataclinic.frames.pictures import is_image_name

if TYPE_CHECKING:
    from dataclinic.outgoing.cleaned import Cleaned
    from dataclinic.outgoing.placed_files import PlaceFile

_SUFFIX_OF = (
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"BM", ".bmp"),
    (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"),
)
"""By the first bytes of a file."""


_FIRST_BYTES = 12


def picture_suffix(source: Path | bytes) -> str:
    """With its dot; ".bin" where neither the name nor the first bytes are those of a picture."""
    if isinstance(source, Path) and is_image_name(source.name):
        return source.suffix.lower()
    start = _start(source) if isinstance(source, Path) else source[:_FIRST_BYTES]
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return ".webp"
    return next((suffix for first, suffix in _SUFFIX_OF if start.startswith(first)), ".bin")


def is_picture_file(path: Path) -> bool:
    """Whether it is there, and a picture by its name or its first bytes.

    A table may name any file of this machine: what is no picture must not go out with the data.
    """
    try:
        return path.is_file() and picture_suffix(path) != ".bin"
    except OSError:
        return False


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_FIRST_BYTES)


def place_picture(source: Path | bytes, target: Path, place: PlaceFile) -> None:
    """Write bytes, or put the file there; the folders above are made."""
    if isinstance(source, Path):
        place(source, target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source)


def place_numbered(cleaned: Cleaned, folder: Path, place: PlaceFile) -> list[str]:
    """Put every picture into `folder` under the number that its sample has in the source; gives the names of the files.

    Numbers say nothing, but no id can make them leave the folder or meet each other.
    """
    width = max(6, len(str(cleaned.source_rows.max(initial=0))))
    names = []
    for row, source in zip(cleaned.source_rows.tolist(), pictures_of(cleaned), strict=True):
        names.append(f"{row:0{width}}{picture_suffix(source)}")
        place_picture(source, folder / names[-1], place)
    return names


def pictures_of(cleaned: Cleaned) -> tuple[Path | bytes, ...]:
    """The picture of every sample."""
    sources: tuple[Path | bytes, ...] = cleaned.payload.sources  # type: ignore[union-attr, assignment]  # only exporters of pictures ask
    return sources
