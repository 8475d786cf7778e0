"""Correlations are those of turned and cropped pictures, computed at once."""

import numpy as np
import pytest

from dataclinic.methods.perceptual_hash import VIEWS
from dataclinic.methods.thumbnail_correlation import (
    correlations,
    cropped_correlations,
    symmetric_gradients,
    thumbnails,
    turned,
)
from made_scenes import EDITS, cropped, pixels, scene


def by_hand(one, other):
    """Correlation of the differences between neighbouring 2 × 2 means."""
    sides = []
    for small in (one, other):
        means = small.reshape(16, 2, 16, 2, 3).mean(axis=(1, 3))
        sides.append(np.concatenate([np.diff(means, axis=1).ravel(), np.diff(means, axis=0).ravel()]))
    return sides[0] @ sides[1] / np.linalg.norm(sides[0]) / np.linalg.norm(sides[1])


def likeness(one, other):
    small = thumbnails([pixels(one), pixels(other)])
    return correlations(symmetric_gradients(small), np.array([0]), np.array([1]))[:, 0]


def test_every_view_matches_turning_the_picture():
    small = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    first, second = np.array([0, 0, 2, 3]), np.array([0, 1, 3, 1])
    found = correlations(symmetric_gradients(small), first, second)
    for view in range(len(VIEWS)):
        seen = turned(small, view)
        expected = [
            by_hand(small[one].astype(float), seen[other].astype(float))
            for one, other in zip(first, second, strict=True)
        ]
        np.testing.assert_allclose(found[view], expected, atol=2e-6)


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit != "cropped a little"])
def test_edits_are_alike_in_their_view(edit):
    view = VIEWS.index(edit) if edit in VIEWS else 0
    assert min(likeness(scene(seed), EDITS[edit](scene(seed)))[view] for seed in range(20)) > 0.95


@pytest.mark.parametrize("margins", [(0.04, 0, 0, 0), (0.02, 0.02, 0.02, 0.02), (0, 0.05, 0.03, 0.01)])
@pytest.mark.parametrize("order", [1, -1])
def test_crops_are_alike_once_aligned(margins, order):
    large = [scene(seed, (256, 192)) for seed in range(10)]
    cut = [cropped(one, *margins) for one in large]
    sides = [thumbnails([pixels(one) for one in side]) for side in (large, cut)]
    assert cropped_correlations(*sides[::order]).min() > 0.95


def test_aligning_never_makes_different_scenes_alike():
    small = thumbnails([pixels(scene(seed)) for seed in range(41)])
    assert cropped_correlations(small[:-1], small[1:]).max() < 0.7


def test_blank_pictures_are_like_nothing():
    small = np.stack([np.full((32, 32, 3), 200, np.uint8), thumbnails([pixels(scene(0))])[0]])
    both = np.array([0, 0]), np.array([0, 1])
    assert np.isnan(correlations(symmetric_gradients(small), *both)).all()
    assert np.isnan(cropped_correlations(small[[0, 0]], small)).all()
