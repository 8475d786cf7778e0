"""export.json: what an export wrote and why, so that it can be taken back and nothing else with it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, get_args

from dataclinic.edits import Drop, Edit, EditSource, Relabel
from dataclinic.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MANIFEST = "export.json"
CHANGES = "changes.csv"
CLASS_WEIGHTS = "class_weights.json"
SAMPLE_WEIGHTS = "sample_weights.csv"
RESAMPLING = "resampling_plan.csv"
BESIDE = (MANIFEST, CHANGES, CLASS_WEIGHTS, SAMPLE_WEIGHTS, RESAMPLING)
"""Files beside the data, whose names no file of the data may have."""

SCHEMA = 1
_SOURCES: dict[str, EditSource] = {name: name for name in get_args(EditSource)}
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class WrittenFile:
    """A file below the folder of the export, named with slashes.

    One of its own has a digest. One that shares its content with the original (a hard link) has the time of its last
    change instead, and a symbolic link where it leads to: reading all pictures again would take long.
    """

    path: str
    size: int
    sha256: str = ""
    mtime_ns: int = 0
    leads_to: str = ""


@dataclass(frozen=True)
class Origin:
    """Where an export comes from: the run, what it was asked for, and when (ISO 8601, UTC)."""

    run: str
    options: Mapping[str, Any]
    created: str
    dataclinic: str


@dataclass(frozen=True)
class Manifest:
    """`edits` are those that were applied, `files` all files but the manifest itself."""

    origin: Origin
    format: str
    edits: tuple[Edit, ...]
    files: tuple[WrittenFile, ...]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    content = {
        "schema": SCHEMA,
        "format": manifest.format,
        "origin": asdict(manifest.origin),
        "counts": {"relabel": sum(isinstance(edit, Relabel) for edit in manifest.edits), "all": len(manifest.edits)},
        "edits": [{"what": what_is_done(edit), "to": "", **asdict(edit)} for edit in manifest.edits],
        "files": [_without_nothing(asdict(file)) for file in manifest.files],
    }
    # ASCII alone: names of files may hold bytes that are no text.
    (folder / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", encoding="ascii")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the export in `folder`.

    Raises:
        ExportError: there is none, it is broken, or it names a file outside the folder.
    """
    file = folder / MANIFEST
    try:
        content = json.loads(file.read_text(encoding="ascii"))
        manifest = _manifest(content)
    except FileNotFoundError as error:
        raise ExportError.no_export(folder) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ExportError.broken_manifest(file, str(error)) from error
    for written in manifest.files:
        if not _is_below(written.path):
            raise ExportError.broken_manifest(file, f"it names '{written.path}', which is not below the folder")
    return manifest


def written_files(folder: Path) -> tuple[WrittenFile, ...]:
    """Every file below `folder`, in order of names, as an export that was just written has them."""
    return tuple(_written(path, path.relative_to(folder).as_posix()) for path in _files(folder))


def is_unchanged(folder: Path, written: WrittenFile) -> bool:
    """Whether the file is still what was written, and no folder on the way to it is a link to elsewhere."""
    path = folder.joinpath(*PurePosixPath(written.path).parts)
    above = path.parent
    while above != folder:
        if above.is_symlink():
            return False
        above = above.parent
    try:
        if written.leads_to or path.is_symlink():
            return path.is_symlink() and str(path.readlink()) == written.leads_to
        stat = path.stat()
        if not path.is_file() or stat.st_size != written.size:
            return False
        return stat.st_mtime_ns == written.mtime_ns if not written.sha256 else _digest(path) == written.sha256
    except OSError:
        return False


def what_is_done(edit: Edit) -> Literal["relabel", "drop"]:
    return "relabel" if isinstance(edit, Relabel) else "drop"


def _files(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if Path(above, name).is_symlink()]
        yield from (Path(above, name) for name in sorted([*names, *links]))


def _written(path: Path, name: str) -> WrittenFile:
    stat = path.lstat()
    if path.is_symlink():
        return WrittenFile(name, stat.st_size, leads_to=str(path.readlink()))
    if stat.st_nlink > 1:
        return WrittenFile(name, stat.st_size, mtime_ns=stat.st_mtime_ns)
    return WrittenFile(name, stat.st_size, sha256=_digest(path))


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _is_below(path: str) -> bool:
    parts = PurePosixPath(path).parts
    plain = bool(parts) and not path.startswith("/") and ".." not in parts and "\0" not in path
    return plain and not (os.name == "nt" and ("\\" in path or ":" in path))


def _without_nothing(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value not in {"", 0} or name == "size"}


def _manifest(content: dict[str, Any]) -> Manifest:
    if content["schema"] != SCHEMA:
        raise ValueError(f"it was written in form {content['schema']!r}, this dataclinic reads form {SCHEMA}")
    origin = content["origin"]
    options: Mapping[str, Any] = dict(origin["options"])
    return Manifest(
        Origin(_text(origin["run"]), options, _text(origin["created"]), _text(origin["dataclinic"])),
        _text(content["format"]),
        tuple(map(_edit, content["edits"])),
        tuple(map(_file, content["files"])),
    )


def _edit(entry: dict[str, Any]) -> Edit:
    row, sample, given = int(entry["row"]), _text(entry["id"]), _text(entry["given"])
    who, when = _text(entry["who"]), _text(entry["when"])
    source: EditSource = _SOURCES[entry["source"]]
    if entry["what"] == "drop":
        return Drop(row, sample, given, _text(entry["why"]), source, who, when)
    return Relabel(row, sample, given, _text(entry["to"]), _text(entry["why"]), source, who, when)


def _file(entry: dict[str, Any]) -> WrittenFile:
    digest, leads_to = _text(entry.get("sha256", "")), _text(entry.get("leads_to", ""))
    return WrittenFile(_text(entry["path"]), int(entry["size"]), digest, int(entry.get("mtime_ns", 0)), leads_to)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
