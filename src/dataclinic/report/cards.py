"""Cards: the most doubtful samples, each with all that a person needs to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataclinic.report.neighbours import Beside, NearBoth, beside
from dataclinic.report.signals import Signal, signals_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.edits import Decision
    from dataclinic.report.material import Material
    from dataclinic.report.previews import Preview
    from dataclinic.report.suspects import Suspect
    from dataclinic.report.telling import TellingValue


@dataclass(frozen=True)
class Card:
    """One suspect; `places` are the places of its given and suggested class in `Page.filter_classes`.

    `beside` are its nearest neighbours of either class, `decided` what a person said of it.
    """

    suspect: Suspect
    preview: Preview | None
    telling: tuple[TellingValue, ...]
    places: tuple[int, ...]
    beside: tuple[Beside, ...]
    signals: tuple[Signal, ...]
    decided: Decision | None


@dataclass(frozen=True)
class Shown:
    """What is shown of samples, by their row: large and small previews, telling cells, ids, and decisions."""

    previews: Mapping[int, Preview]
    small: Mapping[int, Preview]
    telling: Mapping[int, tuple[TellingValue, ...]]
    ids: Mapping[int, str]
    decided: Mapping[int, Decision]


def labels_of(suspects: Sequence[Suspect]) -> tuple[str, ...]:
    """Every class given or suggested, by name."""
    named = {label for suspect in suspects for label in (suspect.given_label, suspect.suggested_label) if label}
    return tuple(sorted(named, key=str.casefold))


def make_cards(
    material: Material,
    suspects: Sequence[Suspect],
    shown: Shown,
    near: Mapping[int, NearBoth],
    weights: Mapping[str, float],
    labels: Sequence[str],
) -> tuple[Card, ...]:
    """A card a suspect, in that order; `labels` are the classes by which the page filters them."""
    place = {label: at for at, label in enumerate(labels)}
    signals = signals_of(material.ranking, suspects, weights)
    return tuple(
        Card(
            suspect=suspect,
            preview=shown.previews.get(suspect.row),
            telling=shown.telling.get(suspect.row, ()),
            places=tuple(place[label] for label in (suspect.given_label, suspect.suggested_label) if label in place),
            beside=_beside(suspect, near, shown),
            signals=signals.get(suspect.row, ()),
            decided=shown.decided.get(suspect.row),
        )
        for suspect in suspects
    )


def _beside(suspect: Suspect, near: Mapping[int, NearBoth], shown: Shown) -> tuple[Beside, ...]:
    if suspect.row not in near:
        return ()
    labels = (suspect.given_label, suspect.suggested_label)
    return beside(near[suspect.row], labels, shown.ids, shown.small, shown.telling.get(suspect.row, ()))
