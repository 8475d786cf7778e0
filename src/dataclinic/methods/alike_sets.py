"""From pairs that may be copies to sets that are: each pair is measured, then what surrounds it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dataclinic.methods.bounded_groups import bounded_groups
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Mask, Rows, Scores

REFERENCES = 32
"""Samples drawn at random that every possible copy is compared with too, in case it has no neighbours."""

_MOST_LINKED = 100
"""Samples of one connected component between which every pair is measured; in larger ones, those listed."""


@dataclass(frozen=True)
class Likeness:
    """How alike pairs are: (pairs,) in [0, 1], NaN where it cannot be told, and the number of the way they are."""

    values: Scores
    ways: Codes


class Measure(Protocol):
    """Compares samples at rows `first` with those at rows `second`, pair by pair; the order within a pair is free."""

    def __call__(self, first: Rows, second: Rows) -> Likeness: ...


@dataclass(frozen=True)
class Bounds:
    """`least` likeness of any two in a set, and how many times as far as those any other sample must be."""

    least: float
    isolation: float


@dataclass(frozen=True)
class AlikeSets:
    """`sets` is (samples,), -1 for those alone; and every pair within a set, with its likeness and way."""

    sets: Codes
    first: Rows
    second: Rows
    likeness: Likeness


def alike_sets(
    pairs: NDArray[np.int64], around: NDArray[np.int64], samples: int, measure: Measure, bounds: Bounds
) -> AlikeSets:
    """Sets of samples that are all alike, and unlike everything around them (`bounded_groups`).

    Args:
        pairs: (pairs, 2) rows that may be copies of each other, in any order, some perhaps twice.
        around: (samples, k) rows of each sample's neighbours, -1 for none: those of possible copies are compared too.
        samples: how many there are.
        measure: tells how alike two samples are.
        bounds: of the sets.
    """
    listed = _once(pairs, samples)
    found = measure(*listed.T)
    copies = listed[found.values >= bounds.least]
    more = _without(np.concatenate([_linked(copies, samples), _surrounding(copies, around, samples)]), listed, samples)
    measured = np.concatenate([listed, more])
    beyond = measure(*more.T)
    likeness = Likeness(np.concatenate([found.values, beyond.values]), np.concatenate([found.ways, beyond.ways]))
    first, second = measured.T
    bound = 1.0 - bounds.least
    sets = bounded_groups(first, second, 1.0 - likeness.values, samples, bound=bound, isolation=bounds.isolation)
    within = _same_set(sets, measured)
    first, second = measured[within].T
    return AlikeSets(sets, first, second, Likeness(likeness.values[within], likeness.ways[within]))


def _once(pairs: NDArray[np.int64], samples: int) -> NDArray[np.int64]:
    """Each pair once, the lower row first, in order; none of a row with itself or with no row."""
    ordered = np.sort(pairs.reshape(-1, 2).astype(np.int64), axis=1)
    real = ordered[(ordered[:, 0] >= 0) & (ordered[:, 0] < ordered[:, 1])]
    return np.column_stack(np.divmod(np.unique(real @ (samples, 1)), samples)).astype(np.int64)


def _without(pairs: NDArray[np.int64], listed: NDArray[np.int64], samples: int) -> NDArray[np.int64]:
    pairs = _once(pairs, samples)
    return pairs[~np.isin(pairs @ (samples, 1), listed @ (samples, 1))]


def _linked(copies: NDArray[np.int64], samples: int) -> NDArray[np.int64]:
    """Every pair of samples that a chain of copies links."""
    graph = coo_array((np.ones(len(copies), np.int8), tuple(copies.T)), shape=(samples, samples))
    _, component = connected_components(graph, directed=False)
    members = np.unique(copies)
    members = members[np.argsort(component[members], kind="stable")]
    starts = np.flatnonzero(np.diff(component[members], prepend=-1))
    parts = np.split(members, starts[1:]) if len(starts) else []
    pairs = [pair for part in parts if 2 < len(part) <= _MOST_LINKED for pair in combinations(part.tolist(), 2)]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _surrounding(copies: NDArray[np.int64], around: NDArray[np.int64], samples: int) -> NDArray[np.int64]:
    """Each possible copy with its neighbours, and with samples drawn at random."""
    rows = np.unique(copies)
    drawn = rng_for(0, "alike sets").choice(samples, min(REFERENCES, samples), replace=False)
    beside = np.hstack([around[rows], np.broadcast_to(drawn, (len(rows), len(drawn)))])
    return np.column_stack([np.repeat(rows, beside.shape[1]), beside.ravel()])


def _same_set(sets: Codes, pairs: NDArray[np.int64]) -> Mask:
    first, second = sets[pairs].T
    return np.asarray((first >= 0) & (first == second), bool)
