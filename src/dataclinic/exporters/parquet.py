"""One parquet file with everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pyarrow.parquet as pq

from dataclinic.dataset import Images, Table, Texts
from dataclinic.outgoing.arrow_tables import arrow_parts, arrow_table, bytes_column

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.dataset import Payload, Task
    from dataclinic.outgoing.cleaned import Cleaned
    from dataclinic.outgoing.placed_files import PlaceFile


@dataclass(frozen=True)
class Parquet:
    """data.parquet with all columns of a table; of pictures, their encoded bytes, id, label and split.

    Text columns of a CSV file that hold numbers alone become numbers.
    """

    summary: ClassVar[str] = "data.parquet, pictures as bytes in it (pandas, polars, Spark)"
    payloads: ClassVar[tuple[type[Payload], ...]] = (Images, Table, Texts)
    tasks: ClassVar[tuple[Task, ...]] = ("classification", "regression")
    shows_suggestions: ClassVar[bool] = False

    def write(self, cleaned: Cleaned, destination: Path, place: PlaceFile) -> None:
        parts = arrow_parts(cleaned, arrow_table(cleaned), bytes_column)
        first = next(parts)
        with pq.ParquetWriter(destination / "data.parquet", first.schema) as writer:
            writer.write_table(first)
            for part in parts:
                writer.write_table(part)
