import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.frames.features import feature_columns

NAN = float("nan")


def converted(cells, name="x", dtype=None):
    """The one feature made of these cells beside a plain one."""
    columns = feature_columns(pd.DataFrame({name: pd.Series(cells, dtype=dtype)}))
    assert list(columns.frame.columns) == [name], columns.left_out
    return columns.frame[name], columns.notes


def reason(cells, name="x", dtype=None):
    columns = feature_columns(pd.DataFrame({name: pd.Series(cells, dtype=dtype)}))
    assert columns.frame.shape == (len(cells), 0)
    ((why, names),) = columns.left_out.items()
    assert names == [name]
    assert columns.notes == (f"not used as features ({why}): '{name}'",)
    return why


@pytest.mark.parametrize(
    ("cells", "dtype", "numbers"),
    [
        ([1, 2, 3], "int8", [1, 2, 3]),
        ([1, None, 3], "Int64", [1, NAN, 3]),
        ([1.5, None, 3], "float32", [1.5, NAN, 3]),
        ([True, False, True], "bool", [1, 0, 1]),
        ([True, None, False], "boolean", [1, NAN, 0]),
        (["TRUE", "", "false"], "str", [1, NAN, 0]),
        ([" 1 ", "N/A", "2.5e1", None], "str", [1, NAN, 25, NAN]),
        ([Decimal("1.5"), None, Decimal(2)], object, [1.5, NAN, 2]),
        (["1970-01-02", "", "1969-12-31T12:00:00"], "str", [1, NAN, -0.5]),
        (["12/31/1970", "01/02/1970"], "str", [364, 1]),
        (["31/12/1970", "02/01/1970"], "str", [364, 1]),
        (["31.12.1970", "02.01.1970"], "str", [364, 1]),
        ([pd.Timestamp("1970-01-02"), None], "datetime64[us]", [1, NAN]),
        ([pd.Timestamp("1970-01-02T01:00", tz="Europe/Berlin")], "datetime64[us, Europe/Berlin]", [1]),
        (["1492-01-01", "9999-01-01"], "str", [-174586, 2932532]),
        ([dt.timedelta(hours=12), None], "timedelta64[us]", [0.5, NAN]),
    ],
)
def test_numbers_truth_values_and_dates_become_float64(cells, dtype, numbers):
    feature, notes = converted(cells, dtype=dtype)
    assert feature.dtype == np.float64
    np.testing.assert_allclose(feature, numbers)
    assert notes == ()


def test_texts_that_repeat_become_categories_of_stripped_text():
    feature, notes = converted(["red", " red", "blue", "", None, "NA"], dtype="str")
    assert isinstance(feature.dtype, pd.CategoricalDtype)
    assert feature.cat.categories.tolist() == ["blue", "red"]
    assert feature.cat.codes.tolist() == [1, 1, 0, -1, -1, -1]
    assert notes == ()


def test_categories_of_numbers_stay_categories():
    feature, _ = converted(pd.Categorical([10, 20, None, 10]))
    assert feature.cat.categories.tolist() == ["10", "20"]
    assert feature.cat.codes.tolist() == [0, 1, -1, 0]


def test_a_few_bad_cells_in_a_column_of_numbers_are_missing_and_said():
    feature, notes = converted(["12 oz"] + [str(number) for number in range(9)] * 2, name="ounces", dtype="str")
    assert feature.dtype == np.float64
    assert np.isnan(feature[0])
    assert notes == ("column 'ounces': 1 cell is not numbers and missing to the models (e.g. '12 oz')",)


def test_too_many_bad_cells_make_categories():
    feature, _ = converted(["1", "1", "1", "x", "x"] * 2, dtype="str")
    assert isinstance(feature.dtype, pd.CategoricalDtype)


def test_a_third_answer_is_not_taken_for_a_missing_truth_value():
    feature, _ = converted(["true"] * 10 + ["false"] * 10 + ["unsure"], dtype="str")
    assert feature.cat.categories.tolist() == ["false", "true", "unsure"]


def test_infinite_values_are_missing_and_said():
    feature, notes = converted([1.0, np.inf, -np.inf])
    np.testing.assert_array_equal(feature, [1, NAN, NAN])
    assert notes == ("column 'x': 2 infinite values count as missing",)
    assert converted([1.0, np.inf, 2.0])[1] == ("column 'x': 1 infinite value counts as missing",)


@pytest.mark.parametrize("name", ["id", "ID", "user_id", "customerID", "passengerId", "index", "unnamed 1", "row"])
@pytest.mark.parametrize("dtype", ["int64", "str"])
def test_numbers_that_only_name_the_row_are_left_out(name, dtype):
    assert reason([5, 6, 7], name=name, dtype=dtype) == "identifiers"


@pytest.mark.parametrize(
    ("name", "cells"), [("user_id", [5, 5, 6]), ("width", [5, 6, 7]), ("idle", [5, 6, 7]), ("paid", [1, 2, 3])]
)
def test_numbers_that_repeat_or_have_another_name_stay(name, cells):
    converted(cells, name=name)


def test_texts_that_differ_in_every_row_are_left_out():
    assert reason(["ann", "bob", "cid"]) == "nearly every value differs"


def test_free_text_is_left_out_even_with_some_duplicates():
    texts = [f"the {number}th sentence of this review" for number in range(90)]
    assert reason(texts + texts[:10]) == "free text"


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([[1, 2], [3], None], "lists, structs or bytes"),
        ([{"a": 1}, None], "lists, structs or bytes"),
        ([b"raw", b"raw"], "lists, structs or bytes"),
        ([b"\x89PNG", b"\x89PNG"], "images"),
        (["a/1.png", "a/2.PNG"], "images"),
        ([None, None], "no values"),
        (["", " "], "no values"),
        ([NAN, np.inf], "no values"),
    ],
)
def test_what_no_model_can_use_is_left_out(cells, why):
    assert reason(cells) == why


@pytest.mark.parametrize("name", ["true_label", "labelWorst", "label 2"])
def test_further_labels_are_no_features(name):
    assert reason([0, 1, 0], name=name) == "other label columns"


def test_a_constant_column_stays():
    feature, _ = converted(["same"] * 3, dtype="str")
    assert feature.cat.codes.tolist() == [0, 0, 0]


def test_times_of_day_are_categories():
    feature, _ = converted([dt.time(8), dt.time(8), None])
    assert feature.cat.categories.tolist() == ["08:00:00"]


CELLS = st.one_of(st.none(), st.sampled_from(["", "1", "2.5", "x", "y ", "true", "2020-01-01", "n/a"]))


@given(st.lists(CELLS, min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_features_do_not_change_with_the_order_of_rows(cells, random):
    order = list(range(len(cells)))
    random.shuffle(order)
    frame = pd.DataFrame({"x": pd.Series(cells, dtype="str")})
    there = feature_columns(frame).frame.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(feature_columns(frame.iloc[order]).frame, there)
