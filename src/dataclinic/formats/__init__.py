"""Formats: each reads and writes one on-disk layout of labelled data. One file, one id."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import pandas as pd

    from dataclinic.dataset import ColumnRoles, Dataset, Task
    from dataclinic.edits import Edit
    from dataclinic.outgoing.placed_files import PlaceFile


class Format(Protocol):
    """Contract of a format: a frozen dataclass whose fields are its settings."""

    summary: ClassVar[str]

    def recognises(self, source: Path) -> bool:
        """Whether `source`, which exists, is laid out this way; looks at names only where that is enough."""
        ...

    def read(self, source: Path, roles: ColumnRoles, task: Task = "classification") -> Dataset:
        """Everything in `source`, in an order that only depends on its content.

        Raises:
            DataError: it cannot be read, or has no labels, fewer than two classes, or duplicate ids; or it holds no
                numbers to predict, where `task` is regression.
        """
        ...

    def write(self, dataset: Dataset, edits: Sequence[Edit], destination: Path, place: PlaceFile) -> None:
        """Write the source again under `destination`, an existing empty folder: `edits` applied, all else as it was.

        Files that stay as they are are put there with `place`, which links or copies them.

        Raises:
            ExportError: the source no longer holds what `dataset` does, or an edit does not fit it.
        """
        ...


@runtime_checkable
class TableFormat(Format, Protocol):
    """Contract of a format that holds a table: its cells can be had without making a dataset of them."""

    def columns(self, source: Path) -> tuple[str, ...]:
        """Names of the columns, in order; the rest of the table is not parsed for it.

        Raises:
            DataError: it cannot be read.
        """
        ...

    def table(self, source: Path, columns: Collection[str]) -> pd.DataFrame:
        """All rows, as `read` numbers them, of those of `columns` that are there.

        Raises:
            DataError: it cannot be read.
        """
        ...
