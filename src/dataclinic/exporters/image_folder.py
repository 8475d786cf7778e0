"""Class folders with pictures, below a folder for each split where there are splits."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from dataclinic.dataset import Images
from dataclinic.frames.pictures import is_image_name
from dataclinic.outgoing.file_names import distinct_names
from dataclinic.outgoing.manifest import BESIDE
from dataclinic.outgoing.pictures import picture_suffix, pictures_of, place_picture

if TYPE_CHECKING:
    from dataclinic.dataset import Payload, Task
    from dataclinic.outgoing.cleaned import Cleaned
    from dataclinic.outgoing.placed_files import PlaceFile

CLASSES = "classes.json"

NO_SPLIT = "unsplit"
"""Folder of samples whose split is not known, where others have one."""


@dataclass(frozen=True)
class ImageFolder:
    """SPLIT/CLASS/NAME.png, or CLASS/NAME.png, as torchvision's ImageFolder and many others read it.

    A picture keeps its file name, or is named as its sample's id. Names are made safe for every file system;
    classes.json tells which folder holds which class.
    """

    summary: ClassVar[str] = "class folders of pictures, below split folders (torchvision, Keras, timm)"
    payloads: ClassVar[tuple[type[Payload], ...]] = (Images,)
    tasks: ClassVar[tuple[Task, ...]] = ("classification",)
    shows_suggestions: ClassVar[bool] = False

    def write(self, cleaned: Cleaned, destination: Path, place: PlaceFile) -> None:
        split = tuple(part or NO_SPLIT for part in cleaned.split or ("",) * len(cleaned))
        split_folders = distinct_names(sorted(set(split)), BESIDE)
        class_folders = distinct_names(cleaned.classes, BESIDE)
        rows_of: dict[Path, list[int]] = defaultdict(list)
        for row, (part, label) in enumerate(zip(split, cleaned.labels, strict=True)):
            above = destination / split_folders[part] if cleaned.split else destination
            rows_of[above / class_folders[label]].append(row)
        sources = pictures_of(cleaned)
        for folder, rows in rows_of.items():
            for row, name in zip(rows, _file_names(cleaned, sources, rows), strict=True):
                place_picture(sources[row], folder / name, place)
        told = {folder: name for name, folder in class_folders.items()}
        (destination / CLASSES).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _file_names(cleaned: Cleaned, sources: tuple[Path | bytes, ...], rows: list[int]) -> list[str]:
    """A name for each of the `rows`, all in one folder, without regard to suffixes: a.png and a.jpg are told apart."""
    stems = [_stem(sources[row], cleaned.ids[row]) for row in rows]
    shared, wanted = Counter(stems), set(stems)
    numbers = dict.fromkeys(stems, 0)
    for place, stem in enumerate(stems):
        numbers[stem] += 1
        if shared[stem] > 1 and numbers[stem] > 1:
            while (free := f"{stem}-{numbers[stem]}") in wanted:
                numbers[stem] += 1
            wanted.add(free)
            stems[place] = free
    names = distinct_names(stems)
    return [f"{names[stem]}{picture_suffix(sources[row])}" for stem, row in zip(stems, rows, strict=True)]


def _stem(source: Path | bytes, sample: str) -> str:
    if isinstance(source, Path):
        return source.stem
    return sample[: sample.rfind(".")] if is_image_name(sample) else sample
