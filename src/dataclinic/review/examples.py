"""The nearest samples of the given and of the suggested class, for any sample of a run."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.errors import RunError
from dataclinic.report.neighbours import FILE, MOST_EACH, Near, NearBoth, read_neighbours

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from dataclinic.report.suspects import Suspect
    from dataclinic.review.session import Session

ALL = "neighbours.npz"

COPY = 1e-6
"""Cosine distance below which a neighbour is a copy of the sample, or of another neighbour: it shows nothing new."""

DOUBTFUL = 0.5
"""Probability of a wrong label above which a sample is no good example of its class."""


class Examples:
    """Neighbours of both classes: of the suspects in the report as the audit chose them, of others from all neighbours.

    Those are the few nearest of every sample, so that a class may have none among them.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def near(self, suspect: Suspect) -> NearBoth:
        """Nearest first; samples whose own label is doubtful only where there are no others.

        Raises:
            RunError: neighbours.json or neighbours.npz is broken.
        """
        chosen = self._chosen.get(suspect.row)
        if chosen is not None:
            return chosen
        if self._all is None or suspect.row >= len(self._all.rows):
            return NearBoth()
        others = self._others(suspect.row)
        return NearBoth(_first(others, suspect.given_label), _first(others, suspect.suggested_label))

    @cached_property
    def _chosen(self) -> dict[int, NearBoth]:
        run = self._session.run
        if not (run.path / FILE).is_file():
            return {}
        return read_neighbours(run, (int(row) for row in run.read_json(FILE) if str(row).isdecimal()))

    @cached_property
    def _all(self) -> _Mapped | None:
        file = self._session.run.path / ALL
        if not file.is_file():
            return None
        try:
            return _Mapped(_member(file, "rows.npy"), _member(file, "distances.npy"))
        except (OSError, ValueError, LookupError, zipfile.BadZipFile) as error:
            raise RunError.broken_file(file, error) from error

    def _others(self, row: int) -> list[_Other]:
        """The neighbours of a row, copies left out, good examples first."""
        assert self._all is not None  # noqa: S101 - near() looked
        found: list[_Other] = []
        last = COPY
        pairs = zip(self._all.rows[row].tolist(), self._all.distances[row].tolist(), strict=True)
        for other, distance in pairs:
            if not 0 <= other < self._session.total or distance - last < COPY:
                continue
            last = distance
            found.append(self._other(other, distance))
        return sorted(found, key=lambda one: one.doubtful)

    def _other(self, row: int, distance: float) -> _Other:
        about, decision = self._session.suspect(row), self._session.decision_of(row)
        doubtful = (about.probability or 0) > DOUBTFUL if decision is None else decision.verdict != "keep"
        return _Other(Near(row, distance), about.given_label, doubtful)


@dataclass(frozen=True)
class _Mapped:
    """neighbours.npz, of which only what is looked at is read; nearest first, row -1 where there is none."""

    rows: NDArray[np.int64]
    distances: NDArray[np.float32]


@dataclass(frozen=True)
class _Other:
    near: Near
    label: str
    doubtful: bool


def _first(others: list[_Other], label: str | None) -> tuple[Near, ...]:
    return tuple(one.near for one in others if one.label == label)[:MOST_EACH]


def _member(file: Path, name: str) -> NDArray[Any]:
    """An array of an uncompressed npz file, mapped into memory, which numpy does for npy files alone."""
    with zipfile.ZipFile(file) as archive, archive.open(name) as member:
        stored = archive.getinfo(name).compress_type == zipfile.ZIP_STORED
        version = np.lib.format.read_magic(member)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(member)
        start = _data_start(file, archive.getinfo(name).header_offset) + member.tell()
    if not stored or fortran or dtype.hasobject:
        raise ValueError(f"{name} cannot be mapped")
    return np.memmap(file, dtype, "r", start, shape)


def _data_start(file: Path, header: int) -> int:
    """Where a member's bytes begin: behind its local header of 30 bytes, its name and its extra field."""
    with file.open("rb") as handle:
        handle.seek(header + 26)
        lengths = handle.read(4)
    return header + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
