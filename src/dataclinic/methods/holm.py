"""p-values of several comparisons, adjusted so that the chance of any false one stays what it was for one.

S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6, 1979. It holds
however the comparisons depend on one another, which arms compared to the same untreated arm do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Scores


def holm(p_values: Sequence[float] | Scores) -> Scores:
    """(comparisons,) adjusted p-values in the order given, at most 1; a smaller p never gets the larger one.

    The k-th smallest of m is multiplied by m - k + 1, and raised to what a smaller one got where that is more.
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return adjusted
