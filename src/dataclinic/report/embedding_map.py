"""The samples as dots in the plane, alike ones near each other: a drawing that needs no script."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.report.reading import Text, require_form
from dataclinic.report.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dataclinic.rundir import RunDir

TABLE = "map.parquet"
ABOUT = "map.json"

SIDE = 600
"""Of the drawing, in its own units."""

MOST_COLOURS = 10
"""As many as people with any sight tell apart; other classes are grey."""

MOST_DOTS = 3000
MOST_TITLE_BYTES = 240_000
"""Of all titles together: a dot without takes up to fifty bytes, and the drawing stays below 400 kB."""

MOST_CHECKS = 24
MOST_CHECK_COLOURS = MOST_COLOURS
"""Rarer checks than that share a colour."""

TAG_ROOM = 15
"""Names of classes in the drawing keep so far apart in height, or one is left out."""


@dataclass(frozen=True)
class Dot:
    """A sample; `title` says which, and `checks` are places in `EmbeddingMap.checks`."""

    x: int
    y: int
    title: str
    checks: tuple[int, ...]


@dataclass(frozen=True)
class ClassDots:
    """The dots of a class; `colour` is its number, None for grey."""

    colour: int | None
    plain: tuple[Dot, ...]
    suspects: tuple[Dot, ...]


@dataclass(frozen=True)
class Tag:
    """A class's name in the middle of its dots."""

    x: int
    y: int
    label: str


@dataclass(frozen=True)
class EmbeddingMap:
    """`how` says what was drawn; `coloured` are the classes with a colour, in the order of their numbers.

    `classes` are the dots, those in grey first. `checks` are the checks that name one of them, those that name most
    first, and `named` how many each does: a dot's own colour by check is that of the rarest, which stands last.
    """

    how: str
    coloured: tuple[str, ...]
    others: int
    classes: tuple[ClassDots, ...]
    tags: tuple[Tag, ...]
    checks: tuple[str, ...]
    named: tuple[int, ...]
    dots: int
    suspects: int


def read_map(run: RunDir, ranking: pd.DataFrame, classes: Sequence[str], findings: pd.DataFrame) -> EmbeddingMap | None:
    """The map of a run, its colours in the order of `classes`; None where it has none.

    Raises:
        RunError: map.parquet or map.json is broken.
    """
    if not (run.path / TABLE).is_file():
        return None
    places = run.read_table(TABLE, ("row", "x", "y"))
    about = run.read_json(ABOUT) if (run.path / ABOUT).is_file() else {}
    how = str(require_form(run, ABOUT, about, dict[Text, object]).get("how", ""))
    drawn = _drawn(places, ranking)
    named = findings.loc[findings["row"].isin(drawn["row"]), ["check", "row"]].drop_duplicates()
    return _map(how, drawn, classes, named) if len(drawn) else None


def _drawn(places: pd.DataFrame, ranking: pd.DataFrame) -> pd.DataFrame:
    """The samples of the map with what the ranking says of them, most suspect first."""
    known = places[np.isfinite(places["x"]) & np.isfinite(places["y"])].drop_duplicates("row")
    wanted = ranking[["row", "rank", "id", "given_label", "suggested_label", "flagged"]]
    both = known[["row", "x", "y"]].merge(wanted, on="row").sort_values("rank", kind="stable").head(MOST_DOTS)
    for name, mirrored in (("x", False), ("y", True)):
        values = both[name].to_numpy(np.float64).clip(0, 1)
        both[name] = np.round(SIDE * (1 - values if mirrored else values)).astype(np.int64)
    return both.reset_index(drop=True)


def _map(how: str, drawn: pd.DataFrame, classes: Sequence[str], named: pd.DataFrame) -> EmbeddingMap:
    counts = drawn["given_label"].value_counts()
    largest = set(counts.index[:MOST_COLOURS])
    coloured = tuple(label for label in classes if label in largest)
    checks = Counter(map(str, named["check"])).most_common(MOST_CHECKS)
    dots = _dots(drawn, _named_by(named, [check for check, _ in checks]))
    groups: dict[str | None, tuple[list[Dot], list[Dot]]] = {label: ([], []) for label in (None, *coloured)}
    for label, flagged, dot in zip(drawn["given_label"], drawn["flagged"], dots, strict=True):
        groups[label if label in groups else None][int(flagged)].append(dot)
    numbers: dict[str | None, int] = {label: number for number, label in enumerate(coloured)}
    return EmbeddingMap(
        how=how,
        coloured=coloured,
        others=max(len(counts) - MOST_COLOURS, 0),
        classes=tuple(
            ClassDots(numbers.get(label), tuple(plain), tuple(suspects))
            for label, (plain, suspects) in groups.items()
            if plain or suspects
        ),
        tags=_tags(drawn, coloured),
        checks=tuple(check for check, _ in checks),
        named=tuple(count for _, count in checks),
        dots=len(drawn),
        suspects=int(drawn["flagged"].sum()),
    )


def _named_by(named: pd.DataFrame, checks: Sequence[str]) -> Mapping[int, tuple[int, ...]]:
    """By row the places of the checks that name it."""
    place = {check: at for at, check in enumerate(checks)}
    places: dict[int, set[int]] = {}
    for check, row in named.itertuples(index=False):
        if check in place:
            places.setdefault(int(row), set()).add(place[check])
    return {row: tuple(sorted(found)) for row, found in places.items()}


def _dots(drawn: pd.DataFrame, named: Mapping[int, tuple[int, ...]]) -> list[Dot]:
    """In the order of `drawn`; the least suspect ones go without a title where all titles would take too much."""
    left = MOST_TITLE_BYTES
    dots: list[Dot] = []
    for entry in drawn.itertuples():
        title = _title(str(entry.id), str(entry.given_label), entry.suggested_label if entry.flagged else None)
        left -= len(escape(title).encode())
        dots.append(Dot(int(entry.x), int(entry.y), title if left >= 0 else "", named.get(int(entry.row), ())))
    return dots


def _title(name: str, given: str, suggested: object) -> str:
    told = f"{shorten(name, 40)}: {shorten(given, 24)}"
    return f"{told}, suggested {shorten(suggested, 24)}" if isinstance(suggested, str) else told


def _tags(drawn: pd.DataFrame, coloured: Sequence[str]) -> tuple[Tag, ...]:
    """One that would stand on another is left out."""
    tags: list[Tag] = []
    for label in coloured:
        of_class = drawn[drawn["given_label"] == label]
        tag = Tag(int(of_class["x"].median()), int(of_class["y"].median()), label)
        if all(abs(tag.y - other.y) >= TAG_ROOM or abs(tag.x - other.x) >= _width(tag, other) for other in tags):
            tags.append(tag)
    return tuple(tags)


def _width(tag: Tag, other: Tag) -> int:
    """Between the middles of two names beside each other, at about eight units a letter."""
    return 4 * (min(len(tag.label), 24) + min(len(other.label), 24)) + 6
