"""The mirror test knows digits from pictures whose two sides say the same."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from dataclinic.methods.mirror_test import mirrored_keep_class
from dataclinic.seeding import rng_for


def digits():
    found = load_digits()
    return np.repeat((found.images * 15.9).astype(np.uint8)[..., None], 3, axis=3), found.target


def striped(rows, px, seed=0, *, handed=False):
    """Four classes by the place of a bright stripe: its height alone or, handed, whether it is left or right."""
    rng = rng_for(seed, "striped")
    labels = rng.integers(0, 4, rows)
    pixels = rng.integers(0, 120, (rows, px, px, 3))
    for picture, label in zip(pixels, labels, strict=True):
        bright = slice(label * px // 4, (label + 1) * px // 4)
        picture[(slice(None), bright) if handed else bright] += 90
    return pixels.astype(np.uint8), labels


def keep(pixels, labels, rows=None, seed=0):
    rows = np.arange(len(labels)) if rows is None else rows
    return mirrored_keep_class(pixels, rows, labels[rows], rng_for(seed, "mirror"))


@pytest.mark.parametrize("rows", [60, 160, 1797])
def test_mirrored_digits_are_none(rows):
    pixels, labels = digits()
    assert not keep(pixels, labels, np.arange(rows))


@pytest.mark.parametrize("px", [8, 11, 32])
def test_height_says_the_same_in_the_mirror_and_side_does_not(px):
    assert keep(*striped(400, px))
    assert not keep(*striped(400, px, handed=True))


def test_digits_and_their_mirror_images_together_may_be_mirrored():
    pixels, labels = digits()
    assert keep(np.concatenate([pixels, pixels[:, :, ::-1]]), np.concatenate([labels, labels]))


@pytest.mark.parametrize("seed", range(10))
def test_noise_and_labels_without_sense_say_nothing_against_it(seed):
    rng = rng_for(seed, "nonsense")
    pixels = rng.integers(0, 256, (500, 16, 16, 3), dtype=np.uint8)
    assert keep(pixels, rng.integers(0, 5, 500), seed=seed)
    assert keep(digits()[0], rng.integers(0, 10, 1797), seed=seed)


@pytest.mark.parametrize("rows", [0, 1, 2, 5])
def test_too_few_rows_say_nothing_against_it(rows):
    pixels, labels = digits()
    assert keep(pixels, labels, np.arange(rows))


def test_blank_pictures_and_a_single_class_say_nothing_against_it():
    assert keep(np.full((40, 16, 16, 3), 7, np.uint8), np.arange(40) % 2)
    assert keep(digits()[0], np.zeros(1797, np.int64))


def test_a_fifth_of_wrong_labels_changes_nothing():
    pixels, labels = digits()
    rng = rng_for(0, "wrong")
    assert not keep(pixels, np.where(rng.random(1797) < 0.2, rng.integers(0, 10, 1797), labels))


def test_looks_at_the_given_rows_alone():
    pixels, labels = digits()
    rows = np.arange(300)
    others = pixels.copy()
    others[300:] = 255
    relabelled = np.where(np.arange(1797) < 300, labels, 0)
    assert keep(others, relabelled, rows) == keep(pixels, labels, rows)
    others.setflags(write=False)
    assert not keep(others, labels, rows)
