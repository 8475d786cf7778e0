"""CSV and TSV: text tables, read as they are spelled."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from dataclinic.errors import DataError, ExportError
from dataclinic.frames.source_edits import source_edits
from dataclinic.frames.to_dataset import dataset_from_frame

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from dataclinic.dataset import ColumnRoles, Dataset, Task
    from dataclinic.edits import Edit
    from dataclinic.frames.source_edits import SourceEdits
    from dataclinic.outgoing.placed_files import PlaceFile

_DELIMITERS = {".csv": ",;\t|", ".tsv": "\t,;|"}
"""By suffix, likeliest first."""
_DECIMAL_COMMA = re.compile(r"^\s*([+-]?\d+),(\d+(?:[eE][+-]?\d+)?)\s*$")
_CHUNK_ROWS = 50_000
_SNIFFED_LINES = 50
_LONGEST_CELL = 1 << 30
"""Characters; the csv module's own limit of 131,072 would refuse a text as long as a book."""
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class _Layout:
    """How a file is written; the encoding leaves a byte order mark in the text, so that it is written again."""

    encoding: str
    delimiter: str


@dataclass(frozen=True)
class _Record:
    """One record as it is written and as cells; an empty line has no cells."""

    raw: str
    cells: list[str]
    last_line: int
    is_open: bool
    """Whether the file ends within its last cell, whose quote is never closed."""

    @property
    def open_since(self) -> int:
        """Line of the quote that is never closed."""
        return self.last_line + 1 - max(1, sum(1 for _ in StringIO(self.cells[-1], newline="")))


@dataclass(frozen=True)
class Csv:
    """A header and one record a line; UTF-8 or UTF-16, else Latin-1; comma, semicolon, tab or bar between cells.

    Written again line by line: an untouched line is the same text, an edited one differs in its label cell alone.
    """

    summary: ClassVar[str] = "a .csv or .tsv file"

    def recognises(self, source: Path) -> bool:
        return source.is_file() and source.suffix.lower() in _DELIMITERS

    def read(self, source: Path, roles: ColumnRoles, task: Task = "classification") -> Dataset:
        layout = _layout(source)
        notes = ("the file is not UTF-8 and was read as Latin-1",) if layout.encoding == "latin-1" else ()
        frame = _with_decimal_points(_frame(source, layout), layout)
        return dataset_from_frame(frame, roles, task, source=source, format_id="csv", notes=notes)

    def columns(self, source: Path) -> tuple[str, ...]:
        layout = _layout(source)
        with source.open(encoding=layout.encoding, newline="") as lines:
            return tuple(_column_names(source, next(_cells(source, lines, layout), [])))

    def table(self, source: Path, columns: Collection[str]) -> pd.DataFrame:
        layout = _layout(source)
        frame = _frame(source, layout)
        return _with_decimal_points(frame[[name for name in frame.columns if name in columns]], layout)

    def write(self, dataset: Dataset, edits: Sequence[Edit], destination: Path, place: PlaceFile) -> None:
        source, label = dataset.source, str(dataset.roles.label)
        layout = _layout(source)
        frame = _frame(source, layout)
        if label not in frame.columns:
            raise ExportError.source_changed(source)
        at = int(frame.columns.get_loc(label))
        wanted = source_edits(dataset, edits, _with_decimal_points(frame, layout)[label])
        cells = _new_cells(wanted, frame[label], layout)
        with (
            source.open(encoding=layout.encoding, newline="") as lines,
            (destination / source.name).open("w", encoding=layout.encoding, newline="") as out,
        ):
            row = -1  # the header
            for raw, written in _records(source, lines, layout.delimiter):
                if not written or row < 0 or (wanted.keep[row] and row not in cells):
                    out.write(raw)
                elif wanted.keep[row]:
                    out.write(_with_cell(raw, written, at, cells[row], layout.delimiter))
                row += bool(written)


def _new_cells(wanted: SourceEdits, labels: pd.Series[str], layout: _Layout) -> dict[int, str]:
    """Texts of label cells that change, by row; numbers with a decimal comma where the column has them."""
    moved = np.flatnonzero(wanted.label_from != np.arange(len(wanted.label_from)))
    cells = {int(row): str(labels[wanted.label_from[row]]) for row in moved}
    comma = layout.delimiter == ";" and labels.str.fullmatch(_DECIMAL_COMMA).any()
    return cells | {row: text.replace(".", ",") if comma else text for row, text in wanted.numbers.items()}


def _layout(source: Path) -> _Layout:
    encoding = _encoding(source)
    with source.open(encoding=encoding, newline="") as lines:
        first = list(islice(lines, _SNIFFED_LINES))
    delimiters = _DELIMITERS[source.suffix.lower()]
    return _Layout(encoding, max(delimiters, key=lambda delimiter: _regularity(first, delimiter)))


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


def _regularity(lines: list[str], delimiter: str) -> tuple[bool, int]:
    """Whether most records are as wide as the header, above one cell; and the cells in most records, 0 if they differ.

    The header counts first: decimal commas make as many cells of a record as semicolons do, but not of the header.
    """
    try:
        records = [record for record in _parsed(lines, delimiter) if record.cells]
    except csv.Error:
        return False, 0
    if not records:
        return False, 0
    header = len(records[0].cells)
    if len(records) > 1 and records[-1].is_open:
        records.pop()  # its last cell may hold any number of others
    widths = Counter(_width(record.cells, header) for record in records)
    width, count = max(widths.items(), key=lambda item: item[1])
    if 2 * count <= widths.total():
        return False, 0
    return width == header > 1, width


def _width(cells: list[str], columns: int) -> int:
    """Cells in a record; delimiters at its end, beyond the columns of the header, are harmless."""
    return columns if len(cells) > columns and not any(cells[columns:]) else len(cells)


def _frame(source: Path, layout: _Layout) -> pd.DataFrame:
    """Every cell as text."""
    with source.open(encoding=layout.encoding, newline="") as lines:
        records = _cells(source, lines, layout)
        names = _column_names(source, next(records, []))
        chunks = []
        while rows := [cells[: len(names)] for cells in islice(records, _CHUNK_ROWS)]:
            columns = zip(names, zip(*rows, strict=True), strict=True)
            chunks.append(pd.DataFrame({name: pd.array(cells, dtype="str") for name, cells in columns}))
    if not chunks:
        raise DataError.empty_table(source)
    return pd.concat(chunks, ignore_index=True)


def _cells(source: Path, lines: Iterable[str], layout: _Layout) -> Iterator[list[str]]:
    """Cells of every record that has some, header first."""
    return (cells for _, cells in _records(source, lines, layout.delimiter) if cells)


def _records(source: Path, lines: Iterable[str], delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Every record, header first, as it is written and as cells; an empty line has no cells."""
    columns = line = 0
    try:
        for record in _parsed(lines, delimiter):
            columns = columns or len(record.cells)
            if record.is_open:
                _require_harmless(source, record, line + 1, columns)
            line = record.last_line
            if record.cells and _width(record.cells, columns) != columns:
                raise DataError.ragged_row(source, line, len(record.cells), columns)
            yield record.raw, record.cells
    except csv.Error as error:
        problem = f"line {line + 1}: {error} (a quote that is never closed?)"
        raise DataError.broken_file(source, problem) from error


def _parsed(lines: Iterable[str], delimiter: str) -> Iterator[_Record]:
    written: list[str] = []
    ended = False

    def seen() -> Iterator[str]:
        nonlocal ended
        for line in lines:
            written.append(line)
            yield line.removeprefix("\ufeff")
        ended = True
        yield ""  # an empty record of its own, unless a quote is still open

    last_line = 0
    for cells in _with_long_cells(csv.reader(seen(), delimiter=delimiter)):
        if written:
            last_line += len(written)
            yield _Record("".join(written), cells, last_line, ended)
            written.clear()


def _with_long_cells(records: Iterator[list[str]]) -> Iterator[list[str]]:
    """The records, read with our limit; the csv module has one for the whole process, so it is put back each time."""
    while True:
        limit = csv.field_size_limit(_LONGEST_CELL)
        try:
            cells = next(records, None)
        finally:
            csv.field_size_limit(limit)
        if cells is None:
            return
        yield cells


def _require_harmless(source: Path, record: _Record, first_line: int, columns: int) -> None:
    """Refuse an open quote, unless it only stands before the last cell of the last line."""
    if first_line < record.last_line or len(record.cells) != columns or first_line == 1:
        raise DataError.broken_file(source, f"a quote opened on line {record.open_since} is never closed")


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
    return frame.apply(lambda column: column.str.replace(_DECIMAL_COMMA, r"\1.\2", regex=True))


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
