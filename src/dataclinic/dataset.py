"""What was loaded: samples with their given labels, and the payload that models look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from dataclinic.arrays import Codes, Labels, Rows, Scores

Task: TypeAlias = Literal["classification", "regression"]
"""Whether the label column holds classes, or numbers to be predicted."""


@dataclass(frozen=True)
class ColumnRoles:
    """Which column of a table plays which part; None where it was not named or there is none."""

    label: str | None = None
    image: str | None = None
    text: str | None = None
    id: str | None = None
    group: str | None = None
    split: str | None = None
    time: str | None = None
    trusted: str | None = None
    """Holds labels that people verified, with empty cells where nobody looked; never a feature."""


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


@dataclass(frozen=True)
class Texts:
    """One text a sample, as it stands in its cell; "" where the cell was empty."""

    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Rows) -> Texts:
        return Texts(tuple(self.texts[row] for row in rows))


Payload: TypeAlias = Table | Images | Texts


@dataclass(frozen=True)
class Dataset:
    """Labelled samples of one source, in source order; rows without a label are counted, not kept.

    `source_rows[row]` is where the sample stands in the source (row number of the table, place in the
    sorted file list), so that export can find it again. `groups` are the codes of the user's own group
    column; `times` say when a sample was taken, in any unit that grows, so that it is only judged by models of earlier
    ones. `notes` are things a person should be told about the loading ("label column guessed: grade").

    In regression `targets` holds the given numbers, `classes` is empty and `labels` all 0.
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
    times: Scores | None = None
    targets: Scores | None = None
    unlabelled: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def task(self) -> Task:
        return "classification" if self.targets is None else "regression"

    @property
    def given(self) -> Labels | Scores:
        """What was given for every sample: class codes, or the numbers of a regression."""
        return self.labels if self.targets is None else self.targets

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
            times=None if self.times is None else self.times[rows],
            targets=None if self.targets is None else self.targets[rows],
        )
