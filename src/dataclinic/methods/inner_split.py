"""Training rows that a fit holds back from itself, to see when it has learned enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.grouped_folds import grouped_folds
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from dataclinic.arrays import Codes, Labels, Mask

LEAST_INNER_ROWS = 32
"""Fewer say too little of when to stop: the standard error of an accuracy of 80 % is 7 points with as many."""


def inner_rows(labels: Labels, groups: Codes | None, *, share: float, seed: int) -> Mask:
    """(rows,) which rows to hold back: about `share` of each class, groups whole; none where they would be too few.

    A class keeps at least one row to train with: where a draw would take all, they stay, with their groups.

    Args:
        labels: (rows,) class codes.
        groups: (rows,) group codes, -1 for no group; None for none at all.
        share: in 0 … 0.5.
        seed: decides the draw.
    """
    whole = _numbered(groups, len(labels))
    folds = grouped_folds(labels, whole, round(1 / share), rng_for(seed, "inner split"))
    held = folds == 0
    used_up = np.setdiff1d(labels[held], labels[~held])
    held &= ~np.isin(whole, whole[np.isin(labels, used_up)])
    return held if held.sum() >= LEAST_INNER_ROWS else np.zeros(len(labels), bool)


def _numbered(groups: Codes | None, rows: int) -> Codes:
    """Group codes, where rows without a group have one each."""
    own = np.arange(rows)
    if groups is None:
        return own
    return np.where(groups >= 0, groups, groups.max(initial=0) + 1 + own)
