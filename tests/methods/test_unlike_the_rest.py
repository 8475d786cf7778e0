"""A sample is unlike the rest only beyond a limit, beyond the fence and clear of the median, all at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.unlike_the_rest import unlike_on_either_side, unlike_the_rest

RULE = {"factor": 1.5, "most_share": 0.1}


def rows(values, limit, **rule):
    return unlike_the_rest(np.array(values, float), limit, **{**RULE, **rule}).rows.tolist()


def test_fence_by_hand():
    # Logarithms to base 2 of the 41 are 0 … 4 in tenths: quartiles 1 and 3, fence 1 − 1.5 × 2 = −2, that is 0.25.
    values = 2.0 ** np.linspace(0, 4, 41)
    judged = unlike_the_rest(np.append(values, np.nan), 100.0, **RULE)
    assert judged.bound == pytest.approx(0.25)
    assert (judged.typical, judged.judged, judged.crowd, judged.rows.size) == (pytest.approx(4), 41, 0, 0)
    assert rows([*values, *values, 0.1], 100.0) == [82]
    assert rows([*values, *values, 0.1], 0.05) == []


def test_halvings_tell_how_far_below_the_median():
    found = unlike_the_rest(np.array([8.0] * 30 + [1.0, 2.0]), 4.0, **RULE)
    assert found.halvings.tolist() == [3, 2]
    assert found.worst_first([str(row) for row in range(32)]) == [(30, 3.0), (31, 2.0)]


def test_equals_are_in_the_order_of_their_ids():
    found = unlike_the_rest(np.array([8.0] * 40 + [1.0, 1.0]), 4.0, **RULE)
    assert found.worst_first([*"x" * 40, "b", "a"]) == [(41, 3.0), (40, 3.0)]


def test_below_the_limit_but_like_the_rest():
    values = np.random.default_rng(0).lognormal(-3, 0.05, 500)
    assert rows(values, 1.0) == []


def test_a_narrow_fence_does_not_accuse_what_is_nearly_as_the_rest():
    assert rows([1.0] * 50 + [0.75], 2.0) == []
    assert rows([1.0] * 50 + [0.7], 2.0) == [50]


def test_a_second_population_is_counted_and_not_named():
    found = unlike_the_rest(np.array([1.0] * 80 + [0.1] * 20), 0.5, **RULE)
    assert (found.rows.size, found.crowd) == (0, 20)
    assert (
        found.told("dark")
        == "20 of 100 pictures are dark: too many to be unlike the rest, so they are not reported one by one"
    )
    assert rows([1.0] * 80 + [0.1] * 20, 0.5, most_share=0.2) == list(range(80, 100))


def test_ordinary_ones_are_neither_named_nor_a_crowd():
    values = np.array([1.0] * 80 + [0.1] * 20)
    ordinary = np.arange(100) < 95
    found = unlike_the_rest(values, 0.5, **RULE, ordinary=ordinary)
    assert found.rows.tolist() == list(range(95, 100))
    assert found.told("dark") == "5 of 100 pictures are dark"


def test_few_values_are_not_compared():
    assert unlike_the_rest(np.array([1.0] * 9 + [np.nan] * 9), 0.5, **RULE) is None
    assert unlike_on_either_side(np.full(5, np.nan), 2.0, **RULE, ordinary=np.zeros(5, bool)) is None
    assert unlike_the_rest(np.empty(0), 0.5, **RULE) is None


def test_either_side_of_the_median():
    values = np.array([10.0] * 40 + [2.0, 50.0, 6.0, np.nan])
    below, above = unlike_on_either_side(values, 3.0, **RULE, ordinary=np.zeros(44, bool))
    assert (below.rows.tolist(), above.rows.tolist()) == ([40], [41])
    assert below.bound == pytest.approx(10 / 3)
    assert 1 / above.bound == pytest.approx(30)


@given(
    st.lists(st.floats(0.01, 100), min_size=10, max_size=60), st.floats(0.01, 100), st.randoms(use_true_random=False)
)
def test_order_and_unit_do_not_matter(values, limit, random):
    found = rows(values, limit)
    order = list(range(len(values)))
    random.shuffle(order)
    assert sorted(order[row] for row in rows([values[row] for row in order], limit)) == found
    assert rows([4 * value for value in values], 4 * limit) == found or np.isclose(values, _bound(values, limit)).any()


def _bound(values, limit):
    return unlike_the_rest(np.array(values), limit, **RULE).bound
