"""Labels that people verified: from a column of the data, from a file by id, or from class folders by content."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dataclinic.dataset import Images
from dataclinic.errors import DataError
from dataclinic.formats import TableFormat
from dataclinic.frames.labels import GivenLabels, given_labels
from dataclinic.frames.pictures import is_image_name
from dataclinic.frames.roles import SPLIT_NAMES
from dataclinic.frames.targets import given_targets
from dataclinic.methods.content_digest import pixel_digest
from dataclinic.methods.image_pixels import UndecodableImage, decode_rgb, read_content
from dataclinic.progress import silent
from dataclinic.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from dataclinic.arrays import Labels, Mask, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Measurements
    from dataclinic.formats import Format
    from dataclinic.progress import Progress

    Values: TypeAlias = Labels | Scores

_NOTED = 3
"""Examples in a note."""

UNKNOWN = -1
"""Class code where nobody looked; in regression it is NaN."""


@dataclass(frozen=True)
class Trusted:
    """(samples,) class codes with UNKNOWN, or numbers with NaN, where nobody looked; `notes` are for people to read."""

    labels: Labels | Scores
    notes: tuple[str, ...]


def read_trusted(dataset: Dataset, measurements: Measurements, trusted: str, progress: Progress = silent) -> Trusted:
    """The verified label of each sample.

    `trusted` is the name of a column of the data; or a file with a column of ids and one of labels (named as in the
    data, or "id" and "label"); or a folder of class folders, whose pictures are those of the samples with the same
    pixels, each decoded once. A column goes before a path of the same name, which ./NAME means.

    Labels that are no class of the data cannot be scored, and labels that contradict each other verify nothing: they
    are left out, and a note says how many.

    Raises:
        DataError: there is no such column or path, it cannot be read or is the data itself, none of its labels is a
            class of the data, or none is of a sample.
    """
    path = Path(trusted)
    try:
        column = trusted_column(trusted, dataset.source)
        if column is not None:
            return _from_column(dataset, column, shadowed=path.exists())
        if not path.exists():
            raise DataError.no_trusted(trusted, _columns(dataset.source))
        if path.resolve() == dataset.source.resolve():
            raise DataError.trusted_is_source(path)
        reader = _reader(path)
        if isinstance(reader, TableFormat):
            return _from_file(dataset, reader, path)
        if path.is_dir():
            return _from_folder(dataset, measurements, path, progress)
    except OSError as error:
        raise DataError.not_readable(path, error) from error
    raise DataError.not_trusted_labels(path)


def trusted_column(trusted: str, source: Path) -> str | None:
    """`trusted` where it names a column of the table at `source`, which is then no feature; else None.

    Raises:
        DataError: the table cannot be read.
    """
    try:
        return trusted if trusted in _columns(source) else None
    except OSError as error:
        raise DataError.not_readable(source, error) from error


def _columns(source: Path) -> tuple[str, ...]:
    reader = _reader(source)
    return reader.columns(source) if isinstance(reader, TableFormat) else ()


def _reader(path: Path) -> Format | None:
    readers = (FORMATS.make(name) for name in FORMATS.ids())
    return next((reader for reader in readers if reader.recognises(path)), None)


def _from_column(dataset: Dataset, column: str, *, shadowed: bool) -> Trusted:
    if column == dataset.roles.label:
        raise DataError.label_in_two_parts("trusted", column)
    reader = _reader(dataset.source)
    assert isinstance(reader, TableFormat)  # noqa: S101 - it has columns
    where = f"column '{column}'"
    values, notes = _values(dataset, reader.table(dataset.source, [column])[column], where)
    if shadowed:
        notes += (f"--trusted {column}: the column was read; for the file or folder of that name write ./{column}",)
    return _told(dataset, values[dataset.source_rows], where, notes)


@dataclass(frozen=True)
class _Entries:
    """Verified labels that have yet to find their samples; `values`, `keys` and `names` are (entries,).

    `keys` are what a sample is found by, "" for nothing, and `names` what people call them: both are ids, or they are
    digests and paths. `kind` is "id" or "picture".
    """

    where: str
    kind: str
    values: Values
    keys: Sequence[str]
    names: Sequence[str]
    notes: tuple[str, ...]

    def notes_on(self, strangers: Sequence[str], contradicted: int) -> tuple[str, ...]:
        """`notes`, and what to say of labels that found no sample, and of those that contradict each other."""
        more = []
        if strangers:
            more.append(
                f"labels of {self.where} whose {self.kind} is of no sample: {len(strangers):,} ({_some(strangers)})"
            )
        if contradicted:
            more.append(
                f"{self.kind}s that {self.where} gives different labels, and so verifies none: {contradicted:,}"
            )
        return (*self.notes, *more)


def _from_file(dataset: Dataset, reader: TableFormat, path: Path) -> Trusted:
    columns = reader.columns(path)
    label = _column_named(path, (dataset.roles.label, "label"), columns)
    identity = _column_named(path, (dataset.roles.id, "id"), columns)
    table = reader.table(path, [identity, label])
    values, notes = _values(dataset, table[label], path.name)
    missing = table[identity].isna()
    ids = ["" if empty else str(cell).strip() for cell, empty in zip(table[identity], missing, strict=True)]
    return _matched(dataset, dataset.ids, _Entries(path.name, "id", values, ids, ids, notes))


def _column_named(path: Path, wanted: Sequence[str | None], columns: Sequence[str]) -> str:
    """The first of the wanted names that is a column."""
    names = tuple(dict.fromkeys(name for name in wanted if name is not None))
    found = next((name for name in names if name in columns), None)
    if found is None:
        raise DataError.trusted_lacks_column(path, names, columns)
    return found


def _from_folder(dataset: Dataset, measurements: Measurements, path: Path, progress: Progress) -> Trusted:
    if not isinstance(dataset.payload, Images):
        raise DataError.trusted_needs_pictures(path)
    if dataset.targets is not None:
        raise DataError.folders_hold_no_numbers(path)
    files = list(_pictures(path, dataset.classes))
    if not files:
        raise DataError.not_trusted_labels(path)
    classes = tuple(sorted({name for name, _ in files}))
    given = GivenLabels(np.array([classes.index(name) for name, _ in files], np.int64), classes)
    values, notes = _codes(dataset, given, path.name)
    digests = list(_digests([file for _, file in files], progress))
    if unreadable := digests.count(""):
        notes += (f"pictures of {path.name} that cannot be read: {unreadable:,}",)
    names = [file.relative_to(path).as_posix() for _, file in files]
    return _matched(dataset, measurements.content, _Entries(path.name, "picture", values, digests, names, notes))


def _pictures(folder: Path, classes: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Class name and path of every picture, also below train, val and test folders that are no classes themselves."""
    first = _folders(folder)
    names = {place.name.casefold() for place in first}
    if names <= SPLIT_NAMES and not names & {name.casefold() for name in classes}:
        first = [inner for outer in first for inner in _folders(outer)]
    for place in first:
        name = unicodedata.normalize("NFC", os.fsencode(place.name).decode("utf-8", "backslashreplace"))
        for file in sorted(place.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(place).parts)
            if not hidden and is_image_name(file.name) and file.is_file():
                yield name, file


def _folders(folder: Path) -> list[Path]:
    return sorted(place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))


def _digests(files: Sequence[Path], progress: Progress) -> Iterator[str]:
    """Of the pixels, as measurements have them; "" where there is no picture."""
    for done, file in enumerate(files, start=1):
        try:
            yield pixel_digest(decode_rgb(read_content(file)))
        except UndecodableImage:
            yield ""
        progress("read trusted pictures", done, len(files))


def _values(dataset: Dataset, column: pd.Series, where: str) -> tuple[Values, tuple[str, ...]]:
    """(rows,) verified labels of a column, and what to say of those that cannot be used."""
    if dataset.targets is None:
        return _codes(dataset, given_labels(column), where)
    given = given_targets(column)
    if np.isnan(given.values).all():
        raise DataError.trusted_is_empty(where)
    if not given.unread:
        return given.values, ()
    return given.values, (f"cells of {where} that hold no finite number: {given.unread:,} ('{given.example}')",)


def _codes(dataset: Dataset, given: GivenLabels, where: str) -> tuple[Labels, tuple[str, ...]]:
    """Class codes of the data for labels that name its classes, UNKNOWN for others."""
    if not given.classes:
        raise DataError.trusted_is_empty(where)
    code_of = {name: code for code, name in enumerate(dataset.classes)}
    number_of = _by_number(dataset.classes)
    found = [code_of.get(name, number_of.get(_number(name), UNKNOWN)) for name in given.classes]
    # The last entry serves those without a label.
    codes = np.array([*found, UNKNOWN], np.int64)[given.codes]
    strange = [name for name, code in zip(given.classes, found, strict=True) if code == UNKNOWN]
    if len(strange) == len(found):
        raise DataError.trusted_names_no_class(where, strange[0], dataset.classes)
    if not strange:
        return codes, ()
    count = int(((codes == UNKNOWN) & (given.codes >= 0)).sum())
    return codes, (f"labels of {where} that are no class of the data, and not scored: {count:,} ({_some(strange)})",)


def _by_number(classes: Sequence[str]) -> dict[float | None, int]:
    """Codes of classes that are numbers, however a file spells them ("1", "1.0"); nothing where that is ambiguous."""
    numbers = [(number, code) for code, name in enumerate(classes) if (number := _number(name)) is not None]
    return dict(numbers) if len(dict(numbers)) == len(numbers) else {}


def _number(name: str) -> float | None:
    try:
        return float(name)
    except ValueError:
        return None


def _unknown(values: Values) -> Mask:
    return np.isnan(values) if values.dtype.kind == "f" else np.asarray(values == UNKNOWN)


def _matched(dataset: Dataset, samples: Sequence[str], entries: _Entries) -> Trusted:
    """The labels of `entries`, each given to all samples of its key; `samples` holds one key a sample, or ""."""
    said: dict[str, float] = {}
    contradicted: set[str] = set()
    strangers: list[str] = []
    present = set(samples) - {""}
    for key, name, value, unknown in zip(
        entries.keys, entries.names, entries.values.tolist(), _unknown(entries.values).tolist(), strict=True
    ):
        if unknown or not key:
            continue
        if key not in present:
            strangers.append(name)
        elif said.setdefault(key, value) != value:
            contradicted.add(key)
    if strangers and not said:
        raise DataError.trusted_matches_nothing(entries.where, entries.kind, strangers[0])
    found = [None if key in contradicted else said.get(key) for key in samples]
    labels: Values = (
        np.array([UNKNOWN if value is None else value for value in found], np.int64)
        if dataset.targets is None
        else np.array(found, np.float64)
    )
    return _told(dataset, labels, entries.where, entries.notes_on(strangers, len(contradicted)))


def _told(dataset: Dataset, labels: Values, where: str, notes: tuple[str, ...]) -> Trusted:
    known = ~_unknown(labels)
    if not known.any():
        raise DataError.trusted_is_empty(where)
    differing = int((labels[known] != dataset.given[known]).sum())
    told = f"{where} verifies {known.sum():,} of {len(dataset):,} labels, and says otherwise of {differing:,}"
    return Trusted(labels, (told, *notes))


def _some(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names[:_NOTED]) + (" …" if len(names) > _NOTED else "")
