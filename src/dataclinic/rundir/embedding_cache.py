"""Embeddings that were computed before, kept for the next audit: by what they depend on, and by content."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from dataclinic.rundir.directory import replacing
from dataclinic.rundir.keys import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.arrays import Rows, Vectors

VARIABLE = "DATACLINIC_CACHE"
"""Environment variable: the folder to keep embeddings in, or "off"."""

OFF = "off"

LIMIT_BYTES = 10 * 2**30
"""2.6 million vectors of 1,024 numbers. What was used least recently goes first."""

_USED = "last_used"
_IDENTITY = "identity.txt"
_PARTS = "part-*.npz"
_BROKEN = (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile)
"""What numpy raises on a part that is broken or that another process has just removed."""


@dataclass(frozen=True)
class EmbeddingCache:
    """Vectors in `folder`, a subfolder for each identity of an encoder; processes may share it.

    A cache never stops an audit: what cannot be read or written is encoded again.
    """

    folder: Path
    limit_bytes: int = LIMIT_BYTES

    @classmethod
    def default(cls) -> EmbeddingCache | None:
        """The user's, where `DATACLINIC_CACHE` or else the system keeps such files; None where that is "off"."""
        chosen = os.environ.get(VARIABLE, "")
        if chosen.lower() == OFF:
            return None
        return cls((Path(chosen).expanduser() if chosen else _user_cache() / "dataclinic") / "embeddings")

    def find(self, identity: str, digests: Sequence[str]) -> tuple[Rows, Vectors, str]:
        """Rows of `digests` whose vectors are kept, those vectors, and the encoder's description.

        (0,), (0, 0) and "" where there are none. No digest, "", is never kept.
        """
        rows_of = _rows_of(digests)
        folder = self._folder_of(identity)
        found: dict[int, Vectors] = {}
        description = ""
        for part in filter(None, map(_read, sorted(folder.glob(_PARTS)))):
            description = part.description
            for place, digest in enumerate(part.digests):
                found.update((row, part.vectors[place]) for row in rows_of.get(digest, ()))
        if not found:
            return np.empty(0, np.int64), np.empty((0, 0), np.float32), ""
        _touch(folder)
        rows = sorted(found)
        return np.array(rows, np.int64), np.stack([found[row] for row in rows]), description

    def keep(self, identity: str, description: str, digests: Sequence[str], vectors: Vectors) -> None:
        """Add the vector of each digest, all at once or not at all; then make room where the limit is passed."""
        folder = self._folder_of(identity)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _IDENTITY).write_text(identity + "\n", encoding="utf-8")
            with replacing(folder / f"part-{uuid4().hex}.npz") as temporary, temporary.open("wb") as file:
                np.savez(
                    file,
                    digests=np.array(digests, np.bytes_),
                    vectors=np.asarray(vectors, np.float32),
                    description=np.array(description),
                )
            _touch(folder)
            self._make_room()
        except OSError:
            return  # a full disk or a folder that may not be written: the next audit encodes again

    def size_bytes(self) -> int:
        return sum(size for _, size in self._parts())

    def can_be_written(self) -> bool:
        """Whether the folder, or the nearest above it that exists, lets this user write."""
        existing = next(path for path in (self.folder, *self.folder.absolute().parents) if path.exists())
        return existing.is_dir() and os.access(existing, os.W_OK)

    def clear(self) -> None:
        """Remove all that is kept.

        Raises:
            OSError: the folder cannot be removed.
        """
        if self.folder.is_dir():
            shutil.rmtree(self.folder)

    def _folder_of(self, identity: str) -> Path:
        return self.folder / fingerprint(identity)

    def _make_room(self) -> None:
        parts = sorted(self._parts(), key=lambda part: _age(part[0]))
        excess = sum(size for _, size in parts) - self.limit_bytes
        for path, size in parts:
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= size
            if not any(path.parent.glob(_PARTS)):
                shutil.rmtree(path.parent, ignore_errors=True)

    def _parts(self) -> Iterator[tuple[Path, int]]:
        """Files of vectors with their sizes; one that another process removes meanwhile is left out."""
        for path in self.folder.glob(f"*/{_PARTS}"):
            try:
                yield path, path.stat().st_size
            except FileNotFoundError:
                continue


def _user_cache() -> Path:
    """Where programs keep what they can compute again."""
    if chosen := os.environ.get("XDG_CACHE_HOME"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _rows_of(digests: Sequence[str]) -> dict[bytes, list[int]]:
    """Rows of each digest but of ""."""
    rows: dict[bytes, list[int]] = {}
    for row, digest in enumerate(digests):
        if digest:
            rows.setdefault(digest.encode(), []).append(row)
    return rows


@dataclass(frozen=True)
class _Part:
    """One file: what was kept at once."""

    digests: Sequence[bytes]
    vectors: Vectors
    description: str


def _read(path: Path) -> _Part | None:
    """What is in the file; None where it is broken, and then it is removed."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            digests, vectors = content["digests"], content["vectors"]
            if vectors.ndim != 2 or vectors.dtype != np.float32 or digests.shape != vectors.shape[:1]:
                raise ValueError("not a vector for each digest")
            return _Part(digests.tolist(), vectors, str(content["description"]))
    except _BROKEN:
        with suppress(OSError):
            path.unlink()
        return None


def _touch(folder: Path) -> None:
    with suppress(OSError):  # a cache that may only be read
        (folder / _USED).touch()


def _age(part: Path) -> tuple[float, float]:
    """When its identity was last used, then when it was written."""
    try:
        return (part.parent / _USED).stat().st_mtime, part.stat().st_mtime
    except OSError:
        return 0.0, 0.0
