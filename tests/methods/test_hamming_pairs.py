"""All pairs within the radius are found, by comparing all and by bands alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods import hamming_pairs as module
from dataclinic.methods.hamming_pairs import WIDEST_RADIUS, hamming_pairs


def hashes_with_copies(rng, samples=300, views=2):
    """Half of the rows are another row's with up to nine bits changed, in the first view or the second."""
    hashes = rng.integers(1, 2**63, (samples, views), dtype=np.uint64)
    for row in range(samples // 2):
        changed = rng.choice(64, int(rng.integers(0, 10)), replace=False)
        mask = np.bitwise_or.reduce(np.uint64(1) << changed.astype(np.uint64)) if len(changed) else np.uint64(0)
        hashes[samples // 2 + row] = hashes[row][:: 1 if row % 3 else -1] ^ mask
    return hashes


def by_hand(hashes, radius):
    found = {}
    for one in range(len(hashes)):
        for other in range(one + 1, len(hashes)):
            bits = [(int(hashes[one, 0]) ^ int(view)).bit_count() for view in hashes[other]]
            if min(bits) <= radius:
                found[one, other] = (min(bits), bits.index(min(bits)))
    return found


def as_dict(pairs):
    numbers = zip(pairs.bits.tolist(), pairs.views.tolist(), strict=True)
    return dict(zip(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True), numbers, strict=True))


@pytest.mark.parametrize("radius", [0, 3, WIDEST_RADIUS])
@pytest.mark.parametrize("all_pairs_up_to", [0, 10_000])
def test_finds_what_comparing_by_hand_finds(monkeypatch, radius, all_pairs_up_to):
    monkeypatch.setattr(module, "ALL_PAIRS_UP_TO", all_pairs_up_to)
    monkeypatch.setattr(module, "_BLOCK", 1000)
    hashes = hashes_with_copies(np.random.default_rng(radius))
    expected = by_hand(hashes, radius)
    assert len(expected) >= 10
    pairs = hamming_pairs(hashes, radius)
    assert as_dict(pairs) == expected
    assert pairs.radius == radius


@given(st.lists(st.integers(0, 2**64 - 1), max_size=12), st.integers(0, WIDEST_RADIUS), st.sampled_from([0, 100]))
def test_few_hashes_of_any_value(values, radius, all_pairs_up_to):
    hashes = np.array(values, np.uint64).reshape(-1, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ALL_PAIRS_UP_TO", all_pairs_up_to)
        found = as_dict(hamming_pairs(hashes, radius, without=7))
    known = [row for row, value in enumerate(values) if value != 7]
    expected = by_hand(hashes[known], radius)
    assert found == {(known[one], known[other]): bits for (one, other), bits in expected.items()}


@pytest.mark.parametrize("all_pairs_up_to", [0, 10_000])
def test_radius_shrinks_where_hashes_say_too_little(monkeypatch, all_pairs_up_to):
    monkeypatch.setattr(module, "ALL_PAIRS_UP_TO", all_pairs_up_to)
    monkeypatch.setattr(module, "_BLOCK", 5000)
    rng = np.random.default_rng(0)
    flips = np.uint64(1) << rng.integers(0, 64, (200, 3)).astype(np.uint64)
    hashes = np.bitwise_xor.reduce(flips, axis=1)[:, None] ^ np.uint64(2**40 + 5)
    pairs = hamming_pairs(hashes, WIDEST_RADIUS)
    assert 0 <= pairs.radius < 6
    assert as_dict(pairs) == by_hand(hashes, pairs.radius)
    assert len(by_hand(hashes, pairs.radius)) <= module.MOST_A_HASH * 200 < len(by_hand(hashes, pairs.radius + 1))


def test_equal_hashes_everywhere_are_no_pairs_at_all():
    pairs = hamming_pairs(np.full((100, 1), 9, np.uint64), 3)
    assert pairs.radius == -1
    assert len(pairs.first) == 0
