"""Which pictures have a size that many others of their data set have too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dataclinic.arrays import Mask, Scores

_FEWEST_ALIKE = 5
"""Fewer of a size are a few thumbnails of one program, whatever their share of a small data set."""


def common_shapes(width_px: Scores, height_px: Scores, share: float) -> Mask:
    """(pictures,) whether `share` of all, five at least, have this very width and height, as of a second camera."""
    sizes = np.stack([width_px, height_px], axis=1)
    _, kinds, counts = np.unique(sizes, axis=0, return_inverse=True, return_counts=True)
    return np.asarray(counts[kinds.ravel()] >= max(share * len(sizes), _FEWEST_ALIKE))
