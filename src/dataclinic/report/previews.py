"""Previews: what the page shows of a sample, read from the run directory and never from the source."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field, replace
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

from dataclinic.report.reading import read_preview_entries
from dataclinic.report.wording import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dataclinic.rundir import RunDir

THUMBNAIL = re.compile(r"thumbnails/(\d+/)?\d+\.(jpg|png)")
"""The only files that are drawn into the page or linked to, whatever previews.json says."""

MIME = {"jpg": "image/jpeg", "png": "image/png"}

MOST_PICTURE_BYTES = 1_050_000
"""Together, the others are linked to; as text they take a third more, and the page stays below 5 MB with all else."""

SMALL_PX = 80
"""Longest side of a neighbour's or finding's picture: one among many, and it may be shown several times."""

MOST_SMALL_BYTES = 1_300_000
"""Of all small pictures that are read at once, as they stand in the page."""

SMALL_QUALITY = 75

MOST_TEXT_BYTES = 1_400_000
"""Of all texts together, as they stand in the page; most stay far below it."""

SHOWN_CHARACTERS = 420
SHOWN_LINES = 8
"""Of a text at once, the rest on demand: what half a card has room for."""


@dataclass(frozen=True)
class Preview:
    """A picture as a data URI, the cells of a row as text, or a text; or why there is none of them.

    A `linked` picture is a file beside the page, which has no room for it. `pixelated` says that the picture was
    enlarged without smoothing. `columns` is how many cells the row has in all.
    A text begins with `text` and goes on with `rest`, and `cut` of its characters are not in the page.
    """

    picture: str | None = None
    linked: bool = False
    width_px: int = 0
    height_px: int = 0
    pixelated: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    columns: int = 0
    text: str | None = None
    rest: str = ""
    cut: int = 0
    missing: str | None = None


def read_previews(run: RunDir, rows: Iterable[int]) -> dict[int, Preview]:
    """Previews of `rows`; absent rows are left out.

    Pictures are drawn into the page until the bytes they may take are used up, the others linked to.

    Raises:
        RunError: previews.json is broken.
    """
    entries = read_preview_entries(run)
    previews: dict[int, Preview] = {}
    left = MOST_PICTURE_BYTES
    left_for_texts = MOST_TEXT_BYTES
    for row in dict.fromkeys(rows):
        entry = entries.get(str(row))
        if entry is None:
            continue
        if entry.get("text") is not None:
            previews[row] = _text(entry, left_for_texts)
            left_for_texts -= _page_bytes(previews[row])
            continue
        content = _picture(run, entry)
        left -= len(content)
        previews[row] = _preview(entry, content) if left >= 0 else _linked(run, entry)
    return previews


def read_small_previews(run: RunDir, rows: Iterable[int]) -> dict[int, Preview]:
    """Smaller previews of `rows`, in which a row counts as often as it is shown; absent rows are left out.

    Pictures are drawn into the page until the bytes they may take are used up, the others linked to.

    Raises:
        RunError: previews.json is broken.
    """
    entries = read_preview_entries(run)
    previews: dict[int, Preview] = {}
    left = MOST_SMALL_BYTES
    for row, uses in Counter(rows).items():
        entry = entries.get(str(row))
        if entry is None:
            continue
        if entry.get("text") is not None:
            previews[row] = _text(entry, 0)
            continue
        small = _small(entry, _picture(run, entry)) if left > 0 else _linked(run, entry)
        left -= 0 if small.linked else uses * len(small.picture or "")
        previews[row] = small if left > 0 else _linked(run, entry)
    return previews


def _small(entry: Mapping[str, Any], content: bytes) -> Preview:
    from PIL import Image, UnidentifiedImageError

    preview = _preview(entry, content)
    if preview.picture is None:
        return preview
    encoded = BytesIO()
    try:
        picture = Image.open(BytesIO(content)).convert("RGB")
    except (OSError, UnidentifiedImageError):
        return Preview(missing="its thumbnail is broken")
    picture.thumbnail((SMALL_PX, SMALL_PX))
    picture.save(encoded, "JPEG", quality=SMALL_QUALITY, optimize=True)
    data = f"data:{MIME['jpg']};base64,{b64encode(encoded.getvalue()).decode()}"
    return Preview(picture=data, width_px=picture.width, height_px=picture.height)


def _text(entry: Mapping[str, Any], left: int) -> Preview:
    """The text, its rest left out where it would take more than `left` bytes."""
    whole = readable(entry["text"])
    beginning = _beginning(whole)
    text = Preview(text=beginning, rest=whole[len(beginning) :], cut=max(entry["characters"] - len(entry["text"]), 0))
    if _page_bytes(text) <= left:
        return text
    return replace(text, rest="", cut=text.cut + len(text.rest))


def _beginning(text: str) -> str:
    """What is shown at once; all of it where little more than that is left, and whole words where there are spaces."""
    lines = "".join(text.splitlines(keepends=True)[:SHOWN_LINES])
    if len(lines) <= SHOWN_CHARACTERS:
        return lines
    if len(text) <= SHOWN_CHARACTERS * 1.2:
        return text
    head = lines[:SHOWN_CHARACTERS]
    word_end = max(head.rfind(" "), head.rfind("\n"))
    return head[: word_end + 1] if word_end > SHOWN_CHARACTERS // 2 else head


def _page_bytes(text: Preview) -> int:
    """What a text takes in the page, where some signs are written as several."""
    return len(escape(f"{text.text}{text.rest}").encode())


def _picture(run: RunDir, entry: Mapping[str, Any]) -> bytes:
    """Bytes of the thumbnail; none where the sample has none."""
    name = entry.get("thumbnail", "")
    path = run.path / name
    return path.read_bytes() if THUMBNAIL.fullmatch(name) and path.is_file() else b""


def _linked(run: RunDir, entry: Mapping[str, Any]) -> Preview:
    """A picture that stays in its own file; what has none, as it is."""
    name = entry.get("thumbnail", "")
    if not THUMBNAIL.fullmatch(name) or not (run.path / name).is_file():
        return _preview(entry, b"")
    return Preview(
        picture=name,
        linked=True,
        width_px=entry.get("width_px", 0),
        height_px=entry.get("height_px", 0),
        pixelated=name.endswith(".png"),
    )


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
