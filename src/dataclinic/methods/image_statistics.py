"""What a picture looks like in numbers, without any model.

Luma is that of ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B), saturation that of HSV (A. R. Smith, *Color gamut transform
pairs*, SIGGRAPH 1978), sharpness the variance of the Laplacian (J. L. Pech-Pacheco et al., *Diatom autofocusing in
brightfield microscopy*, ICPR 2000) and entropy that of the grey-level histogram (C. E. Shannon, 1948). All but the
size are taken from the picture shrunk to at most 256 px, so that pictures of any resolution compare.

The variance of the Laplacian is small in blurred pictures, but also in sharp ones of a calm scene. Edge sharpness asks
how wide edges are, as P. Marziliano, F. Dufaux, S. Winkler and T. Ebrahimi, *A no-reference perceptual blur metric*,
ICIP 2002, do, but of the strongest alone: how much of their height is climbed within a pixel. We depart from the paper,
which follows every edge to its ends, by comparing differences at a distance of one and of eight pixels. For an ideal
edge under Gaussian blur of σ px this is erf(1 / (√8 σ)) / erf(8 / (√8 σ)): 0.38 at 1 px, 0.21 at 2 px, 0.16 at 3 px.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Pixels

    _Band: TypeAlias = NDArray[np.uint8]

LONGEST_PX = 256

_LEVELS = np.arange(256) / 255

_EXTREME_SHARE = 0.001
"""Share of the pixels beyond `darkest` and `brightest`: dust and hot pixels do not count, thin strokes do."""

_STEP_PX = 8
"""Width within which an edge has risen in full, unless it is badly blurred."""

_FEWEST_PX = 16
"""Shorter sides than this have no room for edges of 8 px beside each other: icons and tiny digits."""

_EDGE_LINES = 0.9
"""Quantile over the lines of a picture: the best tenth decides, as a sharp subject may stand before a soft ground."""

_LOWEST_EDGE = 16
"""Grey levels that an edge must have to be told from noise and the rounding of levels."""


def image_statistics(pixels: Pixels) -> dict[str, float]:
    """Numbers by name: the size, and what is told below of the picture at no more than 256 px.

    width_px, height_px, aspect_ratio (width / height). Of luma in [0, 1]: brightness is the mean, contrast the standard
    deviation; darkest, brightness_p5 and brightest are its quantiles at 0.001, 0.05 and 0.999.
    colour_span is the largest, of red, green and blue, of the distances between the quantiles at 0.001 and 0.999.
    Saturation is a mean in [0, 1]; largest_chroma, in [0, 1], is the largest difference between red, green and blue of
    one pixel, 0 for a picture without colour. Sharpness has the unit of squared grey levels of 0 … 255, NaN where the
    picture is less than 3 px high or wide. edge_sharpness, in (0, 1], is that of the strongest edges, 1 where they rise
    within a pixel; NaN where a side is less than 16 px or no edge is higher than 16 grey levels.
    entropy_bits is in [0, 8].
    """
    height, width = pixels.shape[:2]
    whole = Image.fromarray(pixels)
    small = _shrunk(whole)
    grey = np.asarray(small.convert("L"))
    # Three planes in a row: arithmetic on every third byte is slow.
    red_green_blue = (pixels if small is whole else np.asarray(small)).transpose(2, 0, 1).copy()
    counts = np.array([np.bincount(band.ravel(), minlength=256) for band in (grey, *red_green_blue)], np.float64)
    brightness, contrast = _mean_and_deviation(counts[0])
    up_to = counts.cumsum(axis=1)
    low, high = _levels_at(up_to, _EXTREME_SHARE), _levels_at(up_to, 1 - _EXTREME_SHARE)
    saturation, largest_chroma = _colour(*red_green_blue)
    return {
        "width_px": float(width),
        "height_px": float(height),
        "aspect_ratio": width / height,
        "brightness": brightness,
        "contrast": contrast,
        "saturation": saturation,
        "sharpness": _laplacian_variance(grey),
        "entropy_bits": _entropy_bits(counts[0]),
        "darkest": float(low[0]),
        "brightness_p5": float(_levels_at(up_to[:1], 0.05)[0]),
        "brightest": float(high[0]),
        "colour_span": float((high[1:] - low[1:]).max()),
        "largest_chroma": largest_chroma,
        "edge_sharpness": _edge_sharpness(grey),
    }


def _shrunk(image: Image.Image) -> Image.Image:
    scale = LONGEST_PX / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _mean_and_deviation(counts: NDArray[np.float64]) -> tuple[float, float]:
    """Of luma in [0, 1], from the pixels counted at each of its 256 levels."""
    pixels = counts.sum()
    mean = float(counts @ _LEVELS / pixels)
    away = _LEVELS - mean
    return mean, math.sqrt(counts @ (away * away) / pixels)


def _levels_at(up_to: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Levels in [0, 1] at or below which this share of the pixels lies, one a band of (bands, 256) summed counts."""
    level = (up_to >= share * up_to[:, -1:]).argmax(axis=1)
    return np.asarray(level / 255, np.float64)


def _colour(red: _Band, green: _Band, blue: _Band) -> tuple[float, float]:
    """Mean saturation, and the largest chroma of any pixel."""
    most = np.maximum(np.maximum(red, green), blue)
    chroma = most - np.minimum(np.minimum(red, green), blue)
    share = np.divide(chroma, np.maximum(most, 1), dtype=np.float32)  # black has no chroma either
    return float(share.sum() / share.size), float(chroma.max() / 255)


def _laplacian_variance(grey: NDArray[np.uint8]) -> float:
    if min(grey.shape) < 3:
        return float("nan")
    level = grey.astype(np.int16)
    around = level[:-2, 1:-1] + level[2:, 1:-1] + level[1:-1, :-2] + level[1:-1, 2:]
    laplacian = (around - 4 * level[1:-1, 1:-1]).astype(np.float64).ravel()
    mean = laplacian.sum() / laplacian.size
    return float(laplacian @ laplacian / laplacian.size - mean**2)  # sums of whole numbers: exact


def _entropy_bits(counts: NDArray[np.float64]) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(abs(share @ np.log2(share)))


def _edge_sharpness(grey: NDArray[np.uint8]) -> float:
    if min(grey.shape) < _FEWEST_PX:
        return float("nan")
    near, edge = np.sort([_steepest(grey, 1), _steepest(grey, _STEP_PX)], axis=1)[:, int(_EDGE_LINES * sum(grey.shape))]
    return min(1.0, float(near) / float(edge)) if edge >= _LOWEST_EDGE else float("nan")


def _steepest(grey: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """Largest difference over `step` pixels along each row, and then along each column."""
    along_rows = _difference(grey[:, :-step], grey[:, step:]).max(axis=1)
    along_columns = _difference(grey[:-step], grey[step:]).max(axis=0)
    return np.concatenate((along_rows, along_columns))


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.maximum(one, other) - np.minimum(one, other)
