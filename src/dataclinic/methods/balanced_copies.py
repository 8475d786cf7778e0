"""How often to repeat each row so that all classes are as large as the largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from dataclinic.arrays import Codes, Labels


def balanced_copies(labels: Labels) -> Codes:
    """(rows,) at least 1: random oversampling as counts, every row of a class as often as every other, or once more.

    Batista, Prati & Monard, SIGKDD Explorations 6, 2004, draw the rows to repeat with replacement; spread evenly, no
    row weighs more than its class asks for. Which rows get the remainder is drawn, the same each time.

    Args:
        labels: (rows,) class codes.
    """
    copies = np.ones(len(labels), np.int64)
    counts = np.bincount(labels) if len(labels) else np.empty(0, np.int64)
    for code in np.flatnonzero(counts):
        rows = np.flatnonzero(labels == code)
        each, rest = divmod(int(counts.max()), len(rows))
        copies[rows] = each
        copies[rng_for(0, "balanced copies", int(code)).permutation(rows)[:rest]] += 1
    return copies
