"""Columns of any type as numbers or as levels."""

import numpy as np
import pandas as pd
import pytest

from dataclinic.methods.column_values import levels_of, numbers_of


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (pd.Series([1, 2]), [1, 2]),
        (pd.Series([True, False]), [1, 0]),
        (pd.Series([1, None], dtype="Int64"), [1, np.nan]),
        (pd.Series([np.inf, -np.inf, 3]), [np.nan, np.nan, 3]),
        (pd.Series(pd.to_datetime(["1970-01-02 12:00", None])), [1.5, np.nan]),
        (pd.Series(pd.to_timedelta(["36h", None])), [1.5, np.nan]),
    ],
)
def test_numbers(column, values):
    assert numbers_of(column) == pytest.approx(np.array(values, float), nan_ok=True)
    assert numbers_of(column).dtype == np.float64


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_texts_are_levels_in_their_order(dtype):
    column = pd.Series(["b", None, "a", "b"], dtype=dtype)
    assert numbers_of(column) is None
    levels = levels_of(column)
    assert (levels.codes.tolist(), levels.names, levels.counts.tolist()) == ([1, -1, 0, 1], ("a", "b"), [1, 2])


def test_categories_that_nobody_has_are_no_levels():
    assert levels_of(pd.Series(pd.Categorical(["x"], categories=["a", "x"]))).names == ("x",)
    empty = levels_of(pd.Series([None, None], dtype="str"))
    assert (empty.names, empty.codes.tolist(), empty.counts.tolist()) == ((), [-1, -1], [])


def test_cells_that_cannot_be_hashed_are_levels_by_their_text():
    column = pd.Series([[1], None, [1], 1, "1"], dtype=object)
    levels = levels_of(column)
    assert (levels.names, levels.codes.tolist()) == (("1", "[1]"), [1, -1, 1, 0, 0])


def test_given_columns_are_not_written_to():
    column = pd.Series([1.0, np.inf])
    numbers_of(column)[0] = 7
    assert column.tolist() == [1.0, np.inf]
