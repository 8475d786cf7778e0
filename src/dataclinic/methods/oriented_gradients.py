"""Histograms of oriented gradients: which way the edges run in each part of a picture.

N. Dalal and B. Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005, sections 6.1 to 6.4:
square-root compression, centred differences, the channel with the largest gradient, unsigned orientations shared
between the two nearest bins, overlapping 2 × 2 blocks of cells normalised by L2-Hys. We depart from it in sharing
nothing between neighbouring cells and in weighting no pixel by its place in the block, which buys speed; bins are
centred on 0, π / bins, 2π / bins …
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Vectors

LARGEST_SHARE = 0.2
"""L2-Hys clips the normalised histogram here (section 6.4)."""

FLAT = 1e-2
"""Added to a block's norm, in units of √intensity, so that the noise of flat areas is not blown up."""


def oriented_gradients(pictures: NDArray[np.uint8], *, cell_px: int = 8, bins: int = 9) -> Vectors:
    """(pictures, blocks × 4 × bins) float32, each block of norm at most 1; zeros where a block is flat.

    Args:
        pictures: (pictures, height, width, channels); both sides are multiples of `cell_px`, at least two cells.
        cell_px: side of a cell.
        bins: orientations in half a turn.
    """
    cells = _cell_histograms(*_gradients(pictures), cell_px, bins)
    corners = (cells[:, :-1, :-1], cells[:, :-1, 1:], cells[:, 1:, :-1], cells[:, 1:, 1:])
    clipped = np.minimum(_unit(np.concatenate(corners, axis=-1)), LARGEST_SHARE)
    return np.asarray(_unit(clipped).reshape(len(pictures), -1), np.float32)


def _gradients(pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(pictures, height, width) length, and angle in [0, π), of the channel whose gradient is longest."""
    compressed = np.sqrt(pictures.astype(np.float32) / 255)
    padded = np.pad(compressed, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    right = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    lengths = np.hypot(down, right)
    longest = lengths.argmax(axis=-1, keepdims=True)
    down, right, length = (np.take_along_axis(part, longest, axis=-1)[..., 0] for part in (down, right, lengths))
    return length, np.arctan2(down, right) % np.float32(np.pi)


def _cell_histograms(
    length: NDArray[np.float32], angle: NDArray[np.float32], cell_px: int, bins: int
) -> NDArray[np.float32]:
    """(pictures, cells down, cells across, bins): gradient length by orientation."""
    count, height, width = length.shape
    rows, columns = height // cell_px, width // cell_px
    picture = np.arange(count)[:, None, None] * rows
    row = (np.arange(height) // cell_px)[None, :, None]
    cell = (picture + row) * columns + (np.arange(width) // cell_px)[None, None, :]
    place = angle * np.float32(bins / np.pi)
    below = np.floor(place).astype(np.int64)
    share = place - below
    size = count * rows * columns * bins
    total = np.bincount((cell * bins + below % bins).ravel(), (length * (1 - share)).ravel(), size)
    total += np.bincount((cell * bins + (below + 1) % bins).ravel(), (length * share).ravel(), size)
    return np.asarray(total.reshape(count, rows, columns, bins), np.float32)


def _unit(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(blocks / np.sqrt(np.square(blocks).sum(axis=-1, keepdims=True) + FLAT**2), np.float32)
