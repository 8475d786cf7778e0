"""Fingerprints: equal inputs give equal keys, so that finished steps can be reused."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataclinic.dataset import Dataset


def fingerprint(*parts: object) -> str:
    """16 hex digits over the `repr` of each part, in order."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(repr(part).encode())
        digest.update(b"\x1f")
    return digest.hexdigest()


def content_fingerprint(dataset: Dataset) -> str:
    """16 hex digits over what the samples are, without their labels: ids, and size and time of their files."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(repr((dataset.format, dataset.roles, dataset.source_rows.tobytes())).encode())
    paths = [source for source in getattr(dataset.payload, "sources", ()) if isinstance(source, Path)]
    for name in dataset.ids:
        digest.update(f"{name}\x1f".encode(errors="surrogateescape"))
    for path in paths:
        digest.update(_file_line(path, str(path)).encode(errors="surrogateescape"))
    # An image folder is its pictures; a table is its file or parts, also where it only names pictures.
    if dataset.source.is_file() or not paths:
        digest.update(source_fingerprint(dataset.source).encode())
    return digest.hexdigest()


def source_fingerprint(source: Path) -> str:
    """16 hex digits over name, size and modification time of every file of `source`; no content is read."""
    digest = hashlib.blake2b(digest_size=8)
    for line in sorted(_file_lines(source)):
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _file_lines(source: Path) -> Iterator[str]:
    if source.is_file():
        yield _file_line(source, source.name)
        return
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = Path(folder, name)
            yield _file_line(path, path.relative_to(source).as_posix())


def _file_line(path: Path, name: str) -> str:
    # A file that vanishes or is forbidden between listing and looking is a finding later, not an error here.
    try:
        stat = path.stat()
    except OSError:
        return f"{name}\x1fgone\n"
    return f"{name}\x1f{stat.st_size}\x1f{stat.st_mtime_ns}\n"
