import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.learning_rate_schedule import share_of_rate


def test_hand_worked_warm_up_and_cosine():
    """Ten updates, two of them warm-up: thirds, then half a cosine over the other eight."""
    shares = [share_of_rate(step, 10, 0.2) for step in range(10)]
    assert shares[:3] == pytest.approx([1 / 3, 2 / 3, 1])
    assert shares[6] == pytest.approx(0.5)
    assert shares[4] == pytest.approx((1 + math.cos(math.pi / 4)) / 2)
    assert shares[9] == pytest.approx((1 + math.cos(7 * math.pi / 8)) / 2)


def test_without_warm_up_the_first_update_has_the_whole_rate():
    assert share_of_rate(0, 5, 0.0) == 1


@given(steps=st.integers(1, 300), warmup=st.floats(0, 0.99))
def test_rises_then_falls_and_every_update_learns(steps, warmup):
    shares = [share_of_rate(step, steps, warmup) for step in range(steps)]
    peak = shares.index(max(shares))
    assert shares[:peak] == sorted(shares[:peak])
    assert shares[peak:] == sorted(shares[peak:], reverse=True)
    assert all(0 < share <= 1 for share in shares)
