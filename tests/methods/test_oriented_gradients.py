"""Oriented gradients against a pixel-by-pixel loop, and cases by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dataclinic.methods.oriented_gradients import FLAT, LARGEST_SHARE, oriented_gradients
from dataclinic.seeding import rng_for

PICTURES = arrays(np.uint8, st.tuples(st.just(2), st.just(8), st.just(12), st.just(3)))


def by_loop(picture, cell_px, bins):
    """Section 6 of the paper for one picture, a pixel at a time."""
    height, width, channels = picture.shape
    levels = np.sqrt(picture / 255.0)
    cells = np.zeros((height // cell_px, width // cell_px, bins))
    for y in range(height):
        for x in range(width):
            gradients = [
                (
                    levels[min(y + 1, height - 1), x, c] - levels[max(y - 1, 0), x, c],
                    levels[y, min(x + 1, width - 1), c] - levels[y, max(x - 1, 0), c],
                )
                for c in range(channels)
            ]
            down, right = max(gradients, key=lambda pair: np.hypot(*pair))
            place = (np.arctan2(down, right) % np.pi) / np.pi * bins
            low, share = int(place) % bins, place - int(place)
            cells[y // cell_px, x // cell_px, low] += (1 - share) * np.hypot(down, right)
            cells[y // cell_px, x // cell_px, (low + 1) % bins] += share * np.hypot(down, right)
    blocks = []
    for row in range(cells.shape[0] - 1):
        for column in range(cells.shape[1] - 1):
            block = cells[row : row + 2, column : column + 2].ravel()
            block = np.minimum(block / np.sqrt((block**2).sum() + FLAT**2), LARGEST_SHARE)
            blocks.append(block / np.sqrt((block**2).sum() + FLAT**2))
    return np.concatenate(blocks)


def test_agrees_with_the_loop():
    pictures = rng_for(0, "pictures").integers(0, 256, (3, 12, 16, 3)).astype(np.uint8)
    found = oriented_gradients(pictures, cell_px=4, bins=9)
    np.testing.assert_allclose(found, [by_loop(picture, 4, 9) for picture in pictures], atol=2e-4)


@pytest.mark.parametrize(("axis", "bins"), [(1, {0: 1.0}), (0, {4: 0.5, 5: 0.5})])
def test_edges_fall_into_the_bins_of_their_direction(axis, bins):
    """A ramp to the right is at 0°, bin 0; one downwards at 90°, half way between bins 4 (80°) and 5 (100°)."""
    ramp = np.linspace(0, 15, 16) ** 2  # its square root is linear
    picture = np.broadcast_to(ramp[:, None] if axis == 0 else ramp, (16, 16)).astype(np.uint8)
    found = oriented_gradients(np.stack([picture] * 3, axis=-1)[None]).reshape(4, 9)
    energy = found.sum(axis=0) / found.sum()
    for number in range(9):
        assert energy[number] == pytest.approx(bins.get(number, 0), abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(pictures=PICTURES)
def test_blocks_have_norm_at_most_one(pictures):
    blocks = oriented_gradients(pictures, cell_px=4).reshape(len(pictures), -1, 36)
    assert (np.linalg.norm(blocks, axis=2) <= 1 + 1e-5).all()
    assert (blocks >= 0).all()


def test_flat_pictures_are_zeros():
    flat = np.full((2, 16, 16, 3), 200, np.uint8)
    np.testing.assert_array_equal(oriented_gradients(flat), np.zeros((2, 36)))


def test_half_turns_are_the_same_direction():
    pictures = rng_for(0, "pictures").integers(0, 256, (1, 16, 16, 1)).astype(np.uint8)
    turned = oriented_gradients(pictures[:, ::-1, ::-1]).reshape(2, 2, 9)[::-1, ::-1]
    np.testing.assert_allclose(turned.reshape(1, -1), oriented_gradients(pictures), atol=1e-5)
