"""Parquet: one file, or a folder of parts that share a schema."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dataclinic.errors import DataError, ExportError
from dataclinic.frames.arrow_numbers import with_numbers
from dataclinic.frames.natural_order import natural_key
from dataclinic.frames.source_edits import source_edits
from dataclinic.frames.to_dataset import dataset_from_frame

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from dataclinic.arrays import Mask
    from dataclinic.dataset import ColumnRoles, Dataset, Task
    from dataclinic.edits import Edit
    from dataclinic.outgoing.placed_files import PlaceFile

_SUFFIXES = frozenset({".parquet", ".pq"})
_NULLABLE = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
"""Types that would turn into floats or objects on their first missing value."""


@dataclass(frozen=True)
class Parquet:
    """Columns of features, or a column of images; rows are numbered through the parts in natural order of their names.

    Integer columns that Hugging Face data sets declare as class labels get the names of their classes.
    Written again with the schema, its metadata, the compression and the row groups of the source.
    """

    summary: ClassVar[str] = "a .parquet file, or a folder of .parquet parts"

    def recognises(self, source: Path) -> bool:
        return next(_part_names(source), None) is not None

    def read(self, source: Path, roles: ColumnRoles, task: Task = "classification") -> Dataset:
        frame = _frame(_table(source, columns=None), source)
        return dataset_from_frame(frame, roles, task, source=source, format_id="parquet")

    def columns(self, source: Path) -> tuple[str, ...]:
        with _opened(_parts(source)[0]) as file:
            return tuple(map(str, file.schema_arrow.names))

    def table(self, source: Path, columns: Collection[str]) -> pd.DataFrame:
        return _frame(_table(source, columns=list(columns)), source)

    def write(self, dataset: Dataset, edits: Sequence[Edit], destination: Path, place: PlaceFile) -> None:
        source, label = dataset.source, str(dataset.roles.label)
        table = _table(source, columns=[label])
        if label not in table.column_names:
            raise ExportError.source_changed(source)
        wanted = source_edits(dataset, edits, _frame(table, source)[label])
        # One dictionary and one chunk, so that a cell can be copied from any row to any other.
        labels = table[label].unify_dictionaries().combine_chunks().take(pa.array(wanted.label_from))
        labels = with_numbers(labels, wanted.numbers, label)
        changed = wanted.changed
        start = 0
        for part in _parts(source):
            target = destination / (part.relative_to(source) if source.is_dir() else part.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            with _opened(part) as file:
                here = slice(start, start + file.metadata.num_rows)
                moved = changed[here].any()
                _write_part(file, target, label, labels[here] if moved else None, wanted.keep[here])
            start = here.stop


def _part_names(source: Path) -> Iterator[Path]:
    if not source.is_dir():
        if source.suffix.lower() in _SUFFIXES:
            yield source
        return
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        parts = [Path(folder, name) for name in names if not name.startswith((".", "_"))]
        yield from (part for part in parts if part.suffix.lower() in _SUFFIXES)


def _parts(source: Path) -> list[Path]:
    return sorted(_part_names(source), key=lambda part: natural_key(part.as_posix()))


@contextmanager
def _opened(part: Path) -> Iterator[Any]:
    """A reader of one file; unlike `read_table`, it makes no columns of folders that are named key=value."""
    try:
        with pq.ParquetFile(part) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the file system's trouble, not the file's
        raise DataError.broken_file(part, str(error).splitlines()[0]) from error


def _table(source: Path, columns: list[str] | None) -> Any:
    """All parts below one another; `columns` None means all of them."""
    tables, parts = [], _parts(source)
    for part in parts:
        with _opened(part) as file:
            tables.append(file.read(columns=columns))
        for name, count in Counter(tables[-1].column_names).items():
            if count > 1:
                raise DataError.duplicate_columns(part, name)
        if set(tables[-1].column_names) != set(tables[0].column_names):
            raise DataError.parts_differ(source, f"{parts[0].name} and {part.name} have other columns")
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise DataError.parts_differ(source, str(error).splitlines()[0]) from error


def _frame(table: Any, source: Path) -> pd.DataFrame:
    try:
        # Without pandas metadata: what one writer took for an index is a column like any other.
        frame = table.to_pandas(ignore_metadata=True, date_as_object=False, types_mapper=_NULLABLE.get)
    except pa.ArrowException as error:
        raise DataError.broken_file(source, str(error).splitlines()[0]) from error
    for name, classes in _class_labels(table.schema).items():
        if name in frame:
            # -1 is how Hugging Face data sets write "no label"; map leaves it missing.
            frame[name] = frame[name].map(dict(enumerate(classes))).astype("str")
    return frame


def _class_labels(schema: Any) -> dict[str, list[str]]:
    """Class names by column, from the features that Hugging Face `datasets` keeps in the schema's metadata."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        declared = {name: feature for name, feature in features.items() if feature.get("_type") == "ClassLabel"}
        return {name: list(map(str, feature["names"])) for name, feature in declared.items() if feature.get("names")}
    except (KeyError, TypeError, AttributeError, ValueError):
        return {}


def _write_part(file: Any, target: Path, label: str, labels: Any | None, keep: Mask) -> None:
    """Write the rows to keep; `labels` is the whole label column, or None where it stays."""
    schema = file.schema_arrow
    place = schema.get_field_index(label)
    start = 0
    with pq.ParquetWriter(target, schema, compression=_compression(file)) as writer:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            here = slice(start, start + len(table))
            if labels is not None:
                table = table.set_column(place, schema.field(place), labels[here].cast(schema.field(place).type))
            kept = table.filter(pa.array(keep[here]))
            if len(kept):
                writer.write_table(kept, row_group_size=len(kept))
            start = here.stop


def _compression(file: Any) -> str:
    if not file.metadata.num_row_groups or not file.metadata.num_columns:
        return "snappy"
    name = file.metadata.row_group(0).column(0).compression
    return "none" if name == "UNCOMPRESSED" else str(name).lower()
