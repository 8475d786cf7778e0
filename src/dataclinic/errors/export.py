"""The cleaned data cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from dataclinic.errors.root import DataclinicError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FEW = 20
"""Names that a hint can list."""


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
    def new_class(cls, name: str, sample: str, classes: Sequence[str]) -> Self:
        return cls(
            f"the decision on sample '{sample}' names a class '{name}', which the data does not have",
            f"decide on it again: dataclinic review; {did_you_mean(name, classes)}",
        )

    @classmethod
    def no_number(cls, text: str, sample: str) -> Self:
        return cls(
            f"the decision on sample '{sample}' gives it '{text}', which is no finite number",
            "decide on it again: dataclinic review",
        )

    @classmethod
    def number_does_not_fit(cls, text: str, column: str, kind: str) -> Self:
        return cls(
            f"'{text}' does not fit into column '{column}', which holds {kind}",
            "decide on a number of that kind, or export to another format: --format csv",
        )

    @classmethod
    def name_taken(cls, name: str) -> Self:
        return cls(
            f"the data has a file '{name}' of its own, which is a name that export writes to", "rename that file"
        )

    @classmethod
    def nothing_to_apply(cls, run: Path) -> Self:
        return cls(
            f"nobody has decided on a suspect of {run}, so there is nothing to apply",
            f"review first: dataclinic review {run}; or take suggestions unseen: --apply relabel or --apply drop",
        )

    @classmethod
    def treatment_or_apply(cls) -> Self:
        return cls("--treatment and --apply each say what to change", "give one of the two")

    @classmethod
    def not_for(cls, format_id: str, what: str, able: Sequence[str]) -> Self:
        return cls(f"format {format_id} cannot hold {what}", f"give --format one of: {', '.join(able)}")

    @classmethod
    def no_probabilities(cls) -> Self:
        return cls(
            "the run holds no out-of-fold probabilities, which this format is made of", "audit again, then export"
        )

    @classmethod
    def no_pictures_left(cls) -> Self:
        return cls("none of the samples has a picture that is there", "put the picture files back where they were")

    @classmethod
    def column_not_writable(cls, problem: str) -> Self:
        return cls(f"a column cannot be written as parquet: {problem}", "give --format csv")

    @classmethod
    def class_not_writable(cls, name: str, format_id: str) -> Self:
        return cls(
            f"format {format_id} cannot hold the class name {name!r}", "rename the class, or give another --format"
        )

    @classmethod
    def no_export(cls, folder: Path) -> Self:
        return cls(f"there is no export in {folder} (no export.json)", "give the folder that dataclinic export wrote")

    @classmethod
    def broken_manifest(cls, file: Path, problem: str) -> Self:
        return cls(f"cannot read {file}: {problem}", "remove the folder by hand, after a look at what is in it")

    @classmethod
    def changed_since(cls, folder: Path, files: Sequence[str]) -> Self:
        return cls(
            f"{len(files):,} files in {folder} are not as the export wrote them: {listed(files, 3)}",
            "move them elsewhere, or export anew into another folder",
        )

    @classmethod
    def nothing_changed_about(cls, sample: str, changed: Sequence[str]) -> Self:
        return cls(
            f"the export changed nothing about sample '{sample}'",
            did_you_mean(sample, changed) if len(changed) <= _FEW else "changes.csv lists the samples that it changed",
        )

    @classmethod
    def not_removed(cls, folder: Path, error: OSError) -> Self:
        return cls(
            f"cannot take back the export in {folder}: {error.strerror or error}"
            + (f" ({error.filename})" if error.filename else ""),
            "look at the permissions of the folder and try again: what is gone already is passed over",
        )

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
