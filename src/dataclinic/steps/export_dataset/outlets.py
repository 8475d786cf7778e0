"""Which exporter writes the data, and which samples it can write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.dataset import Images
from dataclinic.errors import ExportError
from dataclinic.outgoing.pictures import is_picture_file
from dataclinic.registry import EXPORTERS

if TYPE_CHECKING:
    from dataclinic.arrays import Rows
    from dataclinic.dataset import Dataset
    from dataclinic.exporters import Exporter


def fitting_exporter(dataset: Dataset, name: str | None) -> Exporter | None:
    """The exporter called `name`; None for the source's own format, which writes it more faithfully.

    Raises:
        OptionError: there is no such exporter.
        ExportError: it cannot hold such data.
    """
    if name is None:
        return None
    plugin = EXPORTERS.require(name)
    exporter = EXPORTERS.make(plugin)
    if not _holds(exporter, dataset):
        able = [known.replace("_", "-") for known in EXPORTERS.ids() if _holds(EXPORTERS.make(known), dataset)]
        kind = type(dataset.payload).__name__.lower()
        what = "a table" if kind == "table" else kind
        labels = "classes" if dataset.targets is None else "numbers to predict"
        raise ExportError.not_for(name, f"{what} with {labels}", able)
    return None if plugin == dataset.format else exporter


def picture_rows(dataset: Dataset, rows: Rows) -> Rows:
    """Those of `rows` that have a picture which is there, where samples are pictures; else all.

    Raises:
        ExportError: none has.
    """
    if not isinstance(dataset.payload, Images):
        return rows
    sources = dataset.payload.sources
    there = [row for row in rows.tolist() if _is_there(sources[row])]
    if not there:
        raise ExportError.no_pictures_left()
    return np.array(there, np.int64)


def _holds(exporter: Exporter, dataset: Dataset) -> bool:
    return type(dataset.payload) in exporter.payloads and dataset.task in exporter.tasks


def _is_there(source: Path | bytes | None) -> bool:
    return is_picture_file(source) if isinstance(source, Path) else bool(source)
