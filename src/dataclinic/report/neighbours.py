"""The nearest samples of the given and of the suggested class, beside each suspect: what a person compares it with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, TypeAdapter

from dataclinic.report.reading import Number, Text, require_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from dataclinic.report.previews import Preview
    from dataclinic.report.telling import TellingValue
    from dataclinic.rundir import RunDir

FILE = "neighbours.json"

MOST_EACH = 2
"""Neighbours of either class: more would be smaller than a thumbnail on a phone."""

MOST_CELLS = 3
"""Of a table row that is shown as a neighbour."""

Row = Annotated[int, Field(ge=0, strict=True)]


@dataclass(frozen=True)
class Near:
    """A neighbour: its row in the dataset, and its cosine distance in [0, 2]."""

    row: Row
    distance: Number


@dataclass(frozen=True)
class NearBoth:
    """The nearest of the given and of the suggested class, nearest first."""

    given: tuple[Near, ...] = ()
    suggested: tuple[Near, ...] = ()

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(near.row for near in (*self.given, *self.suggested))


@dataclass(frozen=True)
class Neighbour:
    """A neighbour as the page shows it; `cells` are of table rows, column and text."""

    id: str
    distance: float
    preview: Preview | None
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Beside:
    """The neighbours of one class."""

    role: str
    label: str
    neighbours: tuple[Neighbour, ...]


def read_neighbours(run: RunDir, rows: Iterable[int]) -> dict[int, NearBoth]:
    """By row the neighbours of those samples; rows without any are left out, all where there is no such file.

    Raises:
        RunError: neighbours.json is broken.
    """
    if not (run.path / FILE).is_file():
        return {}
    entries = require_form(run, FILE, run.read_json(FILE), dict[Text, object])
    wanted = {str(row): entries[str(row)] for row in rows if str(row) in entries}
    require_form(run, FILE, wanted, dict[str, NearBoth])
    found = TypeAdapter(dict[int, NearBoth]).validate_python(wanted)
    cut = {row: NearBoth(near.given[:MOST_EACH], near.suggested[:MOST_EACH]) for row, near in found.items()}
    return {row: near for row, near in cut.items() if near.rows}


def ids_of(ranking: pd.DataFrame, rows: Iterable[int]) -> dict[int, str]:
    """By row the id of those samples; rows that the ranking does not have are left out."""
    wanted = ranking[ranking["row"].isin(set(rows))]
    return {int(row): str(name) for row, name in zip(wanted["row"], wanted["id"], strict=True)}


def beside(
    near: NearBoth,
    labels: tuple[str, str | None],
    ids: Mapping[int, str],
    previews: Mapping[int, Preview],
    telling: Sequence[TellingValue],
) -> tuple[Beside, ...]:
    """The neighbours of the given and of the suggested class; a class without any is left out."""
    names = [value.column for value in telling]
    sides = (("given", labels[0], near.given), ("suggested", labels[1], near.suggested))
    both = (
        Beside(role, label or "", tuple(_shown(one, ids, previews, names) for one in found if one.row in ids))
        for role, label, found in sides
    )
    return tuple(side for side in both if side.neighbours)


def _shown(near: Near, ids: Mapping[int, str], previews: Mapping[int, Preview], names: Sequence[str]) -> Neighbour:
    preview = previews.get(near.row)
    values = preview.values if preview else {}
    columns = [name for name in names if name in values] or list(values)
    cells = tuple((name, values[name]) for name in columns[:MOST_CELLS])
    return Neighbour(ids[near.row], near.distance, preview, cells)
