"""Which cells of a label column are numbers, and which columns are refused."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from dataclinic.errors import DataError
from dataclinic.frames.targets import given_targets, require_numbers, target_notes


def targets_of(cells, **kind):
    return given_targets(pd.Series(cells, name="price", **kind))


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([1.5, np.nan, np.inf], [1.5, np.nan, np.nan]),
        (["1.5", " 2 ", "1e3", "-4", ""], [1.5, 2, 1000, -4, np.nan]),
        (["7", "n/a", "NaN", "null"], [7, np.nan, np.nan, np.nan]),
        (["1", "1,234.5", "12 €", "inf", "true"], [1, np.nan, np.nan, np.nan, np.nan]),
        ([Decimal("1.25"), None, 3], [1.25, np.nan, 3]),
    ],
)
def test_numbers_and_their_texts_are_read(cells, values):
    np.testing.assert_array_equal(targets_of(cells).values, values)


def test_nullable_integers_are_numbers():
    np.testing.assert_array_equal(targets_of([1, None, 3], dtype="Int64").values, [1, np.nan, 3])


def test_the_given_column_is_left_as_it_is():
    column = pd.Series([1.0, np.inf], name="price")
    given_targets(column)
    assert column[1] == np.inf


def test_codes_mark_the_rows_that_have_a_number():
    given = targets_of([1.5, None, 2])
    assert given.codes.tolist() == [0, -1, 0]
    assert given.classes == ()


def test_cells_that_are_no_numbers_are_counted_and_shown():
    given = targets_of(["12 €", *map(str, range(1, 31)), "", "inf"])
    assert (given.unread, given.example) == (2, "12 €")
    require_numbers(given, "price")
    assert (
        target_notes(given, "price")[0]
        == "label column 'price': 2 cells are no finite numbers and missing (e.g. '12 €')"
    )


@pytest.mark.parametrize(
    ("cells", "match"),
    [
        ([True, False], "truth values"),
        (["true", "False", ""], "truth values"),
        ([True, None], "truth values"),
        ([[1.0], [2.0]], "lists, structs or bytes"),
        ([dt.datetime(2026, 1, 1, tzinfo=dt.UTC)] * 2, "dates or durations"),
        ([dt.timedelta(1)] * 2, "dates or durations"),
        (["2026-01-01", "2026-01-02"], "cells that are none, e.g. '2026-01-01'"),
        (["1,234.5", "2,345.6"], "cells that are none, e.g. '1,234.5'"),
        ([np.nan, None], "empty in every row"),
        (["", ""], "empty in every row"),
        ([5, 5, 5], "holds 5 in every row"),
    ],
)
def test_what_is_no_target_is_refused_with_a_hint(cells, match):
    with pytest.raises(DataError, match=match) as caught:
        require_numbers(targets_of(cells), "price")
    assert "--label" in caught.value.hint


@pytest.mark.parametrize(("cells", "told"), [([1, 2, 3, 3], True), ([1.5, 2, 3], False), (list(range(30)), False)])
def test_few_whole_numbers_look_like_classes(cells, told):
    notes = target_notes(targets_of(cells), "grade")
    assert notes == (
        ("label column 'grade' holds 3 different whole numbers: if they are classes, leave --task out",) if told else ()
    )
