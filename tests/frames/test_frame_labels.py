from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.errors import DataError
from dataclinic.frames.labels import given_labels, require_classes
from dataclinic.frames.natural_order import natural_key


def labels_of(cells, dtype=None):
    return given_labels(pd.Series(cells, dtype=dtype, name="grade"))


def checked(cells, dtype=None):
    require_classes(labels_of(cells, dtype), "grade")


def test_classes_are_in_natural_order():
    labels = labels_of(["item 10", "item 2", "Item 1", "item 2"])
    assert labels.classes == ("Item 1", "item 2", "item 10")
    assert labels.codes.tolist() == [2, 1, 0, 1]


@pytest.mark.parametrize("empty", ["", "  ", "NaN", "n/a", "NULL", None, np.nan])
def test_missing_cells_have_code_minus_one(empty):
    labels = labels_of(["a", empty, "b"], dtype="str")
    assert labels.classes == ("a", "b")
    assert labels.codes.tolist() == [0, -1, 1]


def test_none_as_text_is_a_class():
    assert labels_of(["None", "mild"], dtype="str").classes == ("mild", "None")


@pytest.mark.parametrize(
    ("cells", "dtype", "classes"),
    [
        ([2.0, np.nan, 10.0], "float64", ("2", "10")),
        ([2.0, 10.0], "float32", ("2", "10")),
        (["2.0", "", "10.0"], "str", ("2", "10")),
        (["1", "1.0", "2"], "str", ("1", "2")),
        (["01", "02"], "str", ("01", "02")),
        (["1.5", "2.0"], "str", ("1.5", "2.0")),
        ([0.5, 2.0], "float64", ("0.5", "2")),
        ([True, False, None], "boolean", ("False", "True")),
        ([3, None, 1], "Int64", ("1", "3")),
        ([7, 8], "int8", ("7", "8")),
        ([Decimal("1.50"), Decimal(2)], object, ("1.50", "2")),
        ([" cat", "cat ", "dog"], "str", ("cat", "dog")),
    ],
)
def test_names_of_classes_by_type(cells, dtype, classes):
    assert labels_of(cells, dtype).classes == classes


def test_categories_without_rows_are_no_classes():
    column = pd.Series(pd.Categorical(["b", "a", None], categories=["a", "b", "never"]), name="grade")
    labels = given_labels(column)
    assert labels.classes == ("a", "b")
    assert labels.codes.tolist() == [1, 0, -1]


def test_row_of_is_the_first_row_of_a_class():
    assert labels_of(["a", "b", "b", "a"]).row_of("b") == 1


@pytest.mark.parametrize("cell", [[1, 2], {"a": 1}, b"x", np.array([1])])
def test_nested_labels_are_refused(cell):
    with pytest.raises(DataError, match="lists, structs or bytes"):
        given_labels(pd.Series([cell, cell], dtype=object, name="grade"))


def test_no_label_at_all_is_refused():
    with pytest.raises(DataError, match="'grade' is empty in every row"):
        checked(["", None, "nan"], dtype="str")


def test_one_class_is_refused_by_name():
    with pytest.raises(DataError, match="only one class: 'cat'"):
        checked(["cat", "cat", None], dtype="str")


@pytest.mark.parametrize(
    "numbers",
    [
        np.linspace(0, 1, 200),  # a score
        [1.5, 2.25, 3.75, 4.5],  # few rows, all different
        np.arange(1000) * 7 % 100_000,  # prices
        np.random.default_rng(0).integers(0, 5000, 2000),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_a_quantity_is_refused_and_regression_named(numbers, as_text):
    cells = [str(number) for number in numbers] if as_text else numbers
    with pytest.raises(DataError, match="a quantity, not a class") as caught:
        checked(cells)
    assert "--task regression" in caught.value.hint


@pytest.mark.parametrize(
    "cells",
    [
        [0, 1, 0, 1],
        [0, 1],
        [1, 2, 3, 3],
        [0.5, 1.0, 1.5, 2.0, 2.5] * 3,
        list(range(100)) * 10,
        [100, 200, 5000] * 4,
        ["a", "b", "c", "c"],
    ],
)
def test_codes_ratings_and_names_are_classes(cells):
    checked(cells)


def test_text_that_differs_in_every_row_is_refused():
    with pytest.raises(DataError, match="3 different values in 3 rows"):
        checked(["x", "y", "z"])


@given(st.lists(st.text(max_size=6)))
def test_natural_order_does_not_depend_on_the_order_given(names):
    backwards = names[::-1]
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_natural_order_sorts_numbers_by_value(numbers):
    names = sorted((f"class {number}" for number in numbers), key=natural_key)
    assert names == [f"class {number}" for number in sorted(numbers)]


@given(st.lists(st.one_of(st.none(), st.sampled_from(["cat", "dog", " cat", "1", "1.0", "2", "", "nan"]))))
def test_codes_point_at_the_class_of_the_stripped_cell(cells):
    labels = labels_of(cells, dtype="str")
    for cell, code in zip(cells, labels.codes, strict=True):
        if code < 0:
            assert cell is None or cell.strip() in {"", "nan"}
        else:
            assert labels.classes[code] in {cell.strip(), cell.strip().removesuffix(".0")}
