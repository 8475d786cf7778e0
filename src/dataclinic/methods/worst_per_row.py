"""From outlying cells to outlying rows: each row's farthest cell, and how many of its cells are out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Codes, Rows, Scores


class WorstCells(NamedTuple):
    """One entry a row, farthest first: its `rows` number, that cell's column and distance, its count of cells."""

    rows: Rows
    columns: Codes
    distances: Scores
    counts: Codes


def worst_per_row(rows: Sequence[Rows], distances: Sequence[Scores]) -> WorstCells:
    """`rows[column]` are the rows that are out in that column, each once, and `distances[column]` how far.

    Equal distances in a row: the first column; equal rows: in order of their numbers.
    """
    if not rows:
        return WorstCells(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
    row = np.concatenate(rows)
    column = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    distance = np.concatenate(distances)
    order = np.lexsort((column, -distance, row))
    found, first, counts = np.unique(row[order], return_index=True, return_counts=True)
    worst = order[first]
    serious = np.lexsort((found, -distance[worst]))
    return WorstCells(found[serious], column[worst][serious], distance[worst][serious], counts[serious])
