"""The cleaned data, written elsewhere in the format it came in."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dataclinic.dataset import Images
from dataclinic.edits import Drop, Relabel
from dataclinic.errors import ExportError
from dataclinic.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.dataset import Dataset
    from dataclinic.edits import Edit

CHANGES = "changes.csv"


@dataclass(frozen=True)
class ExportPlan:
    """What an export writes: `kept` samples keep their label, `unlabelled` ones are copied as they are."""

    destination: Path
    kept: int
    dropped: int
    relabelled: int
    unlabelled: int
    edits: tuple[Edit, ...]
    notes: tuple[str, ...] = ()


def export_dataset(
    dataset: Dataset, edits: Sequence[Edit], destination: Path, *, beside: Sequence[Path] = (), write: bool
) -> ExportPlan:
    """What writing `dataset` with `edits` to `destination` does; it is done only where `write` is true.

    The source is written again in its own format, beside `changes.csv` (id, what, from, to, why), one line an edit in
    the order of the samples, and copies of the files `beside`. The destination is whole or not there at all.

    Raises:
        ExportError: the destination is in use, inside the source or not writable, or an edit does not fit the data.
    """
    destination = destination.absolute()
    in_order = tuple(sorted(edits, key=lambda edit: edit.row))
    plan = _plan(dataset, in_order, destination)
    try:
        _require_free(destination, dataset.source)
        if write:
            _write(dataset, in_order, destination, beside)
    except OSError as error:
        raise ExportError.not_written(destination, error) from error
    return plan


def _plan(dataset: Dataset, edits: tuple[Edit, ...], destination: Path) -> ExportPlan:
    _require_fitting(dataset, edits)
    dropped = sum(isinstance(edit, Drop) for edit in edits)
    if dropped == len(dataset):
        raise ExportError.nothing_left()
    return ExportPlan(
        destination=destination,
        kept=len(dataset) - len(edits),
        dropped=dropped,
        relabelled=len(edits) - dropped,
        unlabelled=len(dataset.unlabelled),
        edits=edits,
        notes=_notes(dataset),
    )


def _require_fitting(dataset: Dataset, edits: tuple[Edit, ...]) -> None:
    for edit in edits:
        if not 0 <= edit.row < len(dataset) or dataset.ids[edit.row] != edit.id:
            raise ExportError.unknown_sample(edit.id)
        if isinstance(edit, Relabel) and edit.to not in dataset.classes:
            raise ExportError.unknown_class(edit.to, dataset.classes)
    for sample, count in Counter(edit.id for edit in edits).items():
        if count > 1:
            raise ExportError.edited_twice(sample)


def _notes(dataset: Dataset) -> tuple[str, ...]:
    if dataset.roles.image is None or not isinstance(dataset.payload, Images):
        return ()
    if not any(isinstance(source, Path) for source in dataset.payload.sources):
        return ()
    folder = dataset.source if dataset.source.is_dir() else dataset.source.parent
    return (f"image files are not copied: relative paths in '{dataset.roles.image}' still start at {folder}",)


def _require_free(destination: Path, source: Path) -> None:
    if not source.exists():
        raise ExportError.source_gone(source)
    if destination.exists() and not destination.is_dir():
        raise ExportError.in_use(destination, "is a file")
    here, data = destination.resolve(), source.resolve()
    if here.is_relative_to(data) or data.is_relative_to(here):
        raise ExportError.overlaps_source(destination, source)
    if destination.exists() and any(destination.iterdir()):
        raise ExportError.in_use(destination, "is not empty")


def _write(dataset: Dataset, edits: tuple[Edit, ...], destination: Path, beside: Sequence[Path]) -> None:
    """Write into a temporary folder on the same disk and rename it, so that nobody finds half an export."""
    there = destination.exists()
    home = destination if there else destination.parent
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".export-", dir=home) as temporary:
        staged = Path(temporary, "data")
        staged.mkdir()
        FORMATS.make(dataset.format).write(dataset, edits, staged)
        _write_changes(edits, staged)
        for file in beside:
            if (staged / file.name).exists():
                raise ExportError.name_taken(file.name)
            copyfile(file, staged / file.name)
        if not there:
            staged.rename(destination)
            return
        for entry in sorted(staged.iterdir()):
            entry.rename(destination / entry.name)


def _write_changes(edits: tuple[Edit, ...], folder: Path) -> None:
    log = folder / CHANGES
    if log.exists():
        raise ExportError.name_taken(CHANGES)
    with log.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("id", "what", "from", "to", "why"))
        for edit in edits:
            what, to = ("relabel", edit.to) if isinstance(edit, Relabel) else ("drop", "")
            writer.writerow((edit.id, what, edit.given, to, edit.why))
