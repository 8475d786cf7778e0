"""Group duplicates: samples that must stay on one side of every split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.dataset import Dataset, Table
from dataclinic.methods.content_twins import content_sets, twins_are_natural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Codes
    from dataclinic.evidence import Measurements, NearDuplicates


def group_duplicates(dataset: Dataset, measurements: Measurements, near: NearDuplicates | None = None) -> Codes:
    """(samples,) group numbers 0, 1, … in order of appearance; every sample has one.

    Samples with the same content share a group, samples of the same set of near duplicates and of the same group of the
    user's own column do, and so does whatever is linked by a chain of these. In a table whose columns are so coarse
    that equal rows are bound to occur (`twins_are_natural`), equal content does not count: to hold out all equal rows
    together there would hide from a model the very rows that it must learn from. The check `exact_duplicates` tells the
    user so.
    """
    content = content_sets(measurements.content)
    if isinstance(dataset.payload, Table) and twins_are_natural(content, dataset.payload.frame):
        content = np.full(len(dataset), -1)
    sets = None if near is None else near.sets
    groupings = [content, *(codes for codes in (sets, dataset.groups) if codes is not None)]
    return _linked(groupings, len(dataset))


def _linked(groupings: Sequence[Codes], samples: int) -> Codes:
    """Connected components of the graph that ties each sample to the first one of each of its groups."""
    import pandas as pd
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = [_to_first(codes) for codes in groupings]
    one, other = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(samples, samples))
    _, component = connected_components(graph, directed=False)
    return np.asarray(pd.factorize(component)[0], np.int64)


def _to_first(codes: Codes) -> tuple[Codes, Codes]:
    """Samples that have a code, and for each the first sample with the same one."""
    rows = np.flatnonzero(codes >= 0)
    _, first, inverse = np.unique(codes[rows], return_index=True, return_inverse=True)
    return rows, rows[first[inverse]]
