"""Hashes survive what leaves a picture the same, and those of views are the hashes of turned pictures."""

import numpy as np
import pytest
from scipy.fft import dctn

from dataclinic.methods.perceptual_hash import NO_HASH, VIEWS, perceptual_hashes
from made_scenes import EDITS, pixels, scene


def bits(one, other):
    return int(np.bitwise_count(one ^ other))


def test_is_the_sign_of_low_frequencies_about_their_median():
    grey = np.random.default_rng(0).integers(0, 256, (32, 32), dtype=np.uint8)
    waves = dctn(grey.astype(float), type=2)[:8, :8].ravel()[1:]
    expected = "1" + "".join("1" if wave > np.median(waves) else "0" for wave in waves)
    assert f"{int(perceptual_hashes(np.dstack([grey] * 3))[0]):064b}" == expected


@pytest.mark.parametrize("seed", range(5))
def test_views_are_the_hashes_of_turned_pictures(seed):
    picture = np.random.default_rng(seed).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    turned = (picture, picture[:, ::-1], picture[::-1], picture[::-1, ::-1])
    hashes = perceptual_hashes(picture)
    assert hashes.dtype == np.uint64
    assert len(hashes) == len(VIEWS)
    assert [int(one) for one in hashes] == [int(perceptual_hashes(np.ascontiguousarray(one))[0]) for one in turned]


@pytest.mark.parametrize("edit", EDITS)
def test_edits_change_few_bits_of_the_view_they_are(edit):
    view = VIEWS.index(edit) if edit in VIEWS else 0
    apart = [
        bits(perceptual_hashes(pixels(scene(seed)))[0], perceptual_hashes(pixels(EDITS[edit](scene(seed))))[view])
        for seed in range(20)
    ]
    assert np.median(apart) <= 7


def test_different_pictures_differ_in_many_bits():
    hashes = [perceptual_hashes(pixels(scene(seed)))[0] for seed in range(40)]
    apart = [bits(one, other) for place, one in enumerate(hashes) for other in hashes[:place]]
    assert min(apart) > 7
    assert 28 < np.mean(apart) < 36


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_pictures_have_no_hash(level):
    blank = np.full((40, 30, 3), level, np.uint8)
    blank[0, 0] = min(level + 2, 255)
    assert perceptual_hashes(blank).tolist() == [NO_HASH] * 4
    assert NO_HASH not in perceptual_hashes(pixels(scene(0))).tolist()


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (3, 2), (2000, 3)])
def test_odd_shapes_have_hashes_too(shape):
    assert perceptual_hashes(np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)).shape == (4,)
