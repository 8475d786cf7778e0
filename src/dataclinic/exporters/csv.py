"""A CSV file, with pictures in a folder beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dataclinic.dataset import Images, Table, Texts
from dataclinic.outgoing.cleaned_frame import cleaned_frame, picture_column
from dataclinic.outgoing.pictures import place_numbered

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.dataset import Payload, Task
    from dataclinic.outgoing.cleaned import Cleaned
    from dataclinic.outgoing.placed_files import PlaceFile


@dataclass(frozen=True)
class Csv:
    """data.csv in UTF-8 with all columns of a table; of pictures, their paths below its folder, id, label and split."""

    summary: ClassVar[str] = "data.csv, pictures in images/ beside it (pandas, scikit-learn, spreadsheets)"
    payloads: ClassVar[tuple[type[Payload], ...]] = (Images, Table, Texts)
    tasks: ClassVar[tuple[Task, ...]] = ("classification", "regression")
    shows_suggestions: ClassVar[bool] = False

    def write(self, cleaned: Cleaned, destination: Path, place: PlaceFile) -> None:
        frame = cleaned_frame(cleaned)
        if isinstance(cleaned.payload, Images):
            names = place_numbered(cleaned, destination / "images", place)
            frame = frame.copy()
            frame.insert(0, picture_column(cleaned), [f"images/{name}" for name in names])
        frame.to_csv(destination / "data.csv", index=False, lineterminator="\n", encoding="utf-8")
