from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.setting_grid import even_steps, readable, setting_grid
from dataclinic.seeding import rng_for

RATE = partial(even_steps, 1e-4, 1.0, log=True)
SHARE = partial(even_steps, 0.0, 0.5, log=False)


def grid(choices, steps, most, seed=0):
    return setting_grid(choices, steps, most, rng_for(seed, "grid"))


def test_one_interval_gets_as_many_steps_as_may_be_tried():
    assert sorted(point["rate"] for point in grid({}, {"rate": RATE}, 5)) == [1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def test_several_intervals_share_out_what_may_be_tried():
    points = grid({"size": (16, 32)}, {"rate": RATE, "share": SHARE}, 19)
    assert len(points) == 18
    assert {point["share"] for point in points} == {0.0, 0.25, 0.5}
    assert {point["size"] for point in points} == {16, 32}


@given(st.integers(1, 40), st.integers(0, 3), st.integers(1, 6))
def test_there_are_never_more_points_than_asked_for_and_no_point_twice(most, intervals, values):
    steps = {f"rate_{place}": RATE for place in range(intervals)}
    points = grid({"size": tuple(range(values))}, steps, most)
    assert 1 <= len(points) <= most
    assert len({tuple(point.items()) for point in points}) == len(points)
    assert len(points) == min(most, len(points)) or values * 2**intervals <= most


def test_whole_numbers_stay_whole_and_are_not_repeated():
    points = grid({}, {"layers": partial(even_steps, 1, 4, log=False)}, 20)
    assert sorted(point["layers"] for point in points) == [1, 2, 3, 4]
    assert all(isinstance(point["layers"], int) for point in points)


def test_the_seed_decides_the_order_only():
    one, same, other = (grid({}, {"rate": RATE}, 15, seed) for seed in (0, 0, 1))
    assert one == same != other
    assert sorted(map(str, one)) == sorted(map(str, other))


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [(0.123456, 0.0, 1.0, 0.1235), (2.000049, 0.5, 2.00001, 2.0), (0.99999, 0.0, 0.9999, 0.9999), (7.6, 1, 9, 8)],
)
def test_a_setting_has_four_digits_and_stays_in_its_interval(value, low, high, shown):
    assert readable(value, low, high) == shown
