"""What was loaded: samples with their given labels, and the payload that models look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from dataclinic.arrays import Codes, Labels, Rows


@dataclass(frozen=True)
class ColumnRoles:
    """Which column of a table plays which part; None where it was not named or there is none."""

    label: str | None = None
    image: str | None = None
    id: str | None = None
    group: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class Table:
    """Feature columns of every sample: no label, id, group or split column among them."""

    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: Rows) -> Table:
        return Table(self.frame.iloc[rows].reset_index(drop=True))


@dataclass(frozen=True)
class Images:
    """One encoded picture a sample: the path of its file, or its bytes; None where a cell was empty."""

    sources: tuple[Path | bytes | None, ...]

    def __len__(self) -> int:
        return len(self.sources)

    def take(self, rows: Rows) -> Images:
        return Images(tuple(self.sources[row] for row in rows))


Payload: TypeAlias = Table | Images


@dataclass(frozen=True)
class Dataset:
    """Labelled samples of one source, in source order; rows without a label are counted, not kept.

    `source_rows[row]` is where the sample stands in the source (row number of the table, place in the
    sorted file list), so that export can find it again. `groups` are the codes of the user's own group
    column. `notes` are things a person should be told about the loading ("label column guessed: grade").
    """

    source: Path
    format: str
    payload: Payload
    ids: tuple[str, ...]
    labels: Labels
    classes: tuple[str, ...]
    source_rows: Rows
    roles: ColumnRoles = ColumnRoles()
    split: tuple[str, ...] | None = None
    groups: Codes | None = None
    unlabelled: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Rows) -> Dataset:
        """The samples at `rows`, in that order, with the same classes."""
        return replace(
            self,
            payload=self.payload.take(rows),
            ids=tuple(self.ids[row] for row in rows),
            labels=self.labels[rows],
            source_rows=self.source_rows[rows],
            split=None if self.split is None else tuple(self.split[row] for row in rows),
            groups=None if self.groups is None else self.groups[rows],
        )
