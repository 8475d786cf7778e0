"""CSV and TSV: text tables, read as they are spelled."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from dataclinic.errors import DataError, ExportError
from dataclinic.frames.labels import given_labels
from dataclinic.frames.source_edits import source_edits
from dataclinic.frames.to_dataset import dataset_from_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dataclinic.dataset import ColumnRoles, Dataset
    from dataclinic.edits import Edit

_DELIMITERS = {".csv": ",;\t|", ".tsv": "\t,;|"}
"""By suffix, likeliest first."""
_CHUNK_ROWS = 50_000
_SNIFFED_LINES = 50
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class _Layout:
    """How a file is written; the encoding leaves a byte order mark in the text, so that it is written again."""

    encoding: str
    delimiter: str


@dataclass(frozen=True)
class Csv:
    """A header and one record a line; UTF-8 or UTF-16, else Latin-1; comma, semicolon, tab or bar between cells.

    Written again line by line: an untouched line is the same text, an edited one differs in its label cell alone.
    """

    summary: ClassVar[str] = "a .csv or .tsv file"

    def recognises(self, source: Path) -> bool:
        return source.is_file() and source.suffix.lower() in _DELIMITERS

    def read(self, source: Path, roles: ColumnRoles) -> Dataset:
        layout = _layout(source)
        notes = ("the file is not UTF-8 and was read as Latin-1",) if layout.encoding == "latin-1" else ()
        frame = _with_decimal_points(_frame(source, layout), layout)
        return dataset_from_frame(frame, roles, source=source, format_id="csv", notes=notes)

    def write(self, dataset: Dataset, edits: Sequence[Edit], destination: Path) -> None:
        source, label = dataset.source, str(dataset.roles.label)
        layout = _layout(source)
        frame = _frame(source, layout)
        if label not in frame.columns:
            raise ExportError.source_changed(source)
        place = int(frame.columns.get_loc(label))
        wanted = source_edits(dataset, edits, given_labels(_with_decimal_points(frame, layout)[label]))
        with (
            source.open(encoding=layout.encoding, newline="") as lines,
            (destination / source.name).open("w", encoding=layout.encoding, newline="") as out,
        ):
            row = -1  # the header
            for raw, cells in _records(source, lines, layout.delimiter):
                if not cells or row < 0 or (wanted.keep[row] and wanted.label_from[row] == row):
                    out.write(raw)
                elif wanted.keep[row]:
                    out.write(_with_cell(raw, cells, place, frame[label][wanted.label_from[row]], layout.delimiter))
                row += bool(cells)


def _layout(source: Path) -> _Layout:
    encoding = _encoding(source)
    with source.open(encoding=encoding, newline="") as lines:
        first = list(islice(lines, _SNIFFED_LINES))
    delimiters = _DELIMITERS[source.suffix.lower()]
    return _Layout(encoding, max(delimiters, key=lambda delimiter: _regular_columns(first, delimiter)))


def _encoding(source: Path) -> str:
    """Encoding of the whole file, found by decoding all of it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open("rb") as stream:
        start = stream.read(1 << 16)
        for mark, encoding in _BYTE_ORDER_MARKS:
            if start.startswith(mark):
                return encoding
        if b"\0" in start:
            raise DataError.broken_file(source, "it holds binary data, not text")
        try:
            while start:
                decoder.decode(start)
                start = stream.read(1 << 20)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8"


def _regular_columns(lines: list[str], delimiter: str) -> int:
    """Cells in a record if most records have the same number, else 0."""
    try:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells)
    except csv.Error:
        return 0
    width, count = max(widths.items(), key=lambda item: item[1], default=(0, 0))
    return width if 2 * count > widths.total() else 0


def _frame(source: Path, layout: _Layout) -> pd.DataFrame:
    """Every cell as text."""
    with source.open(encoding=layout.encoding, newline="") as lines:
        records = (cells for _, cells in _records(source, lines, layout.delimiter) if cells)
        names = _column_names(source, next(records, []))
        chunks = []
        while rows := [cells[: len(names)] for cells in islice(records, _CHUNK_ROWS)]:
            columns = zip(names, zip(*rows, strict=True), strict=True)
            chunks.append(pd.DataFrame({name: pd.array(cells, dtype="str") for name, cells in columns}))
    if not chunks:
        raise DataError.empty_table(source)
    return pd.concat(chunks, ignore_index=True)


def _records(source: Path, lines: Iterable[str], delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Every record, header first, as it is written and as cells; an empty line has no cells."""
    written: list[str] = []

    def seen() -> Iterator[str]:
        for line in lines:
            written.append(line)
            yield line.removeprefix("\ufeff")

    reader = csv.reader(seen(), delimiter=delimiter)
    columns = 0
    try:
        for cells in reader:
            raw = "".join(written)
            written.clear()
            columns = columns or len(cells)
            if cells and len(cells) != columns:
                _require_width(source, reader.line_num, cells, columns)
            yield raw, cells
    except csv.Error as error:
        problem = f"line {reader.line_num}: {error} (a quote that is never closed?)"
        raise DataError.broken_file(source, problem) from error


def _require_width(source: Path, line: int, cells: list[str], columns: int) -> None:
    """Refuse a record of another length than the header; delimiters at its end are harmless."""
    if len(cells) < columns or any(cells[columns:]):
        raise DataError.ragged_row(source, line, len(cells), columns)


def _column_names(source: Path, header: list[str]) -> list[str]:
    if not header:
        raise DataError.broken_file(source, "it is empty")
    names = [name.strip() or f"unnamed {place}" for place, name in enumerate(header, start=1)]
    for name, count in Counter(names).items():
        if count > 1:
            raise DataError.duplicate_columns(source, name)
    return names


def _with_decimal_points(frame: pd.DataFrame, layout: _Layout) -> pd.DataFrame:
    """Where semicolons separate cells, the comma is the decimal point: 1,5 means 1.5."""
    if layout.delimiter != ";":
        return frame
    return frame.apply(lambda column: column.str.replace(r"^\s*([+-]?\d+),(\d+)\s*$", r"\1.\2", regex=True))


def _with_cell(raw: str, cells: list[str], place: int, text: str, delimiter: str) -> str:
    """The record `raw` with another cell at `place`, quoted like the one it replaces, all else as written."""
    body = raw.rstrip("\r\n")
    written = _written_cells(body, delimiter)
    if len(written) != len(cells):  # a quote is opened and never closed
        written = [_quoted(cell) for cell in cells]
    plain = not written[place].startswith('"') and not any(mark in text for mark in (delimiter, '"', "\n", "\r"))
    written[place] = text if plain else _quoted(text)
    return delimiter.join(written) + raw[len(body) :]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _written_cells(body: str, delimiter: str) -> list[str]:
    """Cells with their quotes, as they stand in the text."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'"(?:[^"]|"")*"[^{mark}]*|[^{mark}]*')
    written, position = [], 0
    while position <= len(body):
        match = cell.match(body, position)
        assert match is not None  # noqa: S101 - the second alternative matches anywhere, even nothing
        written.append(match[0])
        position = match.end() + 1
    return written
