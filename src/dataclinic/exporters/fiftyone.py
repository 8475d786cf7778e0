"""FiftyOne's own layout of classified images."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dataclinic.dataset import Images
from dataclinic.outgoing.pictures import place_numbered

if TYPE_CHECKING:
    from dataclinic.dataset import Payload, Task
    from dataclinic.outgoing.cleaned import Cleaned
    from dataclinic.outgoing.placed_files import PlaceFile


@dataclass(frozen=True)
class Fiftyone:
    """data/ with the pictures and labels.json, which fiftyone.types.FiftyOneImageClassificationDataset reads.

    Each label has as confidence the probability that the given label is right, and as attributes the id, the given and
    the suggested label, whether the sample is a suspect, and what a person decided.
    """

    summary: ClassVar[str] = "data/ and labels.json (FiftyOneImageClassificationDataset)"
    payloads: ClassVar[tuple[type[Payload], ...]] = (Images,)
    tasks: ClassVar[tuple[Task, ...]] = ("classification",)
    shows_suggestions: ClassVar[bool] = True

    def write(self, cleaned: Cleaned, destination: Path, place: PlaceFile) -> None:
        names = place_numbered(cleaned, destination / "data", place)
        codes = cleaned.codes
        labels = {Path(name).stem: _label(cleaned, row, codes[row]) for row, name in enumerate(names)}
        content = {"classes": list(cleaned.classes), "labels": labels}
        (destination / "labels.json").write_text(json.dumps(content) + "\n", encoding="utf-8")


def _label(cleaned: Cleaned, row: int, code: int) -> dict[str, Any]:
    opinion = cleaned.opinions[row]
    attributes = {
        "id": cleaned.ids[row],
        "given_label": cleaned.given[row],
        "suggested_label": opinion.suggested,
        "suspect": opinion.flagged,
        "verdict": opinion.decision.verdict if opinion.decision else None,
    }
    known = {name: value for name, value in attributes.items() if value is not None}
    label: dict[str, Any] = {"label": code, "attributes": known}
    if opinion.wrong is not None:
        label["confidence"] = 1.0 - opinion.wrong
    return label
