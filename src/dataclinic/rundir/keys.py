"""Fingerprints: equal inputs give equal keys, so that finished steps can be reused."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def fingerprint(*parts: object) -> str:
    """16 hex digits over the `repr` of each part, in order."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(repr(part).encode())
        digest.update(b"\x1f")
    return digest.hexdigest()


def source_fingerprint(source: Path) -> str:
    """16 hex digits over name, size and modification time of every file of `source`; no content is read."""
    digest = hashlib.blake2b(digest_size=8)
    for line in sorted(_file_lines(source)):
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _file_lines(source: Path) -> Iterator[str]:
    if source.is_file():
        stat = source.stat()
        yield f"{source.name}\x1f{stat.st_size}\x1f{stat.st_mtime_ns}\n"
        return
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            # A file that vanishes or is forbidden between listing and looking is a finding later, not an error here.
            try:
                stat = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - pathlib doubles a million-file walk
            except OSError:
                continue
            yield f"{os.path.relpath(folder, source)}/{name}\x1f{stat.st_size}\x1f{stat.st_mtime_ns}\n"
