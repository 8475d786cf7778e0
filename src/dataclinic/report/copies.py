"""Samples that show the same thing, as sets: those that leak between splits or contradict themselves first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.errors import RunError
from dataclinic.report.suspects import finite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Rows
    from dataclinic.report.previews import Preview
    from dataclinic.rundir import RunDir

FILE = "duplicates.parquet"
COLUMNS = ("row", "set", "kept", "likeness", "how")

MOST_SETS = 24
MOST_COPIES = 6
"""Of a set; the others are counted."""

MOST_CELLS = 4


@dataclass(frozen=True)
class Copy:
    """One sample of a set; `how` says what makes it alike to the `kept` one, `split` is "" where there are none."""

    row: int
    id: str
    label: str
    split: str
    kept: bool
    likeness: float | None
    how: str

    @property
    def exact(self) -> bool:
        return self.likeness == 1.0


@dataclass(frozen=True)
class CopySet:
    """The first of `size` samples that show the same, the kept one first.

    `conflicting` says whether their labels differ, `crossing` whether their splits do, and `exact` whether all have
    equal content.
    """

    size: int
    exact: bool
    conflicting: bool
    crossing: bool
    copies: tuple[Copy, ...]


@dataclass(frozen=True)
class Copies:
    """How many sets and samples there are, and the worst sets."""

    sets: int
    samples: int
    exact: int
    conflicting: int
    crossing: int
    shown: tuple[CopySet, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(copy.row for one in self.shown for copy in one.copies)


def read_copies(run: RunDir, ranking: pd.DataFrame) -> Copies | None:
    """The sets of a run; None where it has none, or comes from a version that did not keep them.

    Raises:
        RunError: duplicates.parquet or samples.parquet is broken.
    """
    if not (run.path / FILE).is_file():
        return None
    found = run.read_table(FILE, COLUMNS)
    if found.empty:
        return None
    place = _places(run, ranking, found)
    labels, ids = (ranking[name].to_numpy(object)[place] for name in ("given_label", "id"))
    splits = _splits(run, len(ranking))[found["row"].to_numpy(np.int64)]
    return _copies(found.assign(label=labels, id=ids, split=splits))


@dataclass(frozen=True)
class SetCard:
    """A set as the page shows it; `cells` are, for each of its copies, columns and texts of a table row."""

    copies: CopySet
    previews: tuple[Preview | None, ...]
    cells: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True)
class CopyCards:
    found: Copies
    cards: tuple[SetCard, ...]


def copy_cards(found: Copies, previews: Mapping[int, Preview]) -> CopyCards:
    """The sets with what is shown of their samples, by row."""
    cards = []
    for one in found.shown:
        shown = tuple(previews.get(copy.row) for copy in one.copies)
        columns = _telling_columns([preview.values for preview in shown if preview])
        cells = tuple(
            tuple((name, preview.values[name]) for name in columns if name in preview.values) if preview else ()
            for preview in shown
        )
        cards.append(SetCard(one, shown, cells))
    return CopyCards(found, tuple(cards))


def _telling_columns(rows: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Columns in which the rows differ; of equal ones the first."""
    if not rows:
        return ()
    differing = [name for name, cell in rows[0].items() if any(row.get(name) != cell for row in rows)]
    return tuple((differing or list(rows[0]))[:MOST_CELLS])


def _places(run: RunDir, ranking: pd.DataFrame, found: pd.DataFrame) -> Rows:
    """(copies,) places of their rows in the ranking."""
    rows = found["row"].to_numpy(np.int64)
    if rows.min() < 0 or rows.max() >= len(ranking):
        raise RunError.broken_file(run.path / FILE, ValueError("it names rows that are not there"))
    place = np.empty(len(ranking), np.int64)
    place[ranking["row"].to_numpy(np.int64)] = np.arange(len(ranking))
    places: Rows = place[rows]
    return places


def _splits(run: RunDir, samples: int) -> NDArray[np.object_]:
    """(samples,) names; "" throughout where there are no splits."""
    none = np.full(samples, "", object)
    if not (run.path / "samples.parquet").is_file():
        return none
    splits = run.read_columns("samples.parquet", ("split",))
    if "split" not in splits or len(splits) != samples or splits["split"].isna().all():
        return none
    found: NDArray[np.object_] = splits["split"].fillna("").to_numpy(object)
    return found


def _copies(found: pd.DataFrame) -> Copies:
    import pandas as pd

    found = found.sort_values(["set", "kept"], ascending=[True, False], kind="stable")
    starts = np.flatnonzero(np.diff(found["set"].to_numpy(np.int64), prepend=-1))
    sizes = np.diff(np.append(starts, len(found)))
    conflicting, crossing = (_differ(pd.factorize(found[name])[0], starts) for name in ("label", "split"))
    likeness = np.minimum.reduceat(found["likeness"].fillna(0).to_numpy(np.float64), starts)
    exact = likeness == 1.0
    # What costs most first: a set that leaks, then one that contradicts itself, then what is most surely the same.
    order = np.lexsort((-sizes, -likeness, ~conflicting, ~crossing))[:MOST_SETS]
    return Copies(
        sets=len(starts),
        samples=len(found),
        exact=int(exact.sum()),
        conflicting=int(conflicting.sum()),
        crossing=int(crossing.sum()),
        shown=tuple(
            CopySet(
                size=int(sizes[one]),
                exact=bool(exact[one]),
                conflicting=bool(conflicting[one]),
                crossing=bool(crossing[one]),
                copies=_members(found.iloc[starts[one] : starts[one] + sizes[one]]),
            )
            for one in order.tolist()
        ),
    )


def _differ(codes: Codes, starts: Rows) -> NDArray[np.bool_]:
    return np.asarray(np.minimum.reduceat(codes, starts) != np.maximum.reduceat(codes, starts))


def _members(members: pd.DataFrame) -> tuple[Copy, ...]:
    """The kept one, then one of each other label and split, then the others as they come."""
    again = members.duplicated(["label", "split"]).to_numpy(bool)
    first = members.iloc[np.argsort(again, kind="stable")]
    return tuple(
        Copy(
            row=int(entry["row"]),
            id=str(entry["id"]),
            label=str(entry["label"]),
            split=str(entry["split"]),
            kept=bool(entry["kept"]),
            likeness=finite(entry["likeness"]),
            how=str(entry["how"]),
        )
        for entry in first.head(MOST_COPIES).to_dict("records")
    )
