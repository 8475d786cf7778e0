"""A run directory cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dataclinic.errors.root import DataclinicError

if TYPE_CHECKING:
    from pathlib import Path


class RunError(DataclinicError):
    """A run directory cannot be used."""

    @classmethod
    def missing(cls, path: Path) -> Self:
        return cls(f"no such run: {path}", "give the folder that an audit wrote, e.g. dataclinic-runs/photos-001")

    @classmethod
    def not_a_run(cls, path: Path) -> Self:
        return cls(f"not a run directory (no run.json in it): {path}", "give the folder that an audit wrote")

    @classmethod
    def other_schema(cls, path: Path, found: object, known: int) -> Self:
        return cls(
            f"{path} was written in form {found}, this dataclinic reads form {known}",
            "audit again with this version, or read it with the one that wrote it (run.json names it)",
        )

    @classmethod
    def occupied(cls, path: Path) -> Self:
        return cls(f"{path} holds something that is no run", "give --out a new or empty folder")

    @classmethod
    def exists(cls, path: Path) -> Self:
        return cls(
            f"{path} already holds a run", "--resume goes on with it, --fresh starts over, --out gives another folder"
        )

    @classmethod
    def unfinished(cls, path: Path) -> Self:
        return cls(f"the audit in {path} did not finish", f"go on with it: dataclinic audit PATH --out {path} --resume")

    @classmethod
    def only_tuned(cls, path: Path, source: str, settings: str) -> Self:
        return cls(
            f"{path} holds no audit: it only tuned a model, and ranked nothing",
            f"audit with what it found: dataclinic audit {source} --settings {path / settings}",
        )

    @classmethod
    def other_source(cls, path: Path, found: str, source: Path) -> Self:
        return cls(
            f"the run in {path} is an audit of {found}, not of {source}",
            "--fresh starts over in that folder, --out gives another one",
        )

    @classmethod
    def inside_data(cls, path: Path, source: Path) -> Self:
        return cls(
            f"{path} lies inside the data, {source}", "give --out a folder elsewhere: originals are never written to"
        )

    @classmethod
    def not_writable(cls, path: Path, error: OSError) -> Self:
        return cls(f"cannot write to {path}: {error.strerror or error}", "give --out a folder that you may write to")

    @classmethod
    def broken_file(cls, path: Path, error: Exception) -> Self:
        return cls(
            f"cannot read {path}: {error}", "the audit did not finish or the file was changed; audit again with --fresh"
        )

    @classmethod
    def no_event_folder(cls, path: Path, error: OSError) -> Self:
        return cls(
            f"cannot write to {path}: {error.strerror or error}", "give --tensorboard a folder that you may write to"
        )
