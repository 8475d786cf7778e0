"""Statistics match definitions written out once more, and hand-worked pictures."""

import colorsys

import numpy as np
import pytest
from PIL import Image

from dataclinic.methods.image_statistics import image_statistics


def plain(colour, height=10, width=20):
    return np.full((height, width, 3), colour, np.uint8)


def test_size_is_that_of_the_whole_picture():
    found = image_statistics(plain((0, 0, 0), height=300, width=600))
    assert (found["width_px"], found["height_px"], found["aspect_ratio"]) == (600, 300, 2)


@pytest.mark.parametrize(
    ("colour", "brightness", "saturation"),
    [((0, 0, 0), 0, 0), ((255, 255, 255), 1, 0), ((255, 0, 0), 76 / 255, 1), ((200, 100, 100), 130 / 255, 0.5)],
)
def test_plain_pictures_have_the_brightness_and_saturation_of_their_colour(colour, brightness, saturation):
    found = image_statistics(plain(colour))
    assert found["brightness"] == pytest.approx(brightness, abs=0.003)
    assert found["saturation"] == pytest.approx(saturation)
    assert found["contrast"] == found["sharpness"] == found["entropy_bits"] == 0


def test_half_black_half_white_by_hand():
    picture = plain((0, 0, 0), height=4, width=4)
    picture[:, 2:] = 255
    found = image_statistics(picture)
    assert found["brightness"] == pytest.approx(0.5)
    assert found["contrast"] == pytest.approx(0.5)
    assert found["entropy_bits"] == pytest.approx(1)
    # Of the inner 2 × 2 pixels two see one white neighbour and two one black: Laplacian ±255.
    assert found["sharpness"] == pytest.approx(255**2)


def test_matches_slow_definitions_on_noise():
    pixels = np.random.default_rng(0).integers(0, 256, (12, 9, 3), dtype=np.uint8)
    found = image_statistics(pixels)
    grey = np.asarray(Image.fromarray(pixels).convert("L")).astype(float)
    laplacian = [
        grey[y - 1, x] + grey[y + 1, x] + grey[y, x - 1] + grey[y, x + 1] - 4 * grey[y, x]
        for y in range(1, 11)
        for x in range(1, 8)
    ]
    _, counts = np.unique(grey, return_counts=True)
    share = counts / grey.size
    hsv = [colorsys.rgb_to_hsv(*(pixel / 255)) for pixel in pixels.reshape(-1, 3)]
    assert found["brightness"] == pytest.approx(grey.mean() / 255)
    assert found["contrast"] == pytest.approx(grey.std() / 255)
    assert found["sharpness"] == pytest.approx(np.var(laplacian))
    assert found["entropy_bits"] == pytest.approx(-(share * np.log2(share)).sum())
    assert found["saturation"] == pytest.approx(np.mean([saturation for _, saturation, _ in hsv]), abs=1e-6)


def test_blurred_picture_is_much_less_sharp():
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    small = Image.fromarray(noise[:40, :40])
    blurred = np.asarray(small.resize((400, 400), Image.Resampling.BICUBIC))
    crisp = np.asarray(small.resize((400, 400), Image.Resampling.NEAREST))
    assert image_statistics(crisp)["sharpness"] > 10 * image_statistics(blurred)["sharpness"]


def test_resolution_hardly_changes_brightness_and_contrast():
    ramp = np.linspace(0, 255, 1000).astype(np.uint8)
    wide = np.repeat(np.tile(ramp, (500, 1))[..., None], 3, axis=2)
    large, small = image_statistics(wide), image_statistics(wide[::4, ::4])
    for name in ("brightness", "contrast", "entropy_bits"):
        assert large[name] == pytest.approx(small[name], rel=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (2, 300), (5000, 1)])
def test_pictures_without_an_inside_have_no_sharpness(shape):
    found = image_statistics(plain((9, 9, 9), *shape))
    assert np.isnan(found["sharpness"])
    assert all(np.isfinite(value) for name, value in found.items() if name != "sharpness")
