"""An export taken back: the files that it wrote, and no others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dataclinic.errors import ExportError
from dataclinic.outgoing.manifest import MANIFEST, is_unchanged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.edits import Edit
    from dataclinic.outgoing.manifest import Manifest


@dataclass(frozen=True)
class Undo:
    """What taking an export back does.

    `removed` are files that go, `changed` those that were written by it and are something else now, and `foreign` those
    it never wrote; both stay. All are named below `folder` with slashes. Where only some samples are taken back,
    `undone` are their changes, and `kept_edits` those that the data is written anew with.
    """

    folder: Path
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    undone: tuple[Edit, ...] = ()
    kept_edits: tuple[Edit, ...] = ()


def undo_export(folder: Path, manifest: Manifest, *, write: bool) -> Undo:
    """What removing the export in `folder` does; it is done only where `write` is true.

    A file that is gone already is passed over. Folders go that are empty then. The manifest goes last, so that what was
    interrupted can be taken up again.

    Raises:
        ExportError: a file cannot be removed.
    """
    plan = _compared(folder, manifest)
    if write:
        try:
            _remove(folder, plan.removed)
        except OSError as error:
            raise ExportError.not_removed(folder, error) from error
    return plan


def without_changes(manifest: Manifest, samples: Sequence[str]) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
    """The edits that stay and those that are taken back, where those of `samples` are.

    Raises:
        ExportError: the export changed nothing about one of the samples.
    """
    changed = [edit.id for edit in manifest.edits]
    known = set(changed)
    for sample in samples:
        if sample not in known:
            raise ExportError.nothing_changed_about(sample, changed)
    asked = set(samples)
    stay = tuple(edit for edit in manifest.edits if edit.id not in asked)
    return stay, tuple(edit for edit in manifest.edits if edit.id in asked)


def require_untouched(folder: Path, manifest: Manifest) -> None:
    """Refuse an export that holds anything but what was written.

    Raises:
        ExportError: a file of it is gone or has changed, or there is one that it never wrote.
    """
    found = _compared(folder, manifest)
    gone = {file.path for file in manifest.files} - {*found.removed, *found.changed}
    if others := sorted({*found.changed, *found.foreign, *gone}):
        raise ExportError.changed_since(folder, others)


def _compared(folder: Path, manifest: Manifest) -> Undo:
    there = [path.relative_to(folder).as_posix() for path in _files(folder)]
    written = {file.path: file for file in manifest.files}
    same = {name for name in there if name in written and is_unchanged(folder, written[name])}
    return Undo(
        folder,
        removed=(*(name for name in there if name in same), MANIFEST),
        changed=tuple(name for name in there if name in written and name not in same),
        foreign=tuple(name for name in there if name not in written and name != MANIFEST),
    )


def _files(folder: Path) -> list[Path]:
    found = []
    for above, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(above, name).is_symlink()]
        found += [Path(above, name) for name in sorted([*names, *links])]
    return found


def _remove(folder: Path, names: Sequence[str]) -> None:
    """A hard link is one name of a file: without it, the file stays under its other names."""
    places = [folder.joinpath(*PurePosixPath(name).parts) for name in names]
    for place in places:
        place.unlink()
    above = {parent for place in places for parent in place.parents if parent.is_relative_to(folder)}
    for place in sorted({*above, folder}, key=lambda place: len(place.parts), reverse=True):
        if not any(place.iterdir()):
            place.rmdir()
