"""Samples as points between which imbalanced-learn can make new ones, and new points as samples again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dataclinic.features import Embeddings, Pictures
from dataclinic.methods.column_features import ColumnFeatures

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from dataclinic.arrays import Mask
    from dataclinic.features import Features

Points: TypeAlias = "NDArray[np.floating]"


@dataclass(frozen=True)
class RowSpace:
    """Points (samples, columns) without NaN; where `categorical` is true a column holds level numbers without order.

    `samples` makes features of such points, of the same kind as those that the space was made from.
    """

    points: Points
    categorical: Mask
    samples: Callable[[Points], Features]


def not_a_space(features: Features) -> str | None:
    """Why nothing can be made between samples of `features`; None where it can."""
    if isinstance(features, Embeddings | ColumnFeatures):
        return None
    if isinstance(features, Pictures):
        return "between two pictures lie no pictures: it needs embeddings or the columns of a table, not pixels"
    return f"it needs embeddings or the columns of a table, not {type(features).__name__}"


def row_space(features: Features) -> RowSpace:
    """Space of features that `not_a_space` does not refuse.

    Embeddings are their own points. The numbers of a table are filled with their median, brought to median 0 and
    standard deviation 1, and stand beside a column of 0 and 1 for each that lacks cells, so that a new row lacks a
    cell where the rows around it mostly do. Levels follow, an empty cell being one.
    """
    if isinstance(features, ColumnFeatures):
        return _table_space(features)
    points = features.columns(np.arange(len(features))).values
    return RowSpace(points, np.zeros(points.shape[1], bool), _as_embeddings)


def _as_embeddings(points: Points) -> Features:
    return Embeddings(points.astype(np.float32))


def _table_space(table: ColumnFeatures) -> RowSpace:
    empty = np.isnan(table.numbers)
    centre = np.array([np.median(column[~gaps]) if not gaps.all() else 0.0 for column, gaps in _columns(table, empty)])
    filled = np.where(empty, centre, table.numbers)
    spread = filled.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    lacking = np.flatnonzero(empty.any(axis=0))
    points = np.concatenate([(filled - centre) / scale, empty[:, lacking], table.levels], axis=1, dtype=np.float64)
    categorical = np.arange(points.shape[1]) >= len(centre) + len(lacking)
    return RowSpace(points, categorical, partial(_as_table, table.take(np.arange(0)), centre, scale, lacking))


def _columns(table: ColumnFeatures, empty: NDArray[np.bool_]) -> zip[tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    return zip(table.numbers.T, empty.T, strict=True)


def _as_table(
    kind: ColumnFeatures,
    centre: NDArray[np.float64],
    scale: NDArray[np.float64],
    lacking: NDArray[np.int64],
    points: Points,
) -> ColumnFeatures:
    numbers = points[:, : len(centre)] * scale + centre
    gaps = points[:, len(centre) : len(centre) + len(lacking)] > 0.5
    numbers[:, lacking] = np.where(gaps, np.nan, numbers[:, lacking])
    levels = np.rint(points[:, len(centre) + len(lacking) :]).astype(np.int64)
    return replace(kind, numbers=numbers, levels=levels)
