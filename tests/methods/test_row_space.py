import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dataclinic.features import Embeddings
from dataclinic.methods.column_features import MISSING, ColumnFeatures
from dataclinic.methods.row_space import row_space

NUMBERS = np.array([[1.0, 1e6, np.nan], [3.0, np.nan, np.nan], [8.0, 3e6, np.nan], [3.0, 2e6, np.nan]])
LEVELS = np.array([[0, 5], [MISSING, 5], [2, 5], [0, 7]])
TABLE = ColumnFeatures(NUMBERS, ("a", "b", "c"), LEVELS, ("x", "y"))


def test_embeddings_are_their_own_points():
    vectors = np.arange(6, dtype=np.float32).reshape(2, 3)
    space = row_space(Embeddings(vectors))
    np.testing.assert_array_equal(space.points, vectors)
    assert not space.categorical.any()
    np.testing.assert_array_equal(space.samples(space.points[:1]).matrix, vectors[:1])


def test_hand_worked_points_of_a_table():
    """Numbers around their median in standard deviations, what lacks, levels; a column without cells is all 0."""
    space = row_space(TABLE)
    spread = np.std([1, 3, 8, 3]), np.std([1, 2, 3, 2])
    np.testing.assert_allclose(space.points[:, 0], np.array([-2, 0, 5, 0]) / spread[0])
    np.testing.assert_allclose(space.points[:, 1], np.array([-1, 0, 1, 0]) / spread[1])
    np.testing.assert_array_equal(space.points[:, 2], 0)
    np.testing.assert_array_equal(space.points[:, 3:5], [[0, 1], [1, 1], [0, 1], [0, 1]])
    np.testing.assert_array_equal(space.points[:, 5:], LEVELS)
    assert space.categorical.tolist() == [False] * 5 + [True] * 2


def test_cell_is_empty_where_most_of_what_it_lies_between_is():
    space = row_space(TABLE)
    for share, empty in ((0.4, False), (0.6, True)):
        (row,) = space.samples((1 - share) * space.points[:1] + share * space.points[1:2]).numbers
        assert np.isnan(row).tolist() == [False, empty, True]
        assert row[0] == pytest.approx(1 + 2 * share)


@settings(max_examples=40)
@given(
    hnp.arrays(np.float64, (7, 3), elements=st.one_of(st.floats(-1e30, 1e30), st.just(np.nan))),
    hnp.arrays(np.int64, (7, 2), elements=st.integers(MISSING, 4)),
)
def test_points_are_finite_and_give_the_samples_back(numbers, levels):
    table = ColumnFeatures(numbers, ("a", "b", "c"), levels, ("x", "y"))
    space = row_space(table)
    assert np.isfinite(space.points).all()
    back = space.samples(space.points)
    scale = np.nanmax(np.abs(np.nan_to_num(numbers)), axis=0)
    assert (np.abs(np.nan_to_num(back.numbers - numbers)) <= 1e-9 * scale).all()
    np.testing.assert_array_equal(np.isnan(back.numbers), np.isnan(numbers))
    np.testing.assert_array_equal(back.levels, levels)
    assert back.joined(table).vectors(np.arange(7)).shape[0] == 14
