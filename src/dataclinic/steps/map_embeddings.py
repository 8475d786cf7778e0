"""From vectors to a map of samples on a plane, for people to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.embedding_map import embedding_map
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    import pandas as pd

    from dataclinic.arrays import Mask, Rows, Vectors

MOST_SAMPLES = 2_000
"""That make the map: 5 CPU-seconds, and about as many points as an eye can tell apart."""

MOST_WANTED = MOST_SAMPLES // 2
"""Of those that must be on it: more would make it a map of exceptions. The others are put beside their neighbours."""


def map_embeddings(vectors: Vectors, usable: Mask, *, must_have: Rows, seed: int) -> pd.DataFrame:
    """Columns row (int64, ascending), x and y (float32 in [0, 1]) of all samples, or of `MOST_SAMPLES` drawn of them.

    `attrs["made"]` says in plain words how the map was made, `attrs["samples"]` of how many it could have been. Empty
    where no sample is usable.

    Args:
        vectors: (samples, dims) of finite numbers; those of zeros are left out.
        usable: (samples,) which can be read: the others are left out.
        must_have: usable rows among these are always on the map, the first ones first; beyond `MOST_WANTED` they do
            not change it.
        seed: of the drawn rows and the map.
    """
    import pandas as pd

    shown = usable & vectors.any(axis=1)
    rows = np.flatnonzero(shown)
    wanted = must_have[shown[must_have]]
    # No row twice, the first place counts.
    wanted = wanted[np.sort(np.unique(wanted, return_index=True)[1])]
    drawn, later = _drawn(rows, wanted, seed)
    if not drawn.size:
        columns = {"row": np.zeros(0, np.int64), "x": np.zeros(0, np.float32), "y": np.zeros(0, np.float32)}
        return pd.DataFrame(columns)
    found = embedding_map(vectors[drawn], vectors[later], seed=seed_for(seed, "map embeddings"))
    frame = pd.DataFrame({"row": np.concatenate([drawn, later]), "x": found.points[:, 0], "y": found.points[:, 1]})
    frame = frame.sort_values("row", ignore_index=True)
    frame.attrs.update(made=found.made, samples=len(rows))
    return frame


def _drawn(rows: Rows, wanted: Rows, seed: int) -> tuple[Rows, Rows]:
    """Rows that make the map, ascending, and wanted ones that are put on it later."""
    if len(rows) <= MOST_SAMPLES:
        return rows, rows[:0]
    first = wanted[:MOST_WANTED]
    rest = np.setdiff1d(rows, first)
    chosen = rng_for(seed, "map embeddings", "rows").choice(rest, MOST_SAMPLES - len(first), replace=False)
    drawn = np.sort(np.concatenate([first, chosen]))
    return drawn, np.setdiff1d(wanted, drawn)
