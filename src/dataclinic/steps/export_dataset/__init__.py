"""The cleaned data, written elsewhere: in the format it came in, or in one that another tool reads."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from dataclinic.dataset import Images
from dataclinic.edits import Drop, Relabel
from dataclinic.errors import ExportError
from dataclinic.outgoing.manifest import Manifest, Origin, write_manifest, written_files
from dataclinic.outgoing.placed_files import PlaceFile, link_file
from dataclinic.registry import FORMATS
from dataclinic.steps.export_dataset.beside import write_changes, write_weights
from dataclinic.steps.export_dataset.cleaning import Known, cleaned_samples, with_table
from dataclinic.steps.export_dataset.outlets import fitting_exporter, picture_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.arrays import Rows
    from dataclinic.dataset import Dataset
    from dataclinic.edits import Edit
    from dataclinic.exporters import Exporter

__all__ = ["ExportPlan", "Known", "Outlet", "export_dataset"]


@dataclass(frozen=True)
class Outlet:
    """How the data goes out.

    `exporter` is None for the format of the source, and `place` links or copies files. `beside` are files to lie beside
    the data in place of weights and a resampling plan. `replaces` says that the destination is an earlier export, whose
    place the new one takes.
    """

    exporter: str | None = None
    place: PlaceFile = link_file
    beside: tuple[Path, ...] = ()
    replaces: bool = False


@dataclass(frozen=True)
class ExportPlan:
    """What an export writes: `kept` samples keep their label, `unlabelled` ones have none."""

    destination: Path
    format: str
    kept: int
    dropped: int
    relabelled: int
    unlabelled: int
    edits: tuple[Edit, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Task:
    """All that writing needs; `exporter` is None for the source's own format, `rows` are those that stay."""

    dataset: Dataset
    edits: tuple[Edit, ...]
    known: Known
    outlet: Outlet
    exporter: Exporter | None
    rows: Rows

    @property
    def format(self) -> str:
        return self.dataset.format if self.exporter is None else str(self.outlet.exporter)


def export_dataset(
    dataset: Dataset,
    edits: Sequence[Edit],
    destination: Path,
    *,
    known: Known | None = None,
    outlet: Outlet | None = None,
    origin: Origin | None = None,
    write: bool,
) -> ExportPlan:
    """What writing `dataset` with `edits` to `destination` does; it is done only where `write` is true.

    Beside the data lie `changes.csv` (one line an edit in the order of the samples), `export.json`, and for classes
    `class_weights.json`, `sample_weights.csv` and `resampling_plan.csv`. The destination is whole or not there at all.

    Raises:
        ExportError: the destination is in use, inside the source or not writable, an edit does not fit the data, or the
            format cannot hold it.
    """
    destination, outlet = destination.absolute(), outlet or Outlet()
    in_order = tuple(sorted(edits, key=lambda edit: edit.row))
    _require_fitting(dataset, in_order)
    exporter = fitting_exporter(dataset, outlet.exporter)
    rows = _staying(dataset, in_order)
    pictured = rows if exporter is None else picture_rows(dataset, rows)
    task = _Task(dataset, in_order, known or Known(), outlet, exporter, pictured)
    plan = _plan(task, destination, without_picture=len(rows) - len(pictured))
    try:
        if not outlet.replaces:
            _require_free(destination, dataset.source)
        if write:
            with _staging(destination, outside=outlet.replaces) as staged:
                _write(task, staged, origin or Origin("", {}, "", ""))
                _publish(staged, destination)
    except OSError as error:
        raise ExportError.not_written(destination, error) from error
    return plan


def _require_fitting(dataset: Dataset, edits: tuple[Edit, ...]) -> None:
    for edit in edits:
        if not 0 <= edit.row < len(dataset) or dataset.ids[edit.row] != edit.id:
            raise ExportError.unknown_sample(edit.id)
        if isinstance(edit, Relabel) and dataset.targets is None and edit.to not in dataset.classes:
            raise ExportError.unknown_class(edit.to, dataset.classes)
    for sample, count in Counter(edit.id for edit in edits).items():
        if count > 1:
            raise ExportError.edited_twice(sample)


def _staying(dataset: Dataset, edits: tuple[Edit, ...]) -> Rows:
    import numpy as np

    dropped = [edit.row for edit in edits if isinstance(edit, Drop)]
    if len(dropped) == len(dataset):
        raise ExportError.nothing_left()
    return np.setdiff1d(np.arange(len(dataset)), dropped)


def _plan(task: _Task, destination: Path, *, without_picture: int) -> ExportPlan:
    dropped = sum(isinstance(edit, Drop) for edit in task.edits)
    return ExportPlan(
        destination=destination,
        format=task.format,
        kept=len(task.dataset) - len(task.edits),
        dropped=dropped,
        relabelled=len(task.edits) - dropped,
        unlabelled=len(task.dataset.unlabelled),
        edits=task.edits,
        notes=tuple(_notes(task, without_picture)),
    )


def _notes(task: _Task, without_picture: int) -> Iterator[str]:
    dataset = task.dataset
    if task.exporter is not None:
        if unlabelled := len(dataset.unlabelled):
            yield f"samples without a label, which are left out: {unlabelled:,}"
        if without_picture:
            yield f"samples without a picture file, which are left out: {without_picture:,}"
    elif dataset.unlabelled:
        yield f"samples without a label, which stay as they are: {len(dataset.unlabelled):,}"
    names_files = isinstance(dataset.payload, Images) and any(isinstance(one, Path) for one in dataset.payload.sources)
    if task.exporter is None and names_files and dataset.roles.image is not None:
        folder = dataset.source if dataset.source.is_dir() else dataset.source.parent
        yield f"image files are not copied: relative paths in '{dataset.roles.image}' still start at {folder}"


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


@contextmanager
def _staging(destination: Path, *, outside: bool) -> Iterator[Path]:
    """A folder on the same disk, which is gone in the end: nobody finds half an export."""
    home = destination if destination.exists() and not outside else destination.parent
    home.mkdir(parents=True, exist_ok=True)
    # No TemporaryDirectory: where it may not remove a file, it changes the file's mode, and with it the original's.
    temporary = Path(mkdtemp(prefix=".export-", dir=home))
    try:
        staged = temporary / "data"
        staged.mkdir()
        yield staged
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(task: _Task, staged: Path, origin: Origin) -> None:
    samples = cleaned_samples(task.dataset, task.edits, task.rows, task.known)
    if task.exporter is None:
        FORMATS.make(task.format).write(task.dataset, task.edits, staged, task.outlet.place)
    else:
        task.exporter.write(with_table(samples, task.dataset, task.edits, task.rows), staged, task.outlet.place)
    write_changes(task.edits, staged)
    if not task.outlet.beside and task.dataset.targets is None:
        write_weights(samples, staged)
    for file in task.outlet.beside:
        if (staged / file.name).exists():
            raise ExportError.name_taken(file.name)
        shutil.copyfile(file, staged / file.name)
    write_manifest(staged, Manifest(origin, task.format, task.edits, written_files(staged)))


def _publish(staged: Path, destination: Path) -> None:
    if not destination.exists():
        staged.rename(destination)
        return
    if staged.is_relative_to(destination):
        for entry in sorted(staged.iterdir()):
            entry.rename(destination / entry.name)
        return
    earlier = staged.with_name("earlier")
    destination.rename(earlier)
    try:
        staged.rename(destination)
    finally:
        if not destination.exists():
            earlier.rename(destination)
