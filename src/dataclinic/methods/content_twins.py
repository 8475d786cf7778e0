"""Which samples have the same content, and whether that is a fault or what coarse columns must give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dataclinic.arrays import Codes

_BY_CHANCE = 0.001
"""Share of the twin pairs that independent columns must give before twins count as natural. Columns that go
together give far fewer pairs than there are, so it is small; yet copies of rich rows lie many powers of ten below."""


def content_sets(content: Sequence[str]) -> Codes:
    """(samples,) number of the set of samples with the same digest, in order of appearance; -1 where it is ""."""
    import pandas as pd

    digests = pd.Series(content, dtype=object)
    codes, _ = pd.factorize(digests.where(digests != "", None))
    return np.asarray(codes, np.int64)


def twin_share(sets: Codes) -> float:
    """Share of the samples whose content another one has too."""
    known = sets[sets >= 0]
    return float((np.bincount(known)[known] > 1).sum() / len(sets)) if known.size else 0.0


def twins_are_natural(sets: Codes, frame: pd.DataFrame) -> bool:
    """Whether rows of this table are bound to be equal by chance, as its columns are few or coarse.

    True where more than half of the rows have a twin, and columns with the same values, shuffled independently, would
    give at least a thousandth of the twin pairs there are. Their number is C(n, 2) × Π Σ p² over the columns, where p
    are the shares of a column's values. So a survey of five yes-no questions is natural, while a catalogue in which
    every product stands three times, to the fourteenth digit of its weight, holds copies.
    """
    if twin_share(sets) <= 0.5:
        return False
    sizes = np.bincount(sets[sets >= 0]).astype(np.float64)
    twin_pairs = (sizes * (sizes - 1) / 2).sum()
    expected = len(frame) * (len(frame) - 1) / 2
    for name in range(frame.shape[1]):
        expected *= _chance_of_equal_cells(frame.iloc[:, name])
    return bool(expected >= _BY_CHANCE * twin_pairs)


def _chance_of_equal_cells(column: pd.Series) -> float:
    import pandas as pd

    try:
        codes, _ = pd.factorize(column, use_na_sentinel=False)
    except TypeError:  # cells that cannot be hashed, such as lists
        codes, _ = pd.factorize(column.map(repr))
    counts = np.bincount(codes).astype(np.float64)
    return float((counts * (counts - 1)).sum() / (len(column) * (len(column) - 1)))
