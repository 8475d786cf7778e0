"""A run cannot be compared, or checked against limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dataclinic.errors.root import DataclinicError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EXAMPLE = 'e.g. --fail-on "label_errors > 2%, split_leakage > 0"'

MOST_SHOWN = 40
"""Characters of an expression that an error repeats."""


class GateError(DataclinicError):
    """A run cannot be compared, or checked against limits."""

    @classmethod
    def no_limit(cls) -> Self:
        return cls("there is no limit to check", f"say what is too much, {EXAMPLE}; or set fail_on in the settings")

    @classmethod
    def not_a_limit(cls, text: str, position: int, expected: str) -> Self:
        """`position` counts characters from 0."""
        found = text[position:].strip().partition("\n")[0]
        shown = found if len(found) <= MOST_SHOWN else f"{found[: MOST_SHOWN - 1]}…"
        what = f"found '{shown}'" if shown else "it ends there"
        return cls(
            f"--fail-on, character {position + 1}: expected {expected}, {what}",
            f"write a name, a comparison and a number, with commas between: {EXAMPLE}",
        )

    @classmethod
    def unknown_name(cls, written: str, name: str, known: Sequence[str]) -> Self:
        """`name` is what was written without a prefix and with underscores."""
        return cls(f"--fail-on knows no '{written}'", did_you_mean(name, known))

    @classmethod
    def share_expected(cls, name: str, number: str) -> Self:
        return cls(f"{name} lies between 0 and 1, so {number} is no limit for it", f"write {number}% for a percentage")

    @classmethod
    def percent_of_nothing(cls, name: str) -> Self:
        return cls(f"{name} is no part of the samples: a percentage says nothing", "write the number without %")

    @classmethod
    def cannot_say(cls, limits: Sequence[str]) -> Self:
        return cls(
            f"cannot say whether this is too much: {'; '.join(limits)}",
            "leave that limit out, or audit again so that the run can answer it",
        )

    @classmethod
    def other_task(cls, first: Path, task: str, second: Path, other: str) -> Self:
        return cls(
            f"{first} is an audit of {task}, {second} one of {other}",
            "give two runs that audited the same kind of data",
        )

    @classmethod
    def own_baseline(cls, run: Path) -> Self:
        return cls(f"{run} is the run itself, so nothing in it is new", "give --baseline an earlier run")

    @classmethod
    def not_written(cls, file: Path, error: OSError) -> Self:
        return cls(f"cannot write {file}: {error.strerror or error}", "give a file in a folder that you may write to")
