import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.inner_split import LEAST_INNER_ROWS, inner_rows
from dataclinic.seeding import rng_for


def test_holds_back_its_share_of_every_class():
    labels = np.repeat([0, 1, 2], [500, 300, 100])
    held = inner_rows(labels, None, share=0.1, seed=0)
    assert np.bincount(labels[held]).tolist() == [50, 30, 10]


def test_another_seed_holds_back_others():
    labels = np.arange(600) % 3
    first, again, other = (inner_rows(labels, None, share=0.1, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_rows_without_a_group_are_not_one_group():
    groups = np.where(np.arange(600) < 200, np.arange(600) // 4, -1)
    held = inner_rows(np.arange(600) % 3, groups, share=0.1, seed=0)
    assert held[200:].sum() == pytest.approx(40, abs=5)


def test_too_few_rows_are_not_split():
    rows = 10 * LEAST_INNER_ROWS - 20
    assert not inner_rows(np.arange(rows) % 2, None, share=0.1, seed=0).any()
    assert inner_rows(np.arange(rows + 40) % 2, None, share=0.1, seed=0).any()


@given(seed=st.integers(0, 1000), rare=st.integers(1, 4), sizes=st.integers(1, 5))
def test_groups_stay_whole_and_no_class_is_used_up(seed, rare, sizes):
    labels = np.where(np.arange(500) < rare, 2, np.arange(500) % 2)
    groups = rng_for(seed, "groups").permutation(500) // sizes
    held = inner_rows(labels, groups, share=0.1, seed=seed)
    assert not np.isin(groups[held], groups[~held]).any()
    assert set(labels[~held]) == {0, 1, 2}
