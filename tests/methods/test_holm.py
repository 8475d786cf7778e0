from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.holm import holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=6)


def test_hand_worked():
    # 4 · 0.01; 3 · 0.02; 2 · 0.03, no less than the one before; 0.5.
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])


def test_one_comparison_keeps_its_p_and_none_gives_none():
    assert holm([0.2]).tolist() == [0.2]
    assert holm([]).tolist() == []


@given(P_VALUES)
def test_is_the_closed_test_of_bonferroni(p_values):
    # Marcus, Peritz & Gabriel 1976: the largest Bonferroni p over all sets of comparisons that hold the one.
    sets = [chosen for size in range(1, len(p_values) + 1) for chosen in combinations(range(len(p_values)), size)]
    expected = [
        min(1.0, max(len(chosen) * min(p_values[one] for one in chosen) for chosen in sets if number in chosen))
        for number in range(len(p_values))
    ]
    assert holm(p_values) == pytest.approx(expected)


@given(P_VALUES)
def test_never_lowers_a_p_and_keeps_the_order(p_values):
    adjusted = holm(p_values)
    assert (adjusted >= p_values).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= 0).all()


def test_leaves_what_it_is_given_as_it_was():
    given_p = np.array([0.5, 0.01])
    holm(given_p)
    assert given_p.tolist() == [0.5, 0.01]
