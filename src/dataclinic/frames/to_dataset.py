"""From a frame and column roles to a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic.dataset import ColumnRoles, Dataset, Images, Table
from dataclinic.errors import DataError
from dataclinic.frames.features import PICTURES, feature_columns
from dataclinic.frames.labels import given_labels, require_classes
from dataclinic.frames.pictures import images_of
from dataclinic.frames.roles import data_columns, resolve_roles, taken_columns

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.arrays import Codes


def dataset_from_frame(
    frame: pd.DataFrame, roles: ColumnRoles, *, source: Path, format_id: str, notes: tuple[str, ...] = ()
) -> Dataset:
    """Labelled rows of `frame`, all rows of the table at `source` in their order; `notes` come first in its notes.

    Raises:
        DataError: no rows, no usable label or feature column, a named column that is not there, or duplicate ids.
    """
    if frame.empty:
        raise DataError.empty_table(source)
    roles, guesses = resolve_roles(frame, roles)
    label = str(roles.label)
    given = given_labels(frame[label])
    require_classes(given, label)
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
        unlabelled=unlabelled,
        notes=(*notes, *guesses, *_unlabelled_note(len(unlabelled), label), *payload_notes),
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


def _unlabelled_note(count: int, label: str) -> tuple[str, ...]:
    if not count:
        return ()
    rows = "1 row has" if count == 1 else f"{count} rows have"
    return (f"{rows} no label in '{label}' and took no part",)


def _payload(frame: pd.DataFrame, roles: ColumnRoles, folder: Path) -> tuple[Table | Images, tuple[str, ...]]:
    rest = [name for name in data_columns(frame) if name not in taken_columns(roles)]
    if roles.image is not None:
        others = f"not used beside the images: {', '.join(map(repr, rest))}"
        return images_of(frame[roles.image], folder), (others,) if rest else ()
    features = feature_columns(frame[rest])
    if features.frame.shape[1] == 0:
        raise DataError.no_features(features.left_out_in_words(), features.left_out.get(PICTURES, ()))
    return Table(features.frame), features.notes
