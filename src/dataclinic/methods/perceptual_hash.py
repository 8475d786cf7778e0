"""Perceptual hashes: 64 bits of what a picture shows, nearly the same after saving, scaling or brightening it.

The sign of each low frequency of the cosine transform about their median, after C. Zauner, *Implementation and
Benchmarking of Perceptual Image Hash Functions*, 2010, section 3.2.1 (DCT hash). Two departures:

- To mirror a picture left to right changes the sign of every odd horizontal frequency, and to turn it upside down that
  of every odd vertical one. So the hashes of all `VIEWS` come from a single transform.
- A picture without contrast has no hash: its bits would be rounding, and all blank pictures would be alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Pixels

VIEWS = ("as it is", "mirrored", "upside down", "turned by half")
"""Of a picture, in the order of its hashes; each undoes itself, and the last is the two before it together."""

NO_HASH = 0
"""In place of every hash of a picture without contrast; the mean's bit keeps a true hash from being 0."""

SIDE_PX = 32
"""Square that a picture is stretched to before the transform: the hash's shortest wave is then 8 pixels long."""

_KEPT = 8
"""Lowest frequencies each way."""

_LEAST_CONTRAST = 1.0
"""Standard deviation in grey levels of 0 … 255; below it the noise of saving decides the bits."""


def perceptual_hashes(pixels: Pixels) -> NDArray[np.uint64]:
    """(views,) uint64 in the order of `VIEWS`, all `NO_HASH` where the picture has no contrast.

    The first hash of one picture is compared with all those of another: so a mirrored copy is found as well.
    """
    size = (SIDE_PX, SIDE_PX)
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    grey = np.asarray(small.convert("L"), np.float64)
    if grey.std() < _LEAST_CONTRAST:
        return np.full(len(VIEWS), NO_HASH, np.uint64)
    spectrum = _COSINES @ grey @ _COSINES.T
    return np.array([_bits(spectrum * signs) for signs in _SIGNS], np.uint64)


def _cosines() -> NDArray[np.float64]:
    """(kept, side) first rows of the orthogonal DCT-II, but for their lengths, which change no sign about 0."""
    place = np.arange(SIDE_PX) + 0.5
    return np.cos(np.pi / SIDE_PX * np.outer(np.arange(_KEPT), place))


def _bits(spectrum: NDArray[np.float64]) -> int:
    waves = spectrum.ravel()[1:]
    above = np.concatenate([[True], waves > np.median(waves)])
    return int.from_bytes(np.packbits(above).tobytes())


_COSINES = _cosines()
_ODD = np.where(np.arange(_KEPT) % 2, -1.0, 1.0)
_SIGNS = (
    np.ones((_KEPT, _KEPT)),
    np.tile(_ODD, (_KEPT, 1)),
    np.tile(_ODD[:, None], (1, _KEPT)),
    np.outer(_ODD, _ODD),
)
"""What each view multiplies the frequencies by; rows are vertical ones."""
