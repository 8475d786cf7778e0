"""The middle square of a picture, against Pillow's resampling."""

import numpy as np
import pytest
from PIL import Image

from dataclinic.methods.square_pictures import SquareView
from dataclinic.seeding import rng_for


def picture(height, width):
    return rng_for(0, "picture", height, width).integers(0, 256, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize(("shape", "px"), [((300, 300), 224), ((64, 64), 100), ((700, 700), 32)])
def test_agrees_with_pillow(interpolation, shape, px):
    pixels = picture(*shape)
    expected = Image.fromarray(pixels).resize((px, px), Image.Resampling[interpolation.upper()])
    found = SquareView(px, 1.0, interpolation).of(pixels)
    assert found.shape == (3, px, px)
    assert np.abs(found.transpose(1, 2, 0).astype(int) - np.asarray(expected)).max() <= 2


def test_the_middle_is_cut_out():
    pixels = picture(40, 80)
    found = SquareView(20, 0.5, "bilinear").of(pixels)
    np.testing.assert_array_equal(found.transpose(1, 2, 0), pixels[10:30, 30:50])


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 2)])
def test_any_shape_gives_a_square(shape):
    assert SquareView(16, 0.875, "bicubic").of(picture(*shape)).shape == (3, 16, 16)


def test_a_batch_is_its_pictures():
    view, pictures = SquareView(8, 0.9, "bicubic"), [picture(20, 30), picture(9, 9)]
    np.testing.assert_array_equal(view.batch(pictures), np.stack([view.of(pixels) for pixels in pictures]))
