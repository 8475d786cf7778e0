"""From a frame and column roles to a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic.dataset import ColumnRoles, Dataset, Payload, Table, Task
from dataclinic.errors import DataError
from dataclinic.frames.features import PICTURES, feature_columns
from dataclinic.frames.labels import GivenLabels, given_labels, require_classes
from dataclinic.frames.pictures import images_of
from dataclinic.frames.roles import data_columns, resolve_roles, taken_columns
from dataclinic.frames.targets import GivenTargets, given_targets, require_numbers, target_notes
from dataclinic.frames.texts import texts_of
from dataclinic.frames.times import sample_times

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.arrays import Codes


def dataset_from_frame(
    frame: pd.DataFrame,
    roles: ColumnRoles,
    task: Task = "classification",
    *,
    source: Path,
    format_id: str,
    notes: tuple[str, ...] = (),
) -> Dataset:
    """Labelled rows of `frame`, all rows of the table at `source` in their order; `notes` come first in its notes.

    Raises:
        DataError: no rows, no usable label, text, time or feature column, a named column that is not there, or
            duplicate ids.
    """
    if frame.empty:
        raise DataError.empty_table(source)
    roles, guesses = resolve_roles(frame, roles, task)
    label = str(roles.label)
    given = given_labels(frame[label]) if task == "classification" else given_targets(frame[label])
    if isinstance(given, GivenLabels):
        require_classes(given, label)
    else:
        require_numbers(given, label)
    ids = _ids(frame, roles.id)
    rows = np.flatnonzero(given.codes >= 0)
    unlabelled = tuple(ids[row] for row in np.flatnonzero(given.codes < 0))
    labelled = frame.iloc[rows].reset_index(drop=True)
    payload, payload_notes = _payload(labelled, roles, source if source.is_dir() else source.parent)
    return Dataset(
        source=source,
        format=format_id,
        payload=payload,
        ids=tuple(ids[row] for row in rows),
        labels=given.codes[rows],
        classes=given.classes,
        source_rows=rows.astype(np.int64),
        roles=roles,
        split=None if roles.split is None else _texts(labelled[roles.split]),
        groups=None if roles.group is None else _groups(labelled[roles.group]),
        times=None if roles.time is None else sample_times(labelled[roles.time]),
        targets=given.values[rows] if isinstance(given, GivenTargets) else None,
        unlabelled=unlabelled,
        notes=(*notes, *guesses, *_label_notes(given, len(unlabelled), label), *payload_notes),
    )


def _ids(frame: pd.DataFrame, column: str | None) -> tuple[str, ...]:
    if column is None:
        return tuple(map(str, range(len(frame))))
    ids = _texts(frame[column])
    if empty := ids.count(""):
        raise DataError.ids_missing(column, empty)
    if len(set(ids)) < len(ids):
        raise DataError.duplicate_ids(column, str(pd.Series(ids).loc[pd.Series(ids).duplicated()].iloc[0]))
    return ids


def _texts(column: pd.Series[Any]) -> tuple[str, ...]:
    return tuple("" if missing else str(cell).strip() for cell, missing in zip(column, column.isna(), strict=True))


def _groups(column: pd.Series[Any]) -> Codes:
    codes: Codes = pd.factorize(column)[0].astype(np.int64)
    return codes


def _label_notes(given: GivenLabels | GivenTargets, unlabelled: int, label: str) -> tuple[str, ...]:
    notes = target_notes(given, label) if isinstance(given, GivenTargets) else ()
    if not unlabelled:
        return notes
    rows = "1 row has" if unlabelled == 1 else f"{unlabelled} rows have"
    return (*notes, f"{rows} no label in '{label}' and took no part")


def _payload(frame: pd.DataFrame, roles: ColumnRoles, folder: Path) -> tuple[Payload, tuple[str, ...]]:
    rest = [name for name in data_columns(frame) if name not in taken_columns(roles)]
    if roles.text is not None and roles.image is not None:
        raise DataError.texts_and_images(roles.text, roles.image)
    if roles.text is not None:
        others = f"not used beside the texts: {', '.join(map(repr, rest))}"
        return texts_of(frame[roles.text]), (others,) if rest else ()
    if roles.image is not None:
        others = f"not used beside the images: {', '.join(map(repr, rest))}"
        return images_of(frame[roles.image], folder), (others,) if rest else ()
    features = feature_columns(frame[rest])
    if features.frame.shape[1] == 0:
        raise DataError.no_features(features.left_out_in_words(), features.left_out.get(PICTURES, ()), features.texts)
    return Table(features.frame), features.notes
