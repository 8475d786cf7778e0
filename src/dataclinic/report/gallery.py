"""Suspects by the class they were given: the worst classes first, and of each the worst samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.report.suspects import Suspect, suspect_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dataclinic.edits import Decision
    from dataclinic.report.cards import Shown
    from dataclinic.report.previews import Preview
    from dataclinic.report.telling import TellingValue

MOST_CLASSES = 40
MOST_SAMPLES = 480
MOST_OF_A_CLASS = 48
"""Of a few classes; of many as many as MOST_SAMPLES leave room for."""

MOST_SUGGESTED = 3


@dataclass(frozen=True)
class PickedClass:
    """A class with `suspects` of its `count` samples; `rows` are places of the worst of them in the ranking.

    `suggested` are the classes most often suggested for them, each with how often.
    """

    label: str
    count: int
    suspects: int
    suggested: tuple[tuple[str, int], ...]
    places: tuple[int, ...]


@dataclass(frozen=True)
class Tile:
    """A suspect as it stands in the gallery."""

    suspect: Suspect
    preview: Preview | None
    telling: tuple[TellingValue, ...]
    decided: Decision | None


@dataclass(frozen=True)
class GalleryClass:
    picked: PickedClass
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Gallery:
    """`rest` more classes have `rest_suspects` suspects that are not shown at all."""

    classes: tuple[GalleryClass, ...]
    rest: int
    rest_suspects: int


def pick_suspects(ranking: pd.DataFrame) -> tuple[PickedClass, ...]:
    """All classes that have suspects, most of them first; those beyond MOST_CLASSES have no rows."""
    import pandas as pd

    codes, labels = pd.factorize(ranking["given_label"])
    counts = np.bincount(codes, minlength=len(labels))
    flagged = np.flatnonzero(ranking["flagged"].to_numpy(bool))
    flagged = flagged[np.argsort(ranking["rank"].to_numpy()[flagged], kind="stable")]
    by_class = flagged[np.argsort(codes[flagged], kind="stable")]
    suspects = np.bincount(codes[flagged], minlength=len(labels))
    starts = np.concatenate([[0], np.cumsum(suspects)])
    order = [code for code in np.argsort(-suspects, kind="stable").tolist() if suspects[code]]
    each = min(MOST_OF_A_CLASS, MOST_SAMPLES // max(min(len(order), MOST_CLASSES), 1))
    suggested = ranking["suggested_label"]
    return tuple(
        PickedClass(
            label=str(labels[code]),
            count=int(counts[code]),
            suspects=int(suspects[code]),
            suggested=_suggested(suggested.iloc[by_class[starts[code] : starts[code + 1]]]),
            places=tuple(by_class[starts[code] : starts[code] + min(each, suspects[code])].tolist()),
        )
        if place < MOST_CLASSES
        else PickedClass(str(labels[code]), int(counts[code]), int(suspects[code]), (), ())
        for place, code in enumerate(order)
    )


def gallery_suspects(ranking: pd.DataFrame, picked: Sequence[PickedClass]) -> dict[int, Suspect]:
    """The suspects that the gallery shows, by their place in the ranking."""
    places = [place for one in picked for place in one.places]
    entries = ranking.iloc[places].to_dict("records")
    return {place: suspect_of(entry) for place, entry in zip(places, entries, strict=True)}


def make_gallery(picked: Sequence[PickedClass], suspects: Mapping[int, Suspect], shown: Shown) -> Gallery:
    """The gallery of the classes that were picked; `suspects` are theirs, by place in the ranking."""
    rest = [one.suspects for one in picked if not one.places]
    return Gallery(
        classes=tuple(
            GalleryClass(one, tuple(_tile(suspects[place], shown) for place in one.places))
            for one in picked
            if one.places
        ),
        rest=len(rest),
        rest_suspects=sum(rest),
    )


def _suggested(labels: pd.Series) -> tuple[tuple[str, int], ...]:
    return tuple((str(label), int(count)) for label, count in labels.value_counts().head(MOST_SUGGESTED).items())


def _tile(suspect: Suspect, shown: Shown) -> Tile:
    row = suspect.row
    return Tile(suspect, shown.small.get(row), shown.telling.get(row, ())[:1], shown.decided.get(row))
