"""A review cannot begin or go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dataclinic.errors.root import DataclinicError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class ReviewError(DataclinicError):
    """A review cannot begin or go on."""

    @classmethod
    def unknown_row(cls, row: object, samples: int) -> Self:
        return cls(f"there is no sample in row {row}", f"give a row from 0 to {samples - 1}")

    @classmethod
    def unknown_verdict(cls, verdict: object, known: Sequence[str]) -> Self:
        return cls(f"there is no verdict '{verdict}'", did_you_mean(str(verdict), known))

    @classmethod
    def unknown_class(cls, name: object, classes: Sequence[str]) -> Self:
        return cls(f"there is no class '{name}' in the data", did_you_mean(str(name), classes))

    @classmethod
    def unknown_check(cls, name: object, checks: Sequence[str]) -> Self:
        if not checks:
            return cls(f"no suspect is named by a check '{name}'", "leave the filter out")
        return cls(f"no suspect is named by a check '{name}'", did_you_mean(str(name), checks))

    @classmethod
    def no_label(cls) -> Self:
        return cls("a sample is to be relabelled, and no label is given", "give the class that it belongs to")

    @classmethod
    def not_a_number(cls, text: str) -> Self:
        return cls(f"'{text}' is no number", "give the right value as a number, e.g. 12.5")

    @classmethod
    def pictures_in_terminal(cls, run: Path) -> Self:
        return cls(
            "the samples are pictures, which a terminal cannot show",
            f"review them on the page, without --terminal: dataclinic review {run}",
        )

    @classmethod
    def bad_request(cls, where: str, why: str) -> Self:
        return cls(f"the page's request cannot be understood: {where}: {why}", "load the page again")

    @classmethod
    def no_page(cls, path: str) -> Self:
        return cls(f"there is nothing at {path}", "load the page again")

    @classmethod
    def no_picture(cls, row: int) -> Self:
        return cls(f"there is no picture of the sample in row {row}", "look for its file where the data is")

    @classmethod
    def port_taken(cls, port: int, error: OSError) -> Self:
        return cls(
            f"cannot listen on port {port} of this machine: {error.strerror or error}",
            "give --port another number, or leave it out for a free one",
        )
