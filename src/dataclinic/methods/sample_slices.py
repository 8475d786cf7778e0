"""Ways of cutting samples into slices: by value, by place in an order, and by likeness of their vectors.

Intervals of an order are dyadic, halves down to sixteenths, so that a stretch of any length fills one of them to a good
part, as in multi-scale scans (E. Arias-Castro, D. Donoho & X. Huo, "Near-optimal detection of geometric objects by fast
multiscale methods", IEEE Trans. Information Theory 51, 2005). Clusters are those of k-means (S. Lloyd, "Least squares
quantization in PCM", IEEE Trans. Information Theory 28, 1982) on vectors of unit length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.arrays import Codes, Rows, Scores, Vectors

FINEST = 16
"""Intervals of an order; with more, each would hold too few samples to say anything."""

MOST_FITTED = 4000
"""Samples that cluster centres are learned from: their places hardly move with more."""


@dataclass(frozen=True)
class Cut:
    """Slices that do not overlap: `codes` is (samples,), the place of each in `names`, -1 where it is in none.

    Slices of the same `kind` say the same thing at several scales: only the clearest of those that share samples is
    told.
    """

    kind: str
    codes: Codes
    names: tuple[str, ...]


def value_cut(kind: str, codes: Codes, levels: Sequence[str], *, fewest: int, most: int) -> Cut | None:
    """One slice a level with at least `fewest` samples, the `most` frequent ones; None where all samples are in one.

    `codes` is (samples,), the place of each sample's value in `levels`; -1 and the level "" are no value.
    """
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    order = sorted(range(len(levels)), key=lambda code: (-counts[code], levels[code]))
    kept = [code for code in order if counts[code] >= fewest and levels[code]][:most]
    if not kept or counts[kept[0]] == len(codes):
        return None
    place = np.full(len(levels) + 1, -1)
    place[kept] = np.arange(len(kept))
    return Cut(kind, place[codes], tuple(f"{kind} '{levels[code]}'" for code in kept))


def order_cuts(kind: str, positions: Scores, *, fewest: int) -> Iterator[Cut]:
    """Halves, quarters, … of the samples in the order of `positions`; ties stay together, NaN is in none."""
    known = np.flatnonzero(~np.isnan(positions))
    ranks = np.searchsorted(np.sort(positions[known]), positions[known], side="left") / max(len(known), 1)
    parts = 2
    while parts <= FINEST and len(known) >= parts * fewest:
        codes = np.full(len(positions), -1)
        codes[known] = np.minimum(ranks * parts, parts - 1).astype(np.int64)
        names = tuple(f"{kind} {100 * part / parts:.0f}–{100 * (part + 1) / parts:.0f} %" for part in range(parts))
        yield Cut(kind, codes, names)
        parts *= 2


def cluster_cut(vectors: Vectors, clusters: int, *, order: Rows, names: Sequence[str], seed: int) -> Cut:
    """`clusters` k-means clusters, each named after the sample nearest to its centre.

    `order` is the order in which samples are looked at, which decides where k-means starts; `names` are of all samples.
    """
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    fitted = order[np.linspace(0, len(order) - 1, min(len(order), MOST_FITTED)).astype(np.int64)]
    with threadpool_limits(1):
        model = KMeans(clusters, n_init=1, max_iter=50, random_state=seed).fit(unit[fitted])
    centres = model.cluster_centers_.astype(np.float32)
    distances = (centres**2).sum(axis=1) - 2 * (unit @ centres.T)
    codes = np.argmin(distances, axis=1).astype(np.int64)
    # in the given order, so that the name of a tie is always the same one
    nearest = order[np.argmin(distances[order], axis=0)]
    return Cut("cluster", codes, tuple(f"cluster of samples like '{names[row]}'" for row in nearest))
