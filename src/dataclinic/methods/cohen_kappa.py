"""Agreement of two people beyond what chance would give them.

J. Cohen: A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20 (1960) 37-46,
equation 1. The interval is that of large samples, with the standard error of J. L. Fleiss, J. Cohen, B. S. Everitt:
Large sample standard errors of kappa and weighted kappa. Psychological Bulletin 72 (1969) 323-327, equation 13, since
that of 1960 is too large. For a few dozen samples it is rough, and of people who agree on all of them it has no width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes

DEVIATIONS = 1.96
"""Of a normal distribution, to either side of a 95 % interval."""


@dataclass(frozen=True)
class Kappa:
    """1 is full agreement, 0 that of chance; `low` and `high` end the 95 % interval. `agreed` is the share of it."""

    value: float
    low: float
    high: float
    agreed: float


def cohen_kappa(first: Codes, second: Codes) -> Kappa | None:
    """What two people say of the same samples, as codes of categories; order and names of these do not matter.

    None where it is undefined: without samples, or where both always say the same one category.
    """
    if not len(first):
        return None
    joint = _joint(first, second)
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    agreed, by_chance = float(np.trace(joint)), float(rows @ columns)
    if by_chance >= 1:
        return None
    value = (agreed - by_chance) / (1 - by_chance)
    half = DEVIATIONS * _standard_error(joint, rows, columns, len(first))
    return Kappa(value, max(-1.0, value - half), min(1.0, value + half), agreed)


def _joint(first: Codes, second: Codes) -> NDArray[np.float64]:
    """(categories, categories) share of the samples that the one calls this and the other that."""
    _, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    size = int(codes.max()) + 1
    counts = np.bincount(codes[: len(first)] * size + codes[len(first) :], minlength=size * size)
    return np.asarray(counts.reshape(size, size) / len(first))


def _standard_error(
    joint: NDArray[np.float64], rows: NDArray[np.float64], columns: NDArray[np.float64], samples: int
) -> float:
    agreed, by_chance = np.trace(joint), rows @ columns
    same = np.diag(joint)
    # what the second says meets what the first says: p(.i) + p(j.)
    margins = columns[:, None] + rows[None, :]
    apart = joint * margins**2
    spread = (
        (same * ((1 - by_chance) - (rows + columns) * (1 - agreed)) ** 2).sum()
        + (1 - agreed) ** 2 * (apart.sum() - np.trace(apart))
        - (agreed * by_chance - 2 * by_chance + agreed) ** 2
    )
    return float(np.sqrt(max(0.0, spread) / samples) / (1 - by_chance) ** 2)
