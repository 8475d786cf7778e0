"""The cleaned data cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dataclinic.errors.root import DataclinicError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class ExportError(DataclinicError):
    """The cleaned data cannot be written."""

    @classmethod
    def no_treatment(cls, run: Path) -> Self:
        return cls(
            f"the run in {run} recommends no treatment: no fix measurably helps, or none was tried",
            f"try more: dataclinic try {run} --fix all; or export without --treatment",
        )

    @classmethod
    def in_use(cls, destination: Path, problem: str) -> Self:
        return cls(f"{destination} {problem}", "give a new or empty folder")

    @classmethod
    def overlaps_source(cls, destination: Path, source: Path) -> Self:
        return cls(
            f"{destination} and the data in {source} overlap", "give a folder elsewhere: originals are never touched"
        )

    @classmethod
    def source_gone(cls, source: Path) -> Self:
        return cls(f"the data is no longer at {source}", "put it back, or audit it where it is now")

    @classmethod
    def source_changed(cls, source: Path) -> Self:
        return cls(f"{source} has changed since the audit", "audit it again, then export")

    @classmethod
    def not_written(cls, destination: Path, error: OSError) -> Self:
        return cls(
            f"cannot write {destination}: {error.strerror or error}"
            + (f" ({error.filename})" if error.filename else ""),
            "give a folder that you may write to, on a disk with room for a copy of the data",
        )

    @classmethod
    def nothing_left(cls) -> Self:
        return cls("the edits drop every sample", "keep some: look at the decisions, or drop fewer suspects")

    @classmethod
    def edited_twice(cls, sample: str) -> Self:
        return cls(f"there is more than one edit for sample '{sample}'", "give each sample one edit")

    @classmethod
    def unknown_sample(cls, sample: str) -> Self:
        return cls(f"there is no sample '{sample}' in the data", "use edits that were made for this data set")

    @classmethod
    def unknown_class(cls, name: str, classes: Sequence[str]) -> Self:
        return cls(f"there is no class '{name}' in the data", did_you_mean(name, classes))

    @classmethod
    def name_taken(cls, name: str) -> Self:
        return cls(f"the data has a file '{name}' of its own, which is the name of the change log", "rename that file")

    @classmethod
    def numbers_stay_in_the_plan(cls) -> Self:
        return cls(
            "the treatment gives samples other numbers, which export does not write into the data",
            "take them from the column 'label' of training_plan.parquet in the run",
        )

    @classmethod
    def numbers_not_relabelled(cls) -> Self:
        return cls(
            "regression suspects cannot be relabelled: a model's prediction is no better number, only another one",
            "use --apply drop, or correct the numbers at their source",
        )
