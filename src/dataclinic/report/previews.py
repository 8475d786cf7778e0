"""Previews: what the page shows of a sample, read from the run directory and never from the source."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dataclinic.report.reading import read_preview_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataclinic.rundir import RunDir

THUMBNAIL = re.compile(r"thumbnails/\d+\.(jpg|png)")
"""The only files that are drawn into the page, whatever previews.json says."""

MIME = {"jpg": "image/jpeg", "png": "image/png"}

MOST_PICTURE_BYTES = 2_200_000
"""Together; as text they take a third more, and the page stays below 5 MB with all else it may hold."""


@dataclass(frozen=True)
class Preview:
    """A picture as a data URI, or the cells of a row as text, or why neither can be shown.

    `pixelated` says that the picture was enlarged without smoothing. `columns` is how many cells the row has in all.
    """

    picture: str | None = None
    width_px: int = 0
    height_px: int = 0
    pixelated: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    columns: int = 0
    missing: str | None = None


def read_previews(run: RunDir, rows: Iterable[int]) -> dict[int, Preview]:
    """Previews of `rows`, first come first served until the pictures' bytes are used up; absent rows are left out.

    Raises:
        RunError: previews.json is broken.
    """
    entries = read_preview_entries(run)
    previews: dict[int, Preview] = {}
    left = MOST_PICTURE_BYTES
    for row in dict.fromkeys(rows):
        entry = entries.get(str(row))
        if entry is None:
            continue
        content = _picture(run, entry)
        if len(content) > left:
            previews[row] = Preview(missing="left out to keep this page small")
            continue
        left -= len(content)
        previews[row] = _preview(entry, content)
    return previews


def _picture(run: RunDir, entry: Mapping[str, Any]) -> bytes:
    """Bytes of the thumbnail; none where the sample has none."""
    name = entry.get("thumbnail", "")
    path = run.path / name
    return path.read_bytes() if THUMBNAIL.fullmatch(name) and path.is_file() else b""


def _preview(entry: Mapping[str, Any], content: bytes) -> Preview:
    if "values" in entry:
        return Preview(values=entry["values"], columns=entry.get("columns", len(entry["values"])))
    if not content:
        return Preview(missing=entry.get("unreadable", "its thumbnail is not in the run directory"))
    extension = entry["thumbnail"].rpartition(".")[2]
    return Preview(
        picture=f"data:{MIME[extension]};base64,{b64encode(content).decode()}",
        width_px=entry.get("width_px", 0),
        height_px=entry.get("height_px", 0),
        pixelated=extension == "png",
    )
