"""Statistics match definitions written out once more, and hand-worked pictures."""

import colorsys
import math

import numpy as np
import pytest
from PIL import Image, ImageFilter

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
    assert all(np.isfinite(value) for name, value in found.items() if name not in {"sharpness", "edge_sharpness"})


def two_halves(left, right, side=64):
    picture = plain(left, side, side)
    picture[:, side // 2 :] = right
    return picture


def test_quantiles_of_luma_by_hand():
    # 10,000 pixels: 9 of level 0 are dust, fewer than a thousandth; of level 51 there are 400, and then come 102s.
    levels = np.repeat(np.array([0, 51, 102, 204, 255], np.uint8), [9, 400, 8000, 1582, 9]).reshape(100, 100)
    found = image_statistics(np.repeat(levels[..., None], 3, axis=2))
    assert (found["darkest"], found["brightness_p5"], found["brightest"]) == (0.2, 0.4, 0.8)
    assert found["colour_span"] == pytest.approx(0.6)


def test_quantiles_of_few_pixels_are_the_extremes():
    found = image_statistics(np.arange(64 * 3, dtype=np.uint8).reshape(8, 8, 3))
    assert found["colour_span"] == pytest.approx((63 * 3) / 255)


def test_two_colours_of_one_luma_span_colours_and_no_luma():
    found = image_statistics(two_halves((150, 0, 0), (0, 77, 0)))
    assert found["brightest"] - found["darkest"] <= 1 / 255
    assert found["colour_span"] == pytest.approx(150 / 255)
    assert found["largest_chroma"] == pytest.approx(150 / 255)


def test_grey_pictures_have_no_chroma_and_one_coloured_pixel_shows():
    picture = two_halves((10, 10, 10), (200, 200, 200))
    assert image_statistics(picture)["largest_chroma"] == 0
    picture[3, 3] = (100, 90, 49)
    assert image_statistics(picture)["largest_chroma"] == pytest.approx(51 / 255)


@pytest.mark.parametrize(("sigma", "expected"), [(1.0, 0.383), (2.0, 0.207), (3.0, 0.162)])
def test_steepness_of_a_blurred_edge_is_that_of_the_formula(sigma, expected):
    # erf(1 / (√8 σ)) / erf(8 / (√8 σ)); the best of the pixels around the edge stands a quarter pixel from it at most.
    middle = np.arange(64) - 31.5
    profile = np.array([math.erf(place / (math.sqrt(2) * sigma)) for place in middle])
    levels = np.round(127.5 + 127 * profile).astype(np.uint8)
    picture = np.repeat(np.tile(levels, (64, 1))[..., None], 3, axis=2)
    assert math.erf(1 / (math.sqrt(8) * sigma)) / math.erf(8 / (math.sqrt(8) * sigma)) == pytest.approx(
        expected, abs=2e-3
    )
    assert image_statistics(picture)["edge_sharpness"] == pytest.approx(expected, abs=0.02)


def test_steepness_matches_slow_differences():
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8))
    pixels = np.asarray(noise.filter(ImageFilter.GaussianBlur(1.5)))
    grey = np.asarray(Image.fromarray(pixels).convert("L")).astype(int)

    def strongest(step):
        rows = [max(abs(line[x + step] - line[x]) for x in range(len(line) - step)) for line in grey]
        columns = [max(abs(line[x + step] - line[x]) for x in range(len(line) - step)) for line in grey.T]
        return sorted(rows + columns)[81]

    assert image_statistics(pixels)["edge_sharpness"] == pytest.approx(strongest(1) / strongest(8))


def test_crisp_edges_are_steep_whatever_their_contrast_and_number():
    for left, right in (((0, 0, 0), (255, 255, 255)), ((100, 100, 100), (120, 120, 120))):
        assert image_statistics(two_halves(left, right))["edge_sharpness"] == 1
    small_subject = plain((90, 90, 90), 200, 200)
    small_subject[80:110, 80:110] = 200
    assert image_statistics(small_subject)["edge_sharpness"] == 1


@pytest.mark.parametrize(
    "picture", [plain((9, 9, 9), 64, 64), two_halves((100,) * 3, (110,) * 3), plain((0,) * 3, 15, 99)]
)
def test_pictures_without_edges_or_room_for_them_have_no_steepness(picture):
    assert np.isnan(image_statistics(picture)["edge_sharpness"])


def test_periodic_stripes_are_never_steeper_than_an_edge():
    stripes = np.where(np.arange(64) % 9 < 4, 255, 0).astype(np.uint8)
    found = image_statistics(np.repeat(np.tile(stripes, (64, 1))[..., None], 3, axis=2))["edge_sharpness"]
    assert found == 1
