"""Decisions of people cannot be read, joined or taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dataclinic.errors.root import DataclinicError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class DecisionsError(DataclinicError):
    """Decisions of people cannot be read, joined or taken over."""

    @classmethod
    def unreadable(cls, file: Path, error: OSError) -> Self:
        return cls(f"cannot read {file}: {error.strerror or error}", "give a file that you may read")

    @classmethod
    def broken_line(cls, file: Path, number: int, error: Exception) -> Self:
        return cls(
            f"{file}: line {number} is no decision ({error})",
            "the file was changed by something else: mend or delete that line; each line is one JSON object",
        )

    @classmethod
    def not_written(cls, file: Path, error: OSError) -> Self:
        return cls(
            f"cannot write to {file}: {error.strerror or error}; nothing was recorded",
            "make room on the disk, or make the folder writable, and do it again",
        )

    @classmethod
    def changed_meanwhile(cls, file: Path) -> Self:
        return cls(f"somebody added to {file} while it was read; nothing was written", "do it again")

    @classmethod
    def missing(cls, file: Path) -> Self:
        return cls(f"there are no decisions in {file}", "review the run first: dataclinic review RUN")

    @classmethod
    def empty(cls, file: Path) -> Self:
        return cls(f"no decision stands in {file}", "review the run first: dataclinic review RUN")

    @classmethod
    def same_file(cls, file: Path) -> Self:
        return cls(f"both are the same decisions: {file}", "give two copies of a run, each reviewed by another person")

    @classmethod
    def in_the_way(cls, file: Path) -> Self:
        return cls(
            f"{file} is there already, and is none of the two that are joined",
            "give --out a new file, or one of the two to have it replaced",
        )

    @classmethod
    def file_missing(cls, file: Path) -> Self:
        return cls(
            f"no such file: {file}", "give a Label Studio export, a table with id and label, or a decisions.jsonl"
        )

    @classmethod
    def not_importable(cls, file: Path) -> Self:
        return cls(
            f"{file} is no file of decisions",
            "give a Label Studio export (JSON or JSON-MIN), a CSV with the columns id and label, or a decisions.jsonl",
        )

    @classmethod
    def not_read(cls, file: Path, problem: str) -> Self:
        return cls(f"cannot read {file}: {problem}", "export it again")

    @classmethod
    def lacks_column(cls, file: Path, name: str, columns: Sequence[str]) -> Self:
        return cls(f"{file} has no column '{name}'", f"rename one; its columns are: {', '.join(columns)}")
