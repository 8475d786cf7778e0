import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import PolynomialFeatures, PowerTransformer

from dataclinic.features import Embeddings
from dataclinic.methods.column_features import FURTHEST, ColumnFeatures
from dataclinic.methods.column_maps import (
    LoggedColumns,
    MultipliedColumns,
    PoweredColumns,
    ScaledColumns,
    numeric_table,
    selected,
    yeo_johnson,
)

NAN = np.nan
MAPS = (
    ScaledColumns(("a", "b"), (1.0, 2.0), (2.0, 4.0)),
    LoggedColumns(("a", "b"), (1,)),
    PoweredColumns(("a", "b"), (0,), (2.5,), (1.0,), (3.0,)),
    selected(("a", "b"), np.array([False, True])),
    MultipliedColumns(("a", "b"), (0, 1), (0.0, 1.0), (1.0, 2.0), degree=3, distinct=False),
)
CELLS = st.one_of(st.just(NAN), st.floats(-3.4e38, 3.4e38))


def table_of(numbers, levels=None):
    names = tuple(f"column {place}" for place in range(numbers.shape[1]))
    return ColumnFeatures(numbers, names, np.zeros((len(numbers), 0), np.int64) if levels is None else levels, ())


@pytest.mark.parametrize("column_map", MAPS, ids=lambda column_map: type(column_map).__name__)
class TestEveryMap:
    @given(numbers=arrays(np.float64, (4, 2), elements=CELLS))
    def test_maps_each_row_by_itself_to_numbers_that_float32_holds(self, column_map, numbers):
        before = numbers.copy()
        mapped = column_map.apply(numbers)
        assert mapped.shape == (4, len(column_map.names))
        np.testing.assert_array_equal(numbers, before)
        np.testing.assert_array_equal(mapped[[2]], column_map.apply(numbers[[2]]))
        known = mapped[~np.isnan(mapped)]
        assert (np.abs(known) <= np.finfo(np.float32).max).all()

    def test_invents_no_number_for_an_empty_cell(self, column_map):
        mapped = column_map.apply(np.array([[NAN, NAN]]))
        own = [place for place, name in enumerate(column_map.names) if name in {"a", "b"}]
        assert np.isnan(mapped[0, own]).all()


def test_scaled_columns_by_hand():
    scaled = ScaledColumns(("a", "b"), (1.0, 2.0), (2.0, 4.0))
    np.testing.assert_array_equal(scaled.apply(np.array([[3.0, NAN], [1e30, -2.0]])), [[1, NAN], [FURTHEST, -1]])


def test_logged_columns_take_negative_numbers_for_zero():
    logged = LoggedColumns(("a", "b"), (1,))
    np.testing.assert_allclose(logged.apply(np.array([[-5.0, np.e - 1], [7.0, -5.0]])), [[-5, 1], [7, 0]])


@pytest.mark.parametrize("exponent", [-1.5, 0.0, 0.5, 1.0, 2.0, 3.0])
def test_yeo_johnson_is_that_of_the_paper(exponent):
    numbers = np.array([-3.0, -0.5, 0.0, 0.5, 20.0])
    low, high = -numbers[:2], numbers[2:]
    down = np.log1p(low) if exponent == 2 else ((low + 1) ** (2 - exponent) - 1) / (2 - exponent)
    up = np.log1p(high) if exponent == 0 else ((high + 1) ** exponent - 1) / exponent
    np.testing.assert_allclose(yeo_johnson(numbers, exponent), [*-down, *up], rtol=1e-12)


def test_yeo_johnson_ends_in_infinity():
    np.testing.assert_array_equal(yeo_johnson(np.array([1e38, NAN]), 20.0), [np.inf, NAN])


def test_powered_columns_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    numbers = np.column_stack([rng.lognormal(size=200), -rng.exponential(size=200)])
    theirs = PowerTransformer().fit(numbers)
    raised = PowerTransformer(standardize=False).fit_transform(numbers)
    powered = PoweredColumns(
        ("a", "b"), (0, 1), tuple(theirs.lambdas_), tuple(raised.mean(axis=0)), tuple(raised.std(axis=0))
    )
    np.testing.assert_allclose(powered.apply(numbers), theirs.transform(numbers), rtol=1e-9, atol=1e-9)


def test_selected_columns_keep_their_order_and_say_how_many():
    fewer = selected(("a", "b", "c"), np.array([True, False, True]))
    assert fewer.names == ("a", "c")
    assert fewer.told == "keep 2 of 3 numeric columns"
    assert fewer.apply(np.array([[1.0, 2.0, NAN]])).tolist()[0][0] == 1


def test_products_by_hand():
    pairs = MultipliedColumns(("a", "b", "c"), (2, 0), (1.0, 0.0), (2.0, 1.0), degree=2, distinct=True)
    assert pairs.names == ("a", "b", "c", "c × a")
    np.testing.assert_array_equal(
        pairs.apply(np.array([[3.0, 9.0, 5.0], [NAN, 9.0, 5.0]])), [[3, 9, 5, 6], [NAN, 9, 5, 0]]
    )


def test_powers_have_names_and_are_those_of_scikit_learn():
    cubes = MultipliedColumns(("a", "b"), (0, 1), (0.0, 0.0), (1.0, 1.0), degree=3, distinct=False)
    assert cubes.names == ("a", "b", "a^2", "a × b", "b^2", "a^3", "a^2 × b", "a × b^2", "b^3")
    numbers = np.random.default_rng(0).normal(size=(20, 2))
    np.testing.assert_allclose(cubes.apply(numbers), PolynomialFeatures(3, include_bias=False).fit_transform(numbers))


def test_a_numeric_table_is_one_with_numeric_columns():
    table = table_of(np.zeros((3, 1)))
    assert numeric_table(table) is table
    assert numeric_table(table_of(np.zeros((3, 0)), np.zeros((3, 1), np.int64))) is None
    assert numeric_table(Embeddings(np.zeros((3, 2), np.float32))) is None
