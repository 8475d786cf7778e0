"""Cleaned samples as Arrow tables, part by part: pictures are read only as they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from dataclinic.dataset import Images
from dataclinic.errors import ExportError
from dataclinic.outgoing.cleaned_frame import cleaned_frame, label_column, picture_column, typed
from dataclinic.outgoing.pictures import picture_suffix, pictures_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataclinic.arrays import Rows
    from dataclinic.outgoing.cleaned import Cleaned

PICTURES_A_PART = 256
"""Pictures that are in memory at a time, and in a row group of the file."""

ROWS_A_PART = 100_000

PictureColumn: TypeAlias = Callable[[Sequence[bytes], Sequence[str]], Any]
"""Makes an Arrow array of encoded pictures and the names of their files."""


def bytes_column(contents: Sequence[bytes], names: Sequence[str]) -> Any:  # noqa: ARG001 - one signature for both
    return pa.array(contents, pa.binary())


def struct_column(contents: Sequence[bytes], names: Sequence[str]) -> Any:
    """{bytes, path}, as Hugging Face data sets hold pictures."""
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    return pa.array([{"bytes": content, "path": name} for content, name in zip(contents, names, strict=True)], kind)


def arrow_table(cleaned: Cleaned) -> Any:
    """All samples, without pictures; texts that spell numbers are numbers, but classes stay what they are.

    Raises:
        ExportError: a column holds values of several types.
    """
    frame = typed(cleaned_frame(cleaned), label_column(cleaned) if cleaned.task == "classification" else None)
    try:
        return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ExportError.column_not_writable(str(error).splitlines()[0]) from error


def arrow_parts(cleaned: Cleaned, table: Any, pictures: PictureColumn, rows: Rows | None = None) -> Iterator[Any]:
    """Slices of `table` with a column of pictures in front where there are any; at least one, of one schema.

    Args:
        cleaned: the samples.
        table: from `arrow_table`, of any columns.
        pictures: makes the column of pictures.
        rows: which samples; None means all.
    """
    if rows is None:
        rows = np.arange(len(cleaned))
    with_pictures = isinstance(cleaned.payload, Images)
    size = PICTURES_A_PART if with_pictures else ROWS_A_PART
    for start in range(0, max(len(rows), 1), size):
        here = rows[start : start + size]
        part = table.take(pa.array(here))
        yield part.add_column(0, picture_column(cleaned), _pictures(cleaned, here, pictures)) if with_pictures else part


def _pictures(cleaned: Cleaned, rows: Rows, pictures: PictureColumn) -> Any:
    sources = pictures_of(cleaned)
    chosen = [sources[row] for row in rows]
    names = [
        f"{number:06}{picture_suffix(source)}"
        for number, source in zip(cleaned.source_rows[rows].tolist(), chosen, strict=True)
    ]
    return pictures([source.read_bytes() if isinstance(source, Path) else source for source in chosen], names)
