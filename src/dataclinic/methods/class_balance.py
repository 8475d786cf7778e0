"""How unequal classes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclinic.arrays import Labels


def imbalance_ratio(counts: Labels) -> float:
    """Rows of the largest class over those of the smallest that has any; 1.0 where fewer than two classes have rows.

    Args:
        counts: (classes,) rows of each class.
    """
    present = counts[counts > 0]
    return float(present.max() / present.min()) if len(present) > 1 else 1.0


def too_balanced(counts: Labels, least: float) -> str | None:
    """Why there is nothing to balance, where the classes' ratio is below `least`; None where there is.

    Args:
        counts: (classes,) rows of each class.
        least: largest over smallest class from which on classes count as unequal.
    """
    if (counts > 0).sum() < 2:
        return "fewer than two classes have samples"
    ratio = imbalance_ratio(counts)
    if ratio >= least:
        return None
    return f"the largest class has only {ratio:.3g} times the samples of the smallest (less than {least:g})"
