"""What a picture looks like in numbers, without any model.

Luma is that of ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B), saturation that of HSV (A. R. Smith, *Color gamut transform
pairs*, SIGGRAPH 1978), sharpness the variance of the Laplacian (J. L. Pech-Pacheco et al., *Diatom autofocusing in
brightfield microscopy*, ICPR 2000) and entropy that of the grey-level histogram (C. E. Shannon, 1948). All but the
size are taken from the picture shrunk to at most 256 px, so that pictures of any resolution compare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Pixels

LONGEST_PX = 256


def image_statistics(pixels: Pixels) -> dict[str, float]:
    """width_px, height_px, aspect_ratio (width / height), brightness, contrast, saturation, sharpness, entropy_bits.

    Brightness is the mean and contrast the standard deviation of luma in [0, 1]; saturation is a mean in [0, 1];
    sharpness has the unit of squared grey levels of 0 … 255, NaN where the picture is less than 3 px high or wide;
    entropy is in [0, 8] bits.
    """
    height, width = pixels.shape[:2]
    small = _shrunk(Image.fromarray(pixels))
    colour = np.asarray(small)
    grey = np.asarray(small.convert("L"))
    return {
        "width_px": float(width),
        "height_px": float(height),
        "aspect_ratio": width / height,
        "brightness": float(grey.mean() / 255),
        "contrast": float(grey.std() / 255),
        "saturation": _saturation(colour),
        "sharpness": _laplacian_variance(grey),
        "entropy_bits": _entropy_bits(grey),
    }


def _shrunk(image: Image.Image) -> Image.Image:
    scale = LONGEST_PX / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _saturation(colour: Pixels) -> float:
    red, green, blue = (colour[..., channel] for channel in range(3))
    most = np.maximum(np.maximum(red, green), blue)
    least = np.minimum(np.minimum(red, green), blue)
    share = np.divide(most - least, most, out=np.zeros(most.shape, np.float32), where=most > 0)
    return float(share.mean())


def _laplacian_variance(grey: NDArray[np.uint8]) -> float:
    if min(grey.shape) < 3:
        return float("nan")
    level = grey.astype(np.int16)
    around = level[:-2, 1:-1] + level[2:, 1:-1] + level[1:-1, :-2] + level[1:-1, 2:]
    return float((around - 4 * level[1:-1, 1:-1]).astype(np.float32).var(dtype=np.float64))


def _entropy_bits(grey: NDArray[np.uint8]) -> float:
    counts = np.bincount(grey.ravel(), minlength=256)
    share = counts[counts > 0] / grey.size
    return float(abs((share * np.log2(share)).sum()))
