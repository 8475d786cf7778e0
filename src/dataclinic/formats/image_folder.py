"""Image folders: one folder a class, with train, validation and test folders above them or not."""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dataclinic.dataset import Dataset, Images
from dataclinic.edits import Drop
from dataclinic.errors import DataError, ExportError
from dataclinic.frames.natural_order import natural_key
from dataclinic.frames.pictures import is_image_name
from dataclinic.frames.roles import SPLIT_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.dataset import ColumnRoles
    from dataclinic.edits import Edit

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
    run directories are passed over; no image is opened. Written again as copies of the image files.
    """

    summary: ClassVar[str] = "a folder of class folders with images, also below train, val and test folders"

    def recognises(self, source: Path) -> bool:
        return source.is_dir() and any(is_image_name(names[-1]) for names in _files(source))

    def read(self, source: Path, roles: ColumnRoles) -> Dataset:
        for field in fields(roles):
            if getattr(roles, field.name) is not None:
                raise DataError.has_no_columns(source, field.name, getattr(roles, field.name))
        files = list(_files(source))
        places = _places(files)
        labels = [place.label for place in places]
        classes = tuple(sorted({label for label in labels if label is not None}, key=natural_key))
        _require_classes(source, places, classes)
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
            notes=_notes(len(files) - len(places), len(unlabelled)),
        )

    def write(self, dataset: Dataset, edits: Sequence[Edit], destination: Path) -> None:
        source = dataset.source
        places = _places(list(_files(source)))
        _require_unchanged(dataset, places)
        edit_of = {int(dataset.source_rows[edit.row]): edit for edit in edits}
        stay = [place for row, place in enumerate(places) if row not in edit_of]
        for place in stay:
            _copy(source.joinpath(*place.names), destination.joinpath(*place.names))
        taken, folders = {place.names for place in stay}, _class_folders(places)
        for row, edit in edit_of.items():
            if not isinstance(edit, Drop):
                names = _free_name(_moved(places[row], edit.to, folders), taken)
                taken.add(names)
                _copy(source.joinpath(*places[row].names), destination.joinpath(*names))


def _files(source: Path) -> Iterator[tuple[str, ...]]:
    """Names below `source` of every file that is not hidden, folder by folder; links never lead round in circles."""
    yield from _files_below(str(source), (), (os.path.realpath(source),))


def _files_below(folder: str, above: tuple[str, ...], real: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    with os.scandir(folder) as scan:
        entries = [entry for entry in scan if not entry.name.startswith(".") and entry.name.lower() not in _IGNORED]
    if above and any(entry.name == "run.json" and _is_run(entry.path) for entry in entries):
        return
    for entry in entries:
        if not entry.is_dir():
            yield (*above, entry.name)
            continue
        target = os.path.realpath(entry.path) if entry.is_symlink() else str(Path(real[-1], entry.name))
        if target not in real:
            yield from _files_below(entry.path, (*above, entry.name), (*real, target))


def _is_run(path: str) -> bool:
    """Whether this is the record of an audit, whose thumbnails are no data."""
    try:
        content = json.loads(Path(path).read_bytes())
    except ValueError:
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


def _require_classes(source: Path, places: list[_Place], classes: tuple[str, ...]) -> None:
    if not classes:
        raise DataError.no_class_folders(source, len(places))
    if len(classes) > 1:
        return
    below = {place.names[place.splits + 1] for place in places if len(place.names) > place.splits + 2}
    inner = source.joinpath(*next(place.names[: place.splits + 1] for place in places if place.label is not None))
    hint = "give the folder that holds the class folders; for a table that names images, give the table itself"
    if len(below) > 1:
        hint = f"if its folders are the classes, give that folder: {inner}"
    raise DataError.only_one_class(str(source), classes[0], hint)


def _notes(others: int, unlabelled: int) -> tuple[str, ...]:
    notes = []
    if unlabelled:
        notes.append(f"{unlabelled} images lie outside class folders: they have no label and took no part")
    if others:
        notes.append(f"{others} files are no images and were passed over")
    return tuple(notes)


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


def _copy(original: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    # A link that leads nowhere is copied as the link it is.
    shutil.copy2(original, copy, follow_symlinks=original.exists())


def _printable(name: str) -> str:
    """Names that are not Unicode come with lone surrogates, which no file format can hold."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
