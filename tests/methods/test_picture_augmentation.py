"""Augmentation keeps the class, draws for each picture by itself, and draws from the given generator alone."""

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as change

from dataclinic.methods.picture_augmentation import (
    JITTER,
    LARGEST_SHIFT,
    OPERATIONS,
    _jittered,
    augmented,
    mixed,
    views,
)

COPIES = 400


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def noise(count=6, height=16, width=16, seed=3):
    return torch.randint(0, 256, (count, 3, height, width), dtype=torch.uint8, generator=generator(seed))


def allowed(picture, shift, *, flip):
    """Every picture that flip and crop may give, by padding and slicing."""
    height, width = picture.shape[1:]
    found = set()
    for turned in (picture, picture.flip(2)) if flip else (picture,):
        padded = np.pad(turned.numpy(), ((0, 0), (shift, shift), (shift, shift)), mode="reflect")
        for top in range(2 * shift + 1):
            for left in range(2 * shift + 1):
                found.add(padded[:, top : top + height, left : left + width].tobytes())
    return found


@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize(("height", "width"), [(16, 16), (8, 24)])
def test_flip_and_crop_gives_every_shifted_and_mirrored_picture_and_no_other(height, width, flip):
    picture = noise(1, height, width)[0]
    shifts = round(LARGEST_SHIFT * height), round(LARGEST_SHIFT * width)
    copies = augmented(picture.expand(5 * COPIES, -1, -1, -1), "flip_crop", generator(), flip=flip)
    found = {copy.numpy().tobytes() for copy in copies.contiguous()}
    assert found <= allowed(picture, max(shifts), flip=flip)
    assert len(found) == (2 * shifts[0] + 1) * (2 * shifts[1] + 1) * (1 + flip)


def test_without_shift_half_of_the_pictures_are_mirrored():
    picture = noise(1)[0]
    copies = augmented(picture.expand(COPIES, -1, -1, -1), "flip_crop", generator(), strength=0.0)
    mirrored = (copies == picture.flip(2)).flatten(1).all(dim=1)
    assert (mirrored | (copies == picture).flatten(1).all(dim=1)).all()
    assert 0.4 < mirrored.float().mean() < 0.6


def test_none_changes_nothing():
    assert torch.equal(augmented(noise(), "none", generator()), noise())


@pytest.mark.parametrize("kind", ["none", "flip_crop", "colour_jitter", "randaugment"])
def test_shape_type_and_the_given_pictures_stay(kind):
    pictures = noise(5, 12, 20)
    after = augmented(pictures, kind, generator())
    assert (after.shape, after.dtype) == (pictures.shape, torch.uint8)
    assert torch.equal(pictures, noise(5, 12, 20))


@pytest.mark.parametrize("kind", ["flip_crop", "colour_jitter", "randaugment"])
def test_the_generator_decides_and_nothing_else(kind):
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first = augmented(noise(), kind, generator(5))
    torch.manual_seed(2)
    assert torch.equal(augmented(noise(), kind, generator(5)), first)
    assert not torch.equal(augmented(noise(), kind, generator(6)), first)
    torch.manual_seed(1)
    augmented(noise(), kind, generator(5))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_colour_jitter_is_torchvisions_with_factors_of_each_picture():
    """The shifts come after, from the same generator: without them, three factors a picture are all that is drawn."""
    pictures = noise(40)
    after = augmented(pictures, "colour_jitter", generator(2), strength=0.0, flip=False)
    assert torch.equal(after, pictures)
    factors = 1 + JITTER * (2 * torch.rand(3, 40, generator=generator(2)) - 1)
    after = _jittered(pictures, generator(2), JITTER)
    assert factors.min() < 0.65
    assert factors.max() > 1.35
    for place, (bright, contrast, colour) in enumerate(factors.T.tolist()):
        expected = change.adjust_brightness(pictures[place] / 255, bright)
        expected = change.adjust_saturation(change.adjust_contrast(expected, contrast), colour)
        assert (after[place] - 255 * expected).abs().max() < 1  # torchvision's shares of grey have four digits


def test_colour_jitter_flips_and_shifts_too():
    flat = torch.arange(16, dtype=torch.uint8).mul(8).expand(COPIES, 3, 16, 16)
    after = augmented(flat, "colour_jitter", generator()).float()
    assert 0.4 < (after[:, 0, :, :8].mean(dim=(1, 2)) > after[:, 0, :, 8:].mean(dim=(1, 2))).float().mean() < 0.6
    assert len({row.numpy().tobytes() for row in after[:, 0]}) > COPIES * 0.9


def test_randaugment_draws_for_each_picture_by_itself():
    """What torchvision's own would not do for a batch: equal pictures end up different."""
    copies = augmented(noise(1).expand(COPIES, -1, -1, -1), "randaugment", generator(), flip=False)
    shifts = (2 * round(LARGEST_SHIFT * 16) + 1) ** 2
    assert len({copy.numpy().tobytes() for copy in copies.contiguous()}) > 3 * shifts


def test_randaugment_of_strength_0_does_nothing_but_spread_levels():
    """All levels but white are there, so spreading them changes none; white alone is past solarize's threshold."""
    dull = torch.arange(256).clamp(max=254).to(torch.uint8).reshape(1, 1, 16, 16).expand(COPIES, 3, -1, -1)
    copies = augmented(dull, "randaugment", generator(), strength=0.0, flip=False)
    assert ((copies.int() - dull.int()).abs() <= 2).all()


def test_operations_are_the_14_of_torchvision():
    """Each of ours equals its namesake there, at a magnitude both can express."""
    pictures, level = noise(4, 32, 32), 0.5
    dark = (pictures.float() * 0.5).to(torch.uint8)
    expected = {
        0: pictures,
        6: change.adjust_brightness(pictures, 1.45),
        7: change.adjust_saturation(pictures, 1.45),
        8: change.adjust_contrast(pictures, 1.45),
        9: change.adjust_sharpness(pictures, 1.45),
        10: change.posterize(pictures, 6),
        11: torch.where(pictures >= 127.5, 255 - pictures, pictures),
    }
    assert len(OPERATIONS) == 14
    for place, theirs in expected.items():
        assert torch.equal(OPERATIONS[place](pictures, level), theirs)
    assert OPERATIONS[12](dark, level).amax() >= 254
    assert OPERATIONS[13](dark, level).amax() >= 254


@pytest.mark.parametrize(("place", "axis"), [(3, 3), (4, 2)])
def test_translation_moves_by_its_share_of_the_side(place, axis):
    pictures = noise(2, 32, 32)
    moved = OPERATIONS[place](pictures, 331 / 150 * 4 / 32)
    assert torch.equal(moved.narrow(axis, 4, 28), pictures.narrow(axis, 0, 28))
    assert (moved.narrow(axis, 0, 4) == 128).all()


def test_rotation_by_its_full_angle_leaves_the_middle():
    pictures = torch.zeros(1, 3, 33, 33, dtype=torch.uint8)
    pictures[:, :, 16] = 255  # a bar: at 30 degrees its ends leave the row
    turned = OPERATIONS[5](pictures, 1.0)
    assert (turned[0, :, 16, 16] == 255).all()
    assert (turned[0, :, 16, 2] != 255).all()


@pytest.mark.parametrize(("mixup", "cutmix"), [(0.4, 0.0), (0.0, 1.0), (0.4, 1.0)])
def test_targets_are_mixed_in_the_proportion_of_the_pictures(mixup, cutmix):
    """Each picture has one level of its own, so its mean tells what it is made of."""
    levels = torch.arange(8.0)
    pictures = levels[:, None, None, None].expand(8, 3, 16, 16)
    for seed in range(20):
        after, targets = mixed(pictures, torch.eye(8), mixup=mixup, cutmix=cutmix, generator=generator(seed))
        torch.testing.assert_close(targets.sum(dim=1), torch.ones(8))
        torch.testing.assert_close(after.mean(dim=(1, 2, 3)), targets @ levels, atol=1e-4, rtol=1e-4)
        assert ((targets > 1e-6).sum(dim=1) <= 2).all()


def test_cutmix_keeps_whole_pixels_and_mixup_blends_them():
    pictures = torch.eye(4).repeat_interleave(3, dim=0).reshape(4, 3, 1, 4).expand(4, 3, 16, 4).contiguous()
    patched, blended = (
        [mixed(pictures, torch.eye(4), mixup=up, cutmix=cut, generator=generator(seed))[0] for seed in range(9)]
        for up, cut in ((0.0, 1.0), (1.0, 0.0))
    )
    assert all(((part == 0) | (part == 1)).all() for part in patched)
    assert any(((part > 0.1) & (part < 0.9)).any() for part in blended)


def test_both_mixes_are_taken_in_turn_and_none_leaves_all_as_it_is():
    pictures, targets = noise(4).float(), torch.eye(4)
    kinds = set()
    for seed in range(20):
        after, _ = mixed(pictures, targets, mixup=1.0, cutmix=1.0, generator=generator(seed))
        kinds.add(bool((after == after.round()).all()))
    assert kinds == {True, False}
    same, as_given = mixed(pictures, targets, mixup=0.0, cutmix=0.0, generator=generator())
    assert torch.equal(same, pictures)
    assert torch.equal(as_given, targets)


def test_mixing_follows_the_generator_and_leaves_what_it_was_given():
    pictures, targets = noise(4).float(), torch.eye(4)
    first, again, other = (
        mixed(pictures, targets, mixup=1.0, cutmix=0.0, generator=generator(seed))[0] for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(pictures, noise(4).float())
    assert torch.equal(targets, torch.eye(4))


@pytest.mark.parametrize("px", [8, 16, 64])
def test_views_are_the_picture_small_shifts_of_it_and_their_mirror_images(px):
    pictures = noise(2, px, px)
    seen = views(pictures)
    assert torch.equal(seen[0], pictures)
    shift = max(1, px // 32)
    for place in range(3):
        assert torch.equal(seen[place + 3], seen[place].flip(3))
    for view in seen:
        for before, after in zip(pictures, view, strict=True):
            assert after.contiguous().numpy().tobytes() in allowed(before, shift, flip=True)
    assert len({view.contiguous().numpy().tobytes() for view in seen}) == 6
    assert len(views(pictures, flip=False)) == 3
    assert torch.equal(views(pictures, flip=False)[2], seen[2])


def test_a_picture_of_one_pixel_survives():
    pixel = noise(3, 1, 1)
    assert torch.equal(augmented(pixel, "flip_crop", generator(), strength=8.0), pixel)
    assert all(torch.equal(view, pixel) for view in views(pixel))
