"""The samples that stay, with the labels that they get."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dataclinic.edits import Relabel
from dataclinic.formats import TableFormat
from dataclinic.frames.source_edits import edited_frame
from dataclinic.methods.number_text import exact_number
from dataclinic.outgoing.cleaned import Cleaned, Opinion
from dataclinic.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.arrays import Probs, Rows
    from dataclinic.dataset import Dataset
    from dataclinic.edits import Edit


@dataclass(frozen=True)
class Known:
    """What a run knows of samples: opinions by row, a digest each or none at all, and (samples, classes) probs."""

    opinions: Mapping[int, Opinion] = field(default_factory=dict)
    contents: Sequence[str] = ()
    probs: Probs | None = None


def cleaned_samples(dataset: Dataset, edits: Sequence[Edit], rows: Rows, known: Known) -> Cleaned:
    """The samples at `rows`, relabelled; without a table."""
    given = _given(dataset)
    label_of = {edit.row: edit.to for edit in edits if isinstance(edit, Relabel)}
    chosen = rows.tolist()
    return Cleaned(
        task=dataset.task,
        ids=tuple(dataset.ids[row] for row in chosen),
        labels=tuple(label_of.get(row, given[row]) for row in chosen),
        given=tuple(given[row] for row in chosen),
        classes=dataset.classes,
        payload=dataset.payload.take(rows),
        source_rows=dataset.source_rows[rows],
        roles=dataset.roles,
        opinions=tuple(known.opinions.get(row, Opinion()) for row in chosen),
        contents=tuple(known.contents[row] if known.contents else "" for row in chosen),
        split=None if dataset.split is None else tuple(dataset.split[row] for row in chosen),
        probs=None if known.probs is None else known.probs[rows],
    )


def with_table(cleaned: Cleaned, dataset: Dataset, edits: Sequence[Edit], rows: Rows) -> Cleaned:
    """With all columns of the source but that of pictures, where the source is a table.

    Raises:
        ExportError: the source no longer holds what `dataset` does, or a number does not fit its column.
    """
    reader = FORMATS.make(dataset.format)
    if not isinstance(reader, TableFormat):
        return cleaned
    columns = [name for name in reader.columns(dataset.source) if name != dataset.roles.image]
    frame = edited_frame(reader.table(dataset.source, columns), dataset, edits)
    return replace(cleaned, table=frame.iloc[dataset.source_rows[rows]].reset_index(drop=True))


def _given(dataset: Dataset) -> list[str]:
    if dataset.targets is not None:
        return [exact_number(float(target)) for target in dataset.targets]
    return [dataset.classes[code] for code in dataset.labels]
