"""Where samples lie in the files of the source: the picture's own file, or a line of the table."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dataclinic.report.audited import Audited

FOLDERS = "image_folder"
LINES = ("csv",)
"""Formats whose samples are lines of a text file."""

UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True)
class Place:
    """A file as the URI of a relative path, and the line in it, from 1; None where there is no such thing."""

    uri: str
    line: int | None = None


@dataclass(frozen=True)
class Places:
    """Places of the samples of a run; `start` is the path of its source as seen from where paths begin."""

    start: str
    folders: bool
    ids: Sequence[str]
    lines: Mapping[int, int]

    @classmethod
    def of(cls, audited: Audited, rows: Sequence[int], root: Path) -> Places:
        """Places of the samples at `rows`.

        Paths begin at `root` where the source lies below it, else at the source itself. Lines are told where the
        table is still there and has as many records as the audit saw.
        """
        source, data = Path(audited.record.get("source", "")), audited.record["dataset"]
        below = source.is_relative_to(root)
        folders = data["format"] == FOLDERS
        start = source.relative_to(root).as_posix() if below else "" if folders else source.name
        lines = _lines(audited, source, rows) if data["format"] in LINES else {}
        return cls("" if start == "." else start, folders, audited.samples["id"].to_numpy(object), lines)

    def whole(self) -> Place:
        """The source itself."""
        return Place(_uri(self.start or "."))

    def sample(self, row: int) -> Place:
        if self.folders:
            return Place(_uri("/".join(part for part in (self.start, self.ids[row]) if part)))
        return Place(self.whole().uri, self.lines.get(row))


def _uri(path: str) -> str:
    """The path with every character escaped that means something in a URI."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _lines(audited: Audited, source: Path, rows: Sequence[int]) -> dict[int, int]:
    """First line of each sample's record; none where the file is gone or no longer what was audited."""
    found = audited.run.path / "samples.parquet"
    if not rows or not source.is_file() or not found.is_file():
        return {}
    places = audited.run.read_columns(found.name, ("source_row",))
    if "source_row" not in places or len(places) != len(audited.samples):
        return {}
    data = audited.record["dataset"]
    starts = np.fromiter(_record_lines(source), np.int64)[1:]
    if len(starts) != data["samples"] + data.get("unlabelled", 0):
        return {}
    wanted = np.asarray(rows, np.int64)
    return dict(zip(wanted.tolist(), starts[places["source_row"].to_numpy()[wanted]].tolist(), strict=True))


def _record_lines(source: Path) -> Iterator[int]:
    """Line on which each record begins, header first: one ends with a line whose quotes are all closed (RFC 4180)."""
    with source.open("rb") as stream:
        encoding = UTF16.get(stream.read(2), "latin-1")  # by which the marks of UTF-8 and Latin-1 are read alike
    with source.open(encoding=encoding, errors="replace", newline="") as lines:
        begins, open_quote = 1, False
        for number, line in enumerate(lines, start=1):
            open_quote ^= line.count('"') % 2 == 1
            if open_quote:
                continue
            if number > begins or line.strip("\r\n"):  # an empty line is no record
                yield begins
            begins = number + 1
