"""Pairs of 64-bit hashes that differ in few bits: all pairs in blocks, or 16-bit bands where there are many hashes.

Two hashes that differ in at most 7 bits differ in at most one bit of one of their four bands of 16 bits (pigeonhole;
M. Norouzi, A. Punjani and D. J. Fleet, *Fast Search in Hamming Space with Multi-Index Hashing*, CVPR 2012). So looking
up each band, and the band with each of its bits changed, finds every such pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from dataclinic.arrays import Rows

    _Part: TypeAlias = tuple[Rows, Rows, NDArray[np.uint8], NDArray[np.uint8]]

WIDEST_RADIUS = 7
"""Bits; what one changed bit a band can find."""

ALL_PAIRS_UP_TO = 5_000
"""Hashes; comparing all takes a third of a second, and with more of them bands are sooner."""

MOST_A_HASH = 32
"""Pairs for each hash on average: where there are more, hashes say too little, and the radius shrinks."""

_BLOCK = 2**20
"""Comparisons at once, some 20 MB."""

_BANDS = tuple(np.uint64(shift) for shift in (0, 16, 32, 48))
_CHANGES = (np.uint64(0), *(np.uint64(1 << bit) for bit in range(16)))
_BAND = np.uint64(0xFFFF)


@dataclass(frozen=True)
class HammingPairs:
    """Pairs of rows whose hashes are close, `first` < `second`, in order of both; each pair once.

    `bits` is in how many they differ, in the view of the second that fits best, whose number is `views`. `radius` is
    the one that was searched: the largest that gives no more than `MOST_A_HASH` pairs a hash.
    """

    first: Rows
    second: Rows
    bits: NDArray[np.uint8]
    views: NDArray[np.uint8]
    radius: int


def hamming_pairs(hashes: NDArray[np.uint64], radius: int, *, without: int = 0) -> HammingPairs:
    """All pairs of rows of which the first's plain hash is within `radius` bits of a view of the second.

    Memory grows with the number of hashes, never with its square; time with its square up to `ALL_PAIRS_UP_TO`.

    Args:
        hashes: (samples, views) with the plain hash first; views undo themselves, so that pairs have no direction.
        radius: bits, 0 … `WIDEST_RADIUS`; -1 comes back as the pairs' own where even equal hashes are too many.
        without: value of rows that have no hash; they are in no pair.
    """
    known = np.flatnonzero(hashes[:, 0] != np.uint64(without))
    views = np.ascontiguousarray(hashes[known].T)
    search = _all_pairs if len(known) <= ALL_PAIRS_UP_TO else _banded
    found = _Found(radius, MOST_A_HASH * max(len(known), 1))
    for part in search(views, found):
        found.add(*part)
    first, second, bits, seen = found.pairs(len(known))
    return HammingPairs(known[first], known[second], bits, seen, found.radius)


class _Found:
    """What is found so far within a radius that shrinks whenever it gives more than `most` pairs."""

    def __init__(self, radius: int, most: int) -> None:
        self.radius = radius
        self._most = most
        self._parts: list[_Part] = []
        self._held = 0

    def add(self, first: Rows, second: Rows, bits: NDArray[np.uint8], views: NDArray[np.uint8]) -> None:
        self._parts.append((first, second, bits, views))
        self._held += len(first)
        # Bands and views find a pair more than once: it counts once.
        while self._held > self._most and self.radius >= 0:
            one = self.pairs(1 + max(int(part[1].max(initial=0)) for part in self._parts))
            self._parts, self._held = [one], len(one[0])
            if self._held > self._most:
                self.radius -= 1

    def pairs(self, rows: int) -> _Part:
        """Each pair once, with its fewest bits and the first view that has them."""
        if not self._parts:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8), np.empty(0, np.uint8)
        first, second, bits, views = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        near = bits.astype(np.int64) <= self.radius
        first, second, bits, views = first[near], second[near], bits[near], views[near]
        order = np.lexsort((views, bits, second, first))
        _, once = np.unique((first * rows + second)[order], return_index=True)
        kept = order[once]
        return first[kept], second[kept], bits[kept], views[kept]


def _all_pairs(views: NDArray[np.uint64], found: _Found) -> Iterator[_Part]:
    hashes = views.shape[1]
    height = max(1, _BLOCK // max(hashes, 1))
    for start in range(0, hashes, height):
        plain = views[0, start : start + height, None]
        for view in range(len(views)):
            bits = np.bitwise_count(plain ^ views[view, None, start + 1 :])
            one, other = np.nonzero(bits <= max(found.radius, 0))
            later = other >= one  # columns begin one row after the block does
            one, other = one[later], other[later]
            yield one + start, other + start + 1, bits[one, other], np.full(len(one), view, np.uint8)


def _banded(views: NDArray[np.uint64], found: _Found) -> Iterator[_Part]:
    plain = views[0]
    for shift in _BANDS:
        bands = (plain >> shift) & _BAND
        order = np.argsort(bands, kind="stable")
        starts = np.searchsorted(bands[order], np.arange(2**16 + 1, dtype=np.uint64))
        for view in range(len(views)):
            seen = (views[view] >> shift) & _BAND
            for change in _CHANGES:
                wanted = (seen ^ change).astype(np.int64)
                for one, other in _looked_up(order, starts, wanted):
                    bits = np.bitwise_count(plain[one] ^ views[view, other])
                    near = (bits <= max(found.radius, 0)) & (one < other)
                    yield one[near], other[near], bits[near], np.full(int(near.sum()), view, np.uint8)


def _looked_up(order: Rows, starts: Rows, wanted: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Rows whose band is the one that each row wants, and that row; in parts of bounded size."""
    counts = starts[wanted + 1] - starts[wanted]
    ends = np.cumsum(counts)
    start = 0
    while start < len(wanted):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _BLOCK, side="right")))
        rows = np.arange(start, stop)
        other = np.repeat(rows, counts[rows])
        within = np.arange(len(other)) - np.repeat(ends[rows] - counts[rows] - before, counts[rows])
        yield order[starts[wanted[other]] + within], other
        start = stop
