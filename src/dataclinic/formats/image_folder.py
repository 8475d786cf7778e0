"""Image folders: one folder a class, with train, validation and test folders above them or not."""

from __future__ import annotations

import json
import os
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.dataset import Dataset, Images
from dataclinic.edits import Drop
from dataclinic.errors import DataError, ExportError
from dataclinic.errors.root import listed
from dataclinic.frames.natural_order import natural_key
from dataclinic.frames.pictures import is_image_name
from dataclinic.frames.roles import SPLIT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.dataset import ColumnRoles, Task
    from dataclinic.edits import Edit
    from dataclinic.outgoing.placed_files import PlaceFile

_IGNORED = frozenset({"__macosx", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class _Place:
    """Where an image lies: names below the source as the file system has them, and how many of them name a split."""

    names: tuple[str, ...]
    splits: int

    @property
    def id(self) -> str:
        return _printable("/".join(self.names))

    @property
    def split(self) -> str:
        return _printable(self.names[0]) if self.splits else ""

    @property
    def label(self) -> str | None:
        """Name of the class folder in composed Unicode, so that one class has one name on every file system."""
        folders = self.names[self.splits : -1]
        return unicodedata.normalize("NFC", _printable(folders[0])) if folders else None


@dataclass(frozen=True)
class ImageFolder:
    """The first folder is the class, below train, val or test where all first folders are named like that.

    Deeper folders belong to their class; images outside class folders have no label. Hidden files, other files and
    run directories are passed over, and so are folders that cannot be read; no image is opened. Written again as
    links to the image files, or copies of them.
    """

    summary: ClassVar[str] = "a folder of class folders with images, also below train, val and test folders"

    def recognises(self, source: Path) -> bool:
        return source.is_dir() and any(is_image_name(names[-1]) for names in _files(source, []))

    def read(self, source: Path, roles: ColumnRoles, task: Task = "classification") -> Dataset:
        if task != "classification":
            raise DataError.folders_hold_no_numbers(source)
        for field in fields(roles):
            if getattr(roles, field.name) is not None:
                raise DataError.has_no_columns(source, field.name, getattr(roles, field.name))
        unreadable: list[str] = []
        files = list(_files(source, unreadable))
        places = _places(files)
        labels = [place.label for place in places]
        classes = tuple(sorted({label for label in labels if label is not None}, key=natural_key))
        _require_classes(source, places, classes, unreadable)
        code_of = {name: code for code, name in enumerate(classes)}
        rows = np.array([row for row, label in enumerate(labels) if label is not None], dtype=np.int64)
        unlabelled = tuple(place.id for place, label in zip(places, labels, strict=True) if label is None)
        return Dataset(
            source=source,
            format="image_folder",
            payload=Images(tuple(source.joinpath(*places[row].names) for row in rows)),
            ids=tuple(places[row].id for row in rows),
            labels=np.array([code_of[label] for label in labels if label is not None], dtype=np.int64),
            classes=classes,
            source_rows=rows,
            split=tuple(places[row].split for row in rows) if places[0].splits else None,
            unlabelled=unlabelled,
            notes=_notes(len(files) - len(places), len(unlabelled), unreadable),
        )

    def write(self, dataset: Dataset, edits: Sequence[Edit], destination: Path, place: PlaceFile) -> None:
        source = dataset.source
        places = _places(list(_files(source, [])))
        _require_unchanged(dataset, places)
        edit_of = {int(dataset.source_rows[edit.row]): edit for edit in edits}
        stay = [found for row, found in enumerate(places) if row not in edit_of]
        for found in stay:
            place(source.joinpath(*found.names), destination.joinpath(*found.names))
        taken, folders = {found.names for found in stay}, _class_folders(places)
        for row, edit in edit_of.items():
            if not isinstance(edit, Drop):
                names = _free_name(_moved(places[row], edit.to, folders), taken)
                taken.add(names)
                place(source.joinpath(*places[row].names), destination.joinpath(*names))


def _files(source: Path, unreadable: list[str]) -> Iterator[tuple[str, ...]]:
    """Names below `source` of every file that is not hidden, folder by folder; links never lead round in circles.

    Folders below `source` that cannot be read are added to `unreadable`.
    """
    yield from _files_below(str(source), (), (os.path.realpath(source),), unreadable)


def _files_below(
    folder: str, above: tuple[str, ...], real: tuple[str, ...], unreadable: list[str]
) -> Iterator[tuple[str, ...]]:
    try:
        entries = _entries(folder)
    except OSError:
        if not above:
            raise
        unreadable.append(_printable("/".join(above)))
        return
    if above and any(entry.name == "run.json" and _is_run(entry) for entry in entries):
        return
    for entry in entries:
        if not _is_folder(entry):
            yield (*above, entry.name)
            continue
        target = os.path.realpath(entry.path) if entry.is_symlink() else str(Path(real[-1], entry.name))
        if target not in real:
            yield from _files_below(entry.path, (*above, entry.name), (*real, target), unreadable)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as scan:
        return [entry for entry in scan if not entry.name.startswith(".") and entry.name.lower() not in _IGNORED]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads round in a circle, or to where nothing may be read
        return False


def _is_run(entry: os.DirEntry[str]) -> bool:
    """Whether this is the record of an audit, whose thumbnails are no data."""
    try:
        # A folder is no record, and a pipe would wait for its writer.
        content = json.loads(Path(entry.path).read_bytes()) if entry.is_file() else None
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "schema" in content


def _places(files: list[tuple[str, ...]]) -> list[_Place]:
    """Every image in natural order of its path."""
    images = sorted(
        (names for names in files if is_image_name(names[-1])), key=lambda names: natural_key("/".join(names))
    )
    splits = int(_has_splits(images))
    return [_Place(names, splits if len(names) > 1 else 0) for names in images]


def _has_splits(images: list[tuple[str, ...]]) -> bool:
    """Whether every first folder is named as a split and holds folders with images."""
    first = {names[0] for names in images if len(names) > 1}
    with_classes = {names[0] for names in images if len(names) > 2}
    return bool(first) and first == with_classes and all(name.lower() in SPLIT_NAMES for name in first)


def _require_classes(source: Path, places: list[_Place], classes: tuple[str, ...], unreadable: list[str]) -> None:
    if not classes:
        raise DataError.no_class_folders(source, len(places))
    if len(classes) > 1:
        return
    below = {place.names[place.splits + 1] for place in places if len(place.names) > place.splits + 2}
    inner = source.joinpath(*next(place.names[: place.splits + 1] for place in places if place.label is not None))
    hint = "give the folder that holds the class folders; for a table that names images, give the table itself"
    if len(below) > 1:
        hint = f"if its folders are the classes, give that folder: {inner}"
    if unreadable:
        hint = f"check that you may read the folders below it: {_unreadable_note(unreadable)}"
    raise DataError.only_one_class(str(source), classes[0], hint)


def _notes(others: int, unlabelled: int, unreadable: list[str]) -> tuple[str, ...]:
    notes = []
    if unlabelled:
        lie = f"{unlabelled} images lie outside class folders: they have"
        if unlabelled == 1:
            lie = "1 image lies outside class folders: it has"
        notes.append(f"{lie} no label and took no part")
    if others:
        are = "1 file is no image and was" if others == 1 else f"{others} files are no images and were"
        notes.append(f"{are} passed over")
    if unreadable:
        notes.append(_unreadable_note(unreadable))
    return tuple(notes)


def _unreadable_note(folders: list[str]) -> str:
    were = "1 folder cannot be read and was" if len(folders) == 1 else f"{len(folders)} folders cannot be read and were"
    return f"{were} passed over: {listed(sorted(folders, key=natural_key))}"


def _require_unchanged(dataset: Dataset, places: list[_Place]) -> None:
    for row, sample in zip(dataset.source_rows, dataset.ids, strict=True):
        if row >= len(places) or places[row].id != sample:
            raise ExportError.source_changed(dataset.source)


def _class_folders(places: list[_Place]) -> dict[tuple[str, str], str]:
    """Folder name by split and class, as each split spells it; split "" stands for any."""
    folders: dict[tuple[str, str], str] = {}
    for place in places:
        if place.label is not None:
            for split in (place.split, ""):
                folders.setdefault((split, place.label), place.names[place.splits])
    return folders


def _moved(place: _Place, label: str, folders: dict[tuple[str, str], str]) -> tuple[str, ...]:
    """Names of the same file in the folder of another class of its split."""
    folder = folders.get((place.split, label)) or folders["", label]
    return (*place.names[: place.splits], folder, *place.names[place.splits + 1 :])


def _free_name(names: tuple[str, ...], taken: set[tuple[str, ...]]) -> tuple[str, ...]:
    """`names`, with -2, -3, … before the suffix where a file of that name is already there."""
    last, number, free = PurePosixPath(names[-1]), 1, names
    while free in taken:
        number += 1
        free = (*names[:-1], f"{last.stem}-{number}{last.suffix}")
    return free


def _printable(name: str) -> str:
    """Names that are not Unicode come with lone surrogates, which no file format can hold."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
