"""What was given cannot be audited."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Self

from dataclinic.errors.root import DataclinicError, listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TRUSTED_HINT = (
    "--trusted takes a column of the data, a .csv or .parquet file with columns 'id' and 'label', "
    "or a folder of class folders with images"
)


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
        return cls(f"there is no column '{name}' (--{option})", f"{suggestion}(columns: {listed(columns)})")

    @classmethod
    def label_in_two_parts(cls, option: str, name: str) -> Self:
        return cls(f"column '{name}' cannot be both --label and --{option}", f"choose another column with --{option}")

    @classmethod
    def no_label_column(cls, columns: Sequence[str]) -> Self:
        return cls(f"no label column found among: {listed(columns)}", "name it with --label COLUMN")

    @classmethod
    def ambiguous_label(cls, candidates: Sequence[str]) -> Self:
        return cls(f"several columns could hold the label: {listed(candidates)}", "choose one with --label COLUMN")

    @classmethod
    def no_labels(cls, column: str) -> Self:
        return cls(f"label column '{column}' is empty in every row", "choose another column with --label COLUMN")

    @classmethod
    def labels_are_numbers(cls, column: str, distinct: int, rows: int) -> Self:
        return cls(
            f"label column '{column}' holds {distinct} different numbers in {rows} rows: a quantity, not a class",
            "--task regression audits numbers; for classes choose another column with --label, or write them as text",
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
    def not_texts(cls, column: str, example: object) -> Self:
        shown = repr(example)
        shown = shown if len(shown) < 80 else f"{shown[:79]}…"
        return cls(
            f"text column '{column}' holds lists, structs or bytes, e.g. {shown}",
            "choose a column of plain texts with --text COLUMN",
        )

    @classmethod
    def no_texts(cls, column: str) -> Self:
        return cls(f"text column '{column}' is empty in every labelled row", "choose another column with --text COLUMN")

    @classmethod
    def texts_and_images(cls, text: str, image: str) -> Self:
        return cls(
            f"one audit looks at texts ('{text}') or at images ('{image}'), not at both",
            "give --text or --image, not both",
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
    def no_features(cls, left_out: str, pictures: Sequence[str], texts: Sequence[str]) -> Self:
        hint = "give a table with columns of numbers or categories, or name a column with --text or --image"
        if pictures:
            hint = f"'{pictures[0]}' looks like images: name it with --image {pictures[0]}"
        elif texts:
            hint = f"'{texts[0]}' looks like texts: name it with --text {texts[0]}"
        return cls(f"no column is left to learn from ({left_out or 'there is only the label'})", hint)

    @classmethod
    def nothing_to_learn(cls, readable: int, samples: int, why: str) -> Self:
        return cls(
            f"{readable:,} of {samples:,} samples can be read, and they hold fewer than two classes",
            f"repair those that cannot be read, or leave them out; the first one: {why}",
        )

    @classmethod
    def nothing_judged(cls) -> Self:
        return cls(
            "no sample could be judged: every class lies within one group of samples that must stay together",
            "a group is samples of equal content, or of one value of --group: choose a column that varies within them",
        )

    @classmethod
    def demo_exists(cls, path: Path) -> Self:
        return cls(f"{path} is not empty, and not what this demo writes", "give --dir a new folder, or remove that one")

    @classmethod
    def folders_hold_no_numbers(cls, source: Path) -> Self:
        return cls(
            f"{source} is a folder of class folders, which hold no numbers to predict",
            "regression needs a parquet or CSV file with a label column of numbers; else leave --task out",
        )

    @classmethod
    def too_few_times(cls, distinct: int, folds: int) -> Self:
        return cls(
            f"the time column holds {distinct} different times, too few for {folds} folds that roll forward",
            f"{folds} folds need {folds + 1}: "
            + (f"give --folds {distinct - 1}, or leave --time out" if distinct > 2 else "leave --time out"),
        )

    @classmethod
    def targets_are_no_numbers(cls, column: str, found: str) -> Self:
        return cls(
            f"label column '{column}' holds {found}, and regression predicts numbers",
            "write plain numbers such as 1234.5, without units, or choose another column with --label; "
            "for classes leave --task out",
        )

    @classmethod
    def constant_target(cls, column: str, value: float) -> Self:
        return cls(
            f"label column '{column}' holds {value:g} in every row",
            "nothing can be learned from one number: choose another column with --label COLUMN",
        )

    @classmethod
    def times_missing(cls, column: str, count: int, rows: int) -> Self:
        return cls(
            f"time column '{column}' is empty or infinite in {count} of {rows} rows, which have no place in time",
            "fill it, leave those rows out of the file, or leave --time out",
        )

    @classmethod
    def no_time(cls, column: str, example: str) -> Self:
        return cls(
            f"time column '{column}' holds {example!r}, which is neither a number nor a date like most others",
            "write dates as 2026-03-31 or 2026-03-31T14:05:00, or choose another column with --time COLUMN",
        )

    @classmethod
    def ambiguous_dates(cls, column: str, example: str) -> Self:
        return cls(
            f"time column '{column}' holds dates such as {example!r}, in which day and month cannot be told apart",
            "write them as 2026-03-31",
        )

    @classmethod
    def no_trusted(cls, trusted: str, columns: Sequence[str]) -> Self:
        near = get_close_matches(trusted, columns, n=1, cutoff=0.5)
        suggestion = f"did you mean '{near[0]}'? " if near else ""
        among = f" (columns: {listed(columns)})" if columns else ""
        return cls(
            f"--trusted {trusted} is neither a column of the data nor a file or folder",
            f"{suggestion}{_TRUSTED_HINT}{among}",
        )

    @classmethod
    def not_trusted_labels(cls, path: Path) -> Self:
        return cls(f"{path} holds no labels that can be read", _TRUSTED_HINT)

    @classmethod
    def trusted_is_source(cls, path: Path) -> Self:
        return cls(
            f"{path} is the data itself, whose labels cannot verify themselves",
            "name the column that holds the verified labels, or give another file or folder with --trusted",
        )

    @classmethod
    def trusted_lacks_column(cls, path: Path, wanted: Sequence[str], columns: Sequence[str]) -> Self:
        names = " or ".join(f"'{name}'" for name in wanted)
        return cls(
            f"{path} has no column {names} (columns: {listed(columns)})",
            "verified labels are matched by the ids of samples, which a run writes in its samples.parquet",
        )

    @classmethod
    def trusted_needs_pictures(cls, path: Path) -> Self:
        return cls(
            f"{path} is a folder, whose files are matched to samples by their pixels, and the samples are no pictures",
            "give a column of the data with --trusted, or a file with columns 'id' and 'label'",
        )

    @classmethod
    def trusted_is_empty(cls, where: str) -> Self:
        return cls(f"{where} holds no verified label", "leave --trusted out, or fill some of its cells")

    @classmethod
    def trusted_names_no_class(cls, where: str, example: str, classes: Sequence[str]) -> Self:
        same = [name for name in classes if name.casefold() == example.casefold()]
        near = same or get_close_matches(example, classes, n=1, cutoff=0.5)
        suggestion = f"did you mean '{near[0]}'? " if near else ""
        return cls(
            f"no label of {where} is a class of the data, e.g. '{example}'",
            f"{suggestion}write classes as the data does: {listed(classes)}",
        )

    @classmethod
    def trusted_matches_nothing(cls, where: str, what: str, example: str) -> Self:
        return cls(
            f"no {what} of {where} is that of a sample, e.g. {example!r}",
            "ids are those that a run writes in its samples.parquet; pictures must be the same pixel for pixel",
        )
