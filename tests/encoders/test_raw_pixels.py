"""Pixels come through as they are: cut to the middle square, resized without distortion, in memory or in a file."""

import tempfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from dataclinic.dataset import Images
from dataclinic.encoders import raw_pixels
from dataclinic.encoders.raw_pixels import RawPixels
from dataclinic.features import Pictures
from dataclinic.progress import silent
from dataclinic.seeding import rng_for


def encoded(pixels, form="PNG", **options):
    content = BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(content, form, **options)
    return content.getvalue()


def noise(*shape):
    return rng_for(0, "noise", *shape).integers(0, 256, shape, dtype=np.uint8)


def encode(*sources, image_px=None):
    return RawPixels(image_px).encode(Images(sources), device="cpu", seed=0, progress=silent)


def pixels_of(*sources, image_px=None):
    features = encode(*sources, image_px=image_px).features
    assert isinstance(features, Pictures)
    return features.pixels


def test_pictures_of_that_size_come_through_unchanged():
    pictures = noise(5, 32, 32, 3)
    found = pixels_of(*map(encoded, pictures))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, pictures)


@pytest.mark.parametrize("upright", [True, False])
def test_a_longer_side_loses_its_ends(upright):
    picture = noise(32, 48, 3)
    turned = picture.transpose(1, 0, 2) if upright else picture
    expected = turned[8:40] if upright else turned[:, 8:40]
    np.testing.assert_array_equal(pixels_of(encoded(turned))[0], expected)


def test_a_circle_in_a_wide_picture_stays_a_circle():
    down, right = np.mgrid[:60, :100]
    picture = np.where((down - 29.5) ** 2 + (right - 49.5) ** 2 < 20**2, 255, 0)
    found = pixels_of(encoded(np.repeat(picture[:, :, None], 3, axis=2)), image_px=30)[0, :, :, 0] > 127
    assert abs(int(found.any(axis=0).sum()) - int(found.any(axis=1).sum())) <= 1
    assert found.any(axis=0).sum() == pytest.approx(20, abs=1)


def test_fine_stripes_become_grey_not_a_pattern():
    """Without antialiasing every other column would win."""
    stripes = np.zeros((64, 64, 3))
    stripes[:, ::2] = 255
    inner = pixels_of(encoded(stripes), image_px=16)[0, 2:-2, 2:-2]
    assert (abs(inner.astype(int) - 127) < 12).all()


def test_transparent_and_turned_pictures_are_seen_as_a_viewer_shows_them():
    clear = np.dstack([noise(32, 32, 3), np.zeros((32, 32), np.uint8)])
    assert (pixels_of(encoded(clear)) == 255).all()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    picture = noise(32, 32, 3)
    np.testing.assert_array_equal(pixels_of(encoded(picture, exif=exif))[0], np.rot90(picture, -1))


@pytest.mark.parametrize(
    ("sides", "px"),
    [((8,), 16), ((1,), 16), ((28,), 32), ((32,), 32), ((41,), 48), ((96, 32, 32), 32), ((500,), 224), ((230,), 224)],
)
def test_size_follows_the_median_shorter_side(sides, px):
    sources = [encoded(np.zeros((side, side + 20 * place, 3))) for place, side in enumerate(sides)]
    found = encode(*sources)
    assert found.features.pixels.shape == (len(sides), px, px, 3)
    assert found.description == f"raw pixels, {px} px"


def test_size_that_was_asked_for_wins():
    assert pixels_of(encoded(noise(32, 32, 3)), image_px=24).shape == (1, 24, 24, 3)


def test_size_is_chosen_from_a_few_of_many_whatever_their_order(monkeypatch, tmp_path):
    monkeypatch.setattr(raw_pixels, "LOOK_AT", 5)
    contents = [encoded(noise(side, side, 3)) for side in (16,) * 20 + (64,) * 20]
    paths = []
    for place, content in enumerate(contents):
        paths.append(tmp_path / f"{place}.png")
        paths[-1].write_bytes(content)
    opened = []
    shorter_side = raw_pixels._shorter_side
    monkeypatch.setattr(raw_pixels, "_shorter_side", lambda source: opened.append(source) or shorter_side(source))
    for sources in (contents, paths):
        opened.clear()
        first = pixels_of(*sources)
        assert len(opened) == 5
        np.testing.assert_array_equal(pixels_of(*sources[::-1])[::-1], first)


def test_large_jpeg_is_close_to_its_full_decode():
    down, right = np.mgrid[:1200, :1600]
    picture = np.stack([down / 1200, right / 1600, (down + right) / 2800], axis=2) * 255
    small = pixels_of(encoded(picture, "JPEG", quality=95), image_px=64)[0].astype(int)
    whole = np.asarray(Image.fromarray(picture.astype(np.uint8)).crop((200, 0, 1400, 1200)).resize((64, 64)))
    assert np.abs(small - whole).max() < 6


def test_more_than_memory_should_hold_lies_in_a_file_that_leaves_nothing_behind(monkeypatch, tmp_path):
    pictures = noise(70, 16, 16, 3)
    sources = [*map(encoded, pictures)]
    monkeypatch.setattr(raw_pixels, "MOST_IN_MEMORY", 1000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = pixels_of(*sources)
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, pictures)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_kept_between_runs_and_fits_share_one_array():
    assert RawPixels().identity(device="cpu") is None
    features = encode(encoded(noise(16, 16, 3))).features
    assert features.frozen
    np.testing.assert_allclose(features.vectors(np.arange(1))[0], features.pixels.reshape(-1) / 127.5 - 1, atol=1e-6)


def test_tells_how_far_it_is():
    told = []
    sources = [encoded(noise(16, 16, 3))] * 70
    RawPixels().encode(Images(tuple(sources)), device="cpu", seed=0, progress=lambda *now: told.append(now))
    assert told == [("encode images", 64, 70), ("encode images", 70, 70)]
