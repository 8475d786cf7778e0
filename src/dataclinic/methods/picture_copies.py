"""Which pictures show the same: candidates by perceptual hash, or given, measured by correlation of thumbnails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.alike_sets import AlikeSets, Bounds, Likeness, alike_sets
from dataclinic.methods.hamming_pairs import WIDEST_RADIUS, hamming_pairs
from dataclinic.methods.perceptual_hash import NO_HASH, VIEWS
from dataclinic.methods.pixel_stream import map_pictures
from dataclinic.methods.thumbnail_correlation import (
    THUMBNAIL_PX,
    correlations,
    cropped_correlations,
    symmetric_gradients,
    thumbnails,
    turned,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Mask, Rows, Scores
    from dataclinic.methods.pixel_stream import Sources

WAYS = ("resaved", "mirrored", "upside down", "turned by half")
"""In which way pictures are alike, in the order of `perceptual_hash.VIEWS`; a resaved one may be scaled or cropped."""

BOUNDS = Bounds(least=0.95, isolation=3.0)
"""Of 200 pictures each of three sets, 99 % stay above 0.95 after saving as JPEG of quality 75 or cropping by up to 5 %
a side, and 95 % after brightening by 30 % or quality 30, but for photographs of 32 px at quality 30 (0.93). Different
photographs of trousers on the same floor reach 0.94, and different handwritten digits 0.99: those must stand apart."""

_CROPS_FROM = 0.3
"""Likeness as they are from which a crop may explain the rest."""

_CROPS_A_PICTURE = 3
"""Of each picture's best matches that are tried as crops; it takes half a millisecond."""

_BATCH = 64


def picture_copies(
    sources: Sources, hashes: NDArray[np.uint64], candidates: NDArray[np.int64], around: NDArray[np.int64]
) -> AlikeSets:
    """Sets of pictures that show the same; ways are places in `WAYS`.

    Only pictures that may be copies are decoded again, with what surrounds them, as small as they may be.

    Args:
        sources: encoded pictures, all readable.
        hashes: (pictures, views) perceptual hashes.
        candidates: (pairs, 2) rows that may be copies besides those whose hashes are close.
        around: (pictures, k) rows of each one's neighbours, -1 for none.

    Raises:
        UndecodableImage: a picture cannot be decoded after all, e.g. its file has gone.
    """
    close = hamming_pairs(hashes, WIDEST_RADIUS, without=NO_HASH)
    pairs = np.concatenate([np.column_stack([close.first, close.second]), candidates])
    return alike_sets(pairs, around, len(sources), _Thumbnails(sources).likeness, BOUNDS)


class _Thumbnails:
    """Thumbnails of the pictures that were asked for so far."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._place = np.full(len(sources), -1, np.int64)
        self._held = np.empty((0, THUMBNAIL_PX, THUMBNAIL_PX, 3), np.uint8)
        self._gradients = symmetric_gradients(self._held)

    def likeness(self, first: Rows, second: Rows) -> Likeness:
        self._hold(np.union1d(first, second))
        one, other = self._place[first], self._place[second]
        each = correlations(self._gradients, one, other)
        ways = np.nan_to_num(each, nan=-1.0).argmax(axis=0)
        values = each[ways, np.arange(len(first))]
        tried = _best_matches(first, second, values) & (values < BOUNDS.least)
        for view in range(len(VIEWS)):
            pairs = np.flatnonzero(tried & (ways == view))
            cropped = cropped_correlations(self._held[one[pairs]], turned(self._held[other[pairs]], view))
            values[pairs] = np.fmax(values[pairs], cropped)
        return Likeness(np.maximum(values, 0.0), ways)

    def _hold(self, rows: Rows) -> None:
        new = rows[self._place[rows] < 0]
        sources = [self._sources[row] for row in new.tolist()]
        batches = map_pictures(thumbnails, sources, needed_px=2 * THUMBNAIL_PX, batch_size=_BATCH)
        self._place[new] = len(self._held) + np.arange(len(new))
        held = np.concatenate([self._held[:0], *batches])
        self._held = np.concatenate([self._held, held])
        self._gradients = np.concatenate([self._gradients, symmetric_gradients(held)])


def _best_matches(first: Rows, second: Rows, values: Scores) -> Mask:
    """Whether each pair is among the best of one of its two, and alike enough to be a crop."""
    worthy = np.flatnonzero(values >= _CROPS_FROM)
    ends = np.concatenate([first[worthy], second[worthy]])
    pairs = np.concatenate([worthy, worthy])
    order = np.lexsort((pairs, -values[pairs], ends))
    starts = np.flatnonzero(np.diff(ends[order], prepend=-1))
    places = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    best = np.zeros(len(values), bool)
    best[pairs[order[places < _CROPS_A_PICTURE]]] = True
    return best
