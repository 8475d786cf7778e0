"""Errors a person can act on: each says what is wrong and what to type next.

DataclinicError
├── DataError      what was given cannot be audited
├── OptionError    an option or setting is not valid
├── WeightsError   encoder weights cannot be had or do not fit
├── RunError       a run directory cannot be used
├── ExportError    the cleaned data cannot be written
└── CheckError     a check cannot finish on this data
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


class DataclinicError(Exception):
    """Base of all errors meant for the user; `hint` is what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DataError(DataclinicError):
    """What was given cannot be audited."""

    @classmethod
    def path_missing(cls, path: Path) -> Self:
        return cls(f"no such file or folder: {path}", "check the spelling, or give the full path")

    @classmethod
    def nothing_readable(cls, source: Path) -> Self:
        return cls(
            f"not one sample of {source} can be read", "open a few of its files; give the column of images by --image"
        )

    @classmethod
    def not_readable(cls, path: Path, error: OSError) -> Self:
        return cls(
            f"cannot read {error.filename or path}: {error.strerror or error}",
            "check that you may read the file or folder",
        )

    @classmethod
    def not_a_dataset(cls, path: Path, found: str) -> Self:
        return cls(
            f"{path} is no data set that dataclinic reads: {found}",
            "give a folder of class folders with images, a .parquet file or a folder of them, or a .csv or .tsv file",
        )

    @classmethod
    def broken_file(cls, path: Path, problem: object) -> Self:
        return cls(f"cannot read {path}: {problem}", "the file is damaged or not what its name says; write it again")

    @classmethod
    def ragged_row(cls, path: Path, line: int, cells: int, columns: int) -> Self:
        return cls(
            f"{path}, line {line}: {cells} cells where the header has {columns}",
            "look at that line for a missing quote or a delimiter inside an unquoted cell",
        )

    @classmethod
    def parts_differ(cls, path: Path, problem: object) -> Self:
        return cls(f"the parquet files in {path} are not parts of one table: {problem}", "give one of the files")

    @classmethod
    def duplicate_columns(cls, path: Path, name: str) -> Self:
        return cls(f"{path} has more than one column '{name}'", "rename one of them")

    @classmethod
    def empty_table(cls, path: Path) -> Self:
        return cls(f"{path} has no rows", "give a table with a header and at least one row a class")

    @classmethod
    def no_class_folders(cls, path: Path, images: int) -> Self:
        return cls(
            f"{path} holds {images} images but no class folders",
            "make one folder a class, or give a table: dataclinic audit pets.csv --image path --label breed",
        )

    @classmethod
    def has_no_columns(cls, path: Path, option: str, column: str) -> Self:
        return cls(
            f"{path} is a folder of images and has no column '{column}'",
            f"leave --{option} out: the class is the folder's name",
        )

    @classmethod
    def only_one_class(cls, where: str, name: str, hint: str) -> Self:
        return cls(f"{where} holds only one class: '{name}'", hint)

    @classmethod
    def no_such_column(cls, option: str, name: str, columns: Sequence[str]) -> Self:
        same = [column for column in columns if column.casefold() == name.casefold()]
        near = same or get_close_matches(name, columns, n=1, cutoff=0.5)
        suggestion = f"did you mean '{near[0]}'? " if near else ""
        return cls(f"there is no column '{name}' (--{option})", f"{suggestion}(columns: {_listed(columns)})")

    @classmethod
    def no_label_column(cls, columns: Sequence[str]) -> Self:
        return cls(f"no label column found among: {_listed(columns)}", "name it with --label COLUMN")

    @classmethod
    def ambiguous_label(cls, candidates: Sequence[str]) -> Self:
        return cls(f"several columns could hold the label: {_listed(candidates)}", "choose one with --label COLUMN")

    @classmethod
    def no_labels(cls, column: str) -> Self:
        return cls(f"label column '{column}' is empty in every row", "choose another column with --label COLUMN")

    @classmethod
    def labels_are_numbers(cls, column: str, distinct: int, rows: int) -> Self:
        return cls(
            f"label column '{column}' holds {distinct} different numbers in {rows} rows: a quantity, not a class",
            "classification labels are needed: choose another column with --label, or write classes as text",
        )

    @classmethod
    def labels_all_differ(cls, column: str, distinct: int, rows: int) -> Self:
        return cls(
            f"label column '{column}' holds {distinct} different values in {rows} rows: those are not classes",
            "choose a column whose values repeat with --label COLUMN",
        )

    @classmethod
    def labels_are_nested(cls, column: str) -> Self:
        return cls(
            f"label column '{column}' holds lists, structs or bytes", "choose another column with --label COLUMN"
        )

    @classmethod
    def not_images(cls, column: str, example: object) -> Self:
        return cls(
            f"image column '{column}' holds neither image bytes nor paths, but e.g. {example!r}",
            "choose the column with --image COLUMN, or leave --image out to use the columns as features",
        )

    @classmethod
    def no_image_file(cls, column: str, example: object, folder: Path) -> Self:
        return cls(
            f"none of the files named in image column '{column}' exists, e.g. {example}",
            f"relative paths start at the folder of the table: {folder}",
        )

    @classmethod
    def ids_missing(cls, column: str, count: int) -> Self:
        return cls(f"id column '{column}' is empty in {count} rows", "fill it, or leave --id out to number the rows")

    @classmethod
    def duplicate_ids(cls, column: str, example: str) -> Self:
        return cls(
            f"id column '{column}' holds '{example}' more than once",
            "choose a column that differs in every row with --id COLUMN, or leave --id out to number the rows",
        )

    @classmethod
    def no_features(cls, left_out: str, pictures: Sequence[str]) -> Self:
        hint = "text columns are not used as features: give a table with numbers or categories, or --image COLUMN"
        if pictures:
            hint = f"'{pictures[0]}' looks like images: name it with --image {pictures[0]}"
        return cls(f"no column is left to learn from ({left_out or 'there is only the label'})", hint)

    @classmethod
    def nothing_to_learn(cls, readable: int, samples: int, why: str) -> Self:
        return cls(
            f"{readable:,} of {samples:,} samples can be read, and they hold fewer than two classes",
            f"repair those that cannot be read, or leave them out; the first one: {why}",
        )

    @classmethod
    def demo_exists(cls, path: Path) -> Self:
        return cls(f"{path} is not empty", "give --dir a new folder, or remove that one")


class OptionError(DataclinicError):
    """An option or setting is not valid."""

    @classmethod
    def unknown_value(cls, option: str, value: str, known: Iterable[str]) -> Self:
        return cls(f"unknown {option} '{value}'", did_you_mean(value, tuple(known)))

    @classmethod
    def no_such_device(cls, name: str) -> Self:
        return cls(f"device '{name}' is not available on this machine", "use --device cpu, or see: dataclinic doctor")

    @classmethod
    def encoder_for_other_data(cls, encoder: str, payload: str) -> Self:
        return cls(
            f"encoder '{encoder}' cannot encode {payload}", "leave --encoder out, or see: dataclinic list encoders"
        )

    @classmethod
    def bad_assignment(cls, text: str) -> Self:
        return cls(f"cannot read --set {text}", "write it as kind.id.name=value, e.g. --set checks.high_loss.factor=3")

    @classmethod
    def bad_settings_file(cls, file: Path, error: Exception) -> Self:
        return cls(
            f"cannot read the settings in {file}: {error}", "settings are a TOML file; see the README for an example"
        )

    @classmethod
    def bad_setting(cls, owner: str, problem: Mapping[str, Any]) -> Self:
        """`problem` is one entry of a pydantic error list."""
        name = ".".join((owner, *map(str, problem["loc"])))
        return cls(f"{name} cannot be {problem['input']!r}", problem["msg"].lower())


class WeightsError(DataclinicError):
    """Encoder weights cannot be had or do not fit."""

    @classmethod
    def file_missing(cls, path: Path) -> Self:
        return cls(f"no such weights file: {path}", "give --weights the path of a .safetensors, .pth or .pt file")

    @classmethod
    def unreadable(cls, path: Path, error: Exception) -> Self:
        return cls(f"cannot read weights from {path}: {_first_line(error)}", "copy or download the file again")

    @classmethod
    def not_only_weights(cls, path: Path) -> Self:
        return cls(
            f"{path} is broken, or holds code beside weights, which is never run",
            "save weights with safetensors, or with torch.save(model.state_dict(), path)",
        )

    @classmethod
    def no_tensors(cls, path: Path) -> Self:
        return cls(f"no weights in {path}", "save them with safetensors, or with torch.save(model.state_dict(), path)")

    @classmethod
    def unknown_architecture(cls, text: str) -> Self:
        return cls(f"no such network in timm or torchvision: {text}", _NAME_ARCHITECTURE)

    @classmethod
    def nameless_architecture(cls, path: Path) -> Self:
        return cls(f"{path.name} does not say which network its weights are for", _NAME_ARCHITECTURE)

    @classmethod
    def build_option(cls, text: str, followed: Iterable[str]) -> Self:
        return cls(
            f"the network cannot be built as asked for: {text}",
            f"followed for timm are {', '.join(sorted(followed))}, for torchvision none; {_NAME_ARCHITECTURE}",
        )

    @classmethod
    def cannot_build(cls, architecture: str, error: Exception) -> Self:
        return cls(
            f"cannot build {architecture}: {_first_line(error)}", "leave image_px and pad_type out, or change them"
        )

    @classmethod
    def do_not_fit(cls, path: Path, architecture: str, missing: int, unexpected: int, misshapen: int) -> Self:
        return cls(
            f"{path} does not fit {architecture}: {missing} weights missing, {unexpected} unexpected, "
            f"{misshapen} of another shape",
            _NAME_ARCHITECTURE,
        )

    @classmethod
    def not_published(cls, architecture: str) -> Self:
        return cls(f"no weights are published for {architecture}", "give a file of weights: --weights FILE")

    @classmethod
    def not_cached(cls, repo: str, reason: str) -> Self:
        return cls(
            f"weights of {repo} are not on this machine, and {reason}",
            "give a file of weights: --weights FILE; or connect once, and they are kept",
        )


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
    def not_writable(cls, path: Path, error: OSError) -> Self:
        return cls(f"cannot write to {path}: {error.strerror or error}", "give --out a folder that you may write to")

    @classmethod
    def broken_file(cls, path: Path, error: Exception) -> Self:
        return cls(
            f"cannot read {path}: {error}", "the audit did not finish or the file was changed; audit again with --fresh"
        )


class ExportError(DataclinicError):
    """The cleaned data cannot be written."""

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


class CheckError(DataclinicError):
    """A check cannot finish on this data."""

    @classmethod
    def some_failed(cls, checks: Sequence[str], report: str) -> Self:
        return cls(
            f"{len(checks)} checks failed: {', '.join(checks)}; everything else is in {report}",
            "the reasons are in the table above and in checks.json; --skip leaves a check out",
        )


_NAME_ARCHITECTURE = (
    "name the network: --set encoders.timm_image.architecture=NAME (a timm name or torchvision.models.NAME)"
)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def did_you_mean(value: str, known: Sequence[str]) -> str:
    """Hint naming the nearest known name, or all of them where none is near."""
    near = get_close_matches(value, known, n=1, cutoff=0.5)
    listed = ", ".join(known)
    return f"did you mean '{near[0]}'? (one of: {listed})" if near else f"one of: {listed}"


def _listed(names: Sequence[str], limit: int = 20) -> str:
    more = f" … and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
