"""How alike two pictures look: correlation of the gradients of small thumbnails, at the best of a few alignments.

Gradient correlation (G. P. Penney et al., *A comparison of similarity measures for use in 2-D–3-D medical image
registration*, IEEE Transactions on Medical Imaging 17(4), 1998), over the differences between neighbouring pixels of a
16 × 16 RGB thumbnail. Grey levels themselves correlate whenever both pictures show something dark on something bright;
edges must lie in the same places. Neither brightness, contrast nor a tint counts.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Pixels, Rows, Scores, Vectors

THUMBNAIL_PX = 32
"""Side of the thumbnails that are kept; crops are cut from these."""

COMPARED_PX = 16
"""Side at which they are compared."""

CROPS = (0.0, 0.02, 0.04, 0.06)
"""Shares of the height or width that may have been cut off at each side."""

_TURNS = 2
"""Of the search for a crop; a third changes nothing worth its time."""

_LEAST_CONTRAST = 1.0
"""Root mean square of the differences, in levels of 0 … 255: below it a thumbnail shows nothing to correlate."""

_BLOCK = 1024
"""Pairs at once, some 50 MB."""


def thumbnails(pictures: Sequence[Pixels]) -> NDArray[np.uint8]:
    """(pictures, 32, 32, 3) stretched to a square, whatever their aspect."""
    size = (THUMBNAIL_PX, THUMBNAIL_PX)
    small = [Image.fromarray(one).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0) for one in pictures]
    return np.stack([np.asarray(one) for one in small]) if small else np.empty((0, *size, 3), np.uint8)


def turned(pictures: NDArray[np.uint8], view: int) -> NDArray[np.uint8]:
    """(pictures, height, width, 3) in one of `perceptual_hash.VIEWS`."""
    mirrored = pictures[:, :, ::-1] if view & 1 else pictures
    return mirrored[:, ::-1] if view & 2 else mirrored


def symmetric_gradients(small: NDArray[np.uint8]) -> Vectors:
    """(pictures, 1440) gradients of length 1, NaN where there are none, in parts that each view keeps or negates.

    Any gradient is the sum of one that a mirror keeps and one that it negates, and of either upside down. So the
    correlations in all four views are sums of the same four products, with other signs.
    """
    found = np.empty((len(small), int(_STARTS[-1])), np.float32)
    for start in range(0, len(small), _BLOCK):
        part = slice(start, start + _BLOCK)
        found[part] = _by_symmetry(_gradients(_squeezed(_floats(small[part]), _WHOLE, _WHOLE)))
    return found


def correlations(gradients: Vectors, first: Rows, second: Rows) -> NDArray[np.float64]:
    """(views, pairs) in [-1, 1], of pictures at `first` with each view of those at `second`; NaN where one is blank."""
    found = np.empty((len(_SIGNS), len(first)))
    for start in range(0, len(first), _BLOCK):
        part = slice(start, start + _BLOCK)
        products = gradients[first[part]] * gradients[second[part]]
        found[:, part] = _SIGNS @ np.add.reduceat(products, _STARTS[:-1], axis=1).T
    return np.clip(found, -1.0, 1.0)


def cropped_correlations(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Scores:
    """(pairs,) of (pairs, 32, 32, 3) thumbnails, of which one may be cut out of the other by up to 6 % a side.

    What is cut off left and right, then at top and bottom, is searched in turns on the grey thumbnails, twice each.
    """
    found = np.empty(len(one))
    for start in range(0, len(one), _BLOCK):
        part = slice(start, start + _BLOCK)
        mine, theirs = _floats(one[part]), _floats(other[part])
        found[part] = np.fmax(_cut_to_fit(mine, theirs), _cut_to_fit(theirs, mine))
    return np.clip(found, -1.0, 1.0)


def _cut_to_fit(whole: Vectors, cut: Vectors) -> Scores:
    """Correlation of each of `whole`, cropped as fits best, with each of `cut`."""
    grey = whole.mean(axis=3, keepdims=True)
    wanted = _gradients(_squeezed(cut.mean(axis=3, keepdims=True), _WHOLE, _WHOLE))
    down = across = np.broadcast_to(_WHOLE, (len(whole), *_WHOLE.shape))
    for _ in range(_TURNS):
        rows = _mixed(down, grey)
        across = _best([_gradients(_mixed_across(choice, rows)) for choice in _SQUEEZED], wanted)
        columns = _mixed_across(across, grey)
        down = _best([_gradients(_mixed(choice, columns)) for choice in _SQUEEZED], wanted)
    fitted = _gradients(_squeezed(whole, down, across))
    return np.asarray(np.einsum("pc,pc->p", fitted, _gradients(_squeezed(cut, _WHOLE, _WHOLE))), np.float64)


def _best(choices: Sequence[Vectors], wanted: Vectors) -> Vectors:
    """(pairs, 16, 32): for each pair the one of `_SQUEEZED` whose gradients correlate most."""
    scores = np.stack([np.einsum("pc,pc->p", one, wanted) for one in choices])
    return np.asarray(_SQUEEZED[np.nan_to_num(scores, nan=-1.0).argmax(axis=0)], np.float32)


def _floats(pictures: NDArray[np.uint8]) -> Vectors:
    return pictures.astype(np.float32)


def _squeezed(pictures: Vectors, down: Vectors, across: Vectors) -> Vectors:
    return _mixed_across(across, _mixed(down, pictures))


def _mixed(down: Vectors, pictures: Vectors) -> Vectors:
    """Rows mixed by `down`, (16, 32) or one such matrix a picture."""
    pairs, height, width, channels = pictures.shape
    rows = down @ pictures.reshape(pairs, height, -1)
    return np.asarray(rows.reshape(pairs, -1, width, channels), np.float32)


def _mixed_across(across: Vectors, pictures: Vectors) -> Vectors:
    """Columns mixed in the same way."""
    mixing = across[:, None] if across.ndim == 3 else across
    return np.asarray(mixing @ pictures, np.float32)


def _gradients(pictures: Vectors) -> Vectors:
    """(pictures, numbers) differences to the next pixel, across and down, together of length 1."""
    across, down = np.diff(pictures, axis=2), np.diff(pictures, axis=1)
    flat = np.concatenate([side.reshape(len(pictures), -1) for side in (across, down)], axis=1)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    blank = lengths < _LEAST_CONTRAST * np.sqrt(flat.shape[1])
    return np.asarray(flat / np.where(blank, np.float32(np.nan), lengths), np.float32)


def _by_symmetry(flat: Vectors) -> Vectors:
    """Gradients in the order of `_SIGNS`' columns: kept by both mirrors, negated by the first, the second, both."""
    middle = COMPARED_PX * (COMPARED_PX - 1) * 3
    across = flat[:, :middle].reshape(-1, COMPARED_PX, COMPARED_PX - 1, 3)
    down = flat[:, middle:].reshape(-1, COMPARED_PX - 1, COMPARED_PX, 3)
    parts: list[list[Vectors]] = [[], [], [], []]
    # Differences across change their sign in a mirror, and those down when turned upside down.
    for gradients, changed in ((across, 1), (down, 2)):
        for by_mirror, half in enumerate(_even_and_odd(gradients, axis=2)):
            for by_turn, quarter in enumerate(_even_and_odd(half, axis=1)):
                parts[(by_mirror + 2 * by_turn) ^ changed].append(quarter.reshape(len(flat), -1))
    return np.hstack([one for part in parts for one in part])


def _even_and_odd(values: Vectors, axis: int) -> tuple[Vectors, Vectors]:
    """What reversing `axis` keeps, and what it negates; together as long as before."""
    half, middle = np.divmod(values.shape[axis], 2)
    front, centre, back = np.split(values, [half, half + middle], axis=axis)
    back = np.flip(back, axis)
    root = np.float32(0.5**0.5)
    return np.concatenate([(front + back) * root, centre], axis=axis), (front - back) * root


_SIGNS = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]], np.float64)
"""What each view does to each part."""

_HALF = COMPARED_PX // 2
_STARTS = np.cumsum([0, *(3 * _HALF * columns for columns in (2 * _HALF - 2, 2 * _HALF - 1, 2 * _HALF - 1, 2 * _HALF))])
"""Where each part begins, and where the last one ends."""


def _mixing(before: float, after: float) -> Vectors:
    """(16, 32): each of 16 cells' share in each of 32 pixels, once `before` and `after` are cut off."""
    edges = THUMBNAIL_PX * np.linspace(before, 1 - after, COMPARED_PX + 1)
    pixel = np.arange(THUMBNAIL_PX)
    shared = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    shares = np.maximum(shared, 0)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


_SQUEEZED = np.stack([_mixing(before, after) for before, after in product(CROPS, CROPS)])
_WHOLE = _SQUEEZED[0]
