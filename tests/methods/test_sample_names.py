"""Numbers that avoid each other are identifiers; texts have the form of machine-made names."""

import numpy as np
import pytest

from dataclinic.methods.sample_names import machine_made, numbers_samples


def test_birthday_problem_by_hand():
    # 100 numbers of 250: 100² / (2 × 250) = 20 pairs expected, just enough; of 251 a little less.
    assert numbers_samples(np.r_[np.arange(99), 249].astype(float))
    assert not numbers_samples(np.r_[np.arange(99), 250].astype(float))


def test_uniform_draws_are_never_taken_for_running_numbers():
    rng = np.random.default_rng(0)
    for width in (100, 1000, 10_000, 100_000, 10**6, 10**8):
        for samples in (50, 500, 5000):
            assert not numbers_samples(rng.integers(0, width, samples).astype(float))


def test_decimals_and_nothing_are_no_numbers_of_samples():
    assert not numbers_samples(np.arange(500) / 2)
    assert not numbers_samples(np.full(9, np.nan))


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        (["550e8400-e29b-41d4-a716-446655440000"] * 9 + ["x"], "UUIDs"),
        (["d41d8cd98f00b204e9800998ecf8427e"], "hashes"),
        (["a/b c/photo_01.JPG", "x.tar.gz"], "file names"),
        (["550e8400-e29b-41d4-a716-446655440000"] * 8 + ["x"] * 2, None),
        (["123456789012", "210987654321"], None),
        (["St. Louis", "3.5", "e.g. this", "New York"], None),
        ([], None),
    ],
)
def test_forms(texts, what):
    assert machine_made(texts) == what
