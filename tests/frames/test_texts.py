"""Cells of a text column become texts; what is none is refused."""

import numpy as np
import pandas as pd
import pytest

from dataclinic.errors import DataError
from dataclinic.frames.texts import texts_of


def texts(cells, dtype=None):
    return texts_of(pd.Series(cells, dtype=dtype, name="review")).texts


def test_texts_stand_as_they_are():
    assert texts(["  good ", "a\nb", "<b>"]) == ("  good ", "a\nb", "<b>")


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_empty_cells_are_empty_texts(dtype):
    assert texts(["good", None, ""], dtype) == ("good", "", "")


def test_numbers_and_dates_are_written_out():
    assert texts([12, 3]) == ("12", "3")
    assert texts([12.0, None, 0.5]) == ("12", "", "0.5")
    assert texts([np.inf, 1.0]) == ("inf", "1")
    assert texts(["good", 7, True], "object") == ("good", "7", "True")
    assert texts(pd.to_datetime(["2026-01-02", None])) == ("2026-01-02 00:00:00", "")


@pytest.mark.parametrize("cell", [["a"], {"a": 1}, b"bytes", np.array(["a"]), ("a",)])
def test_nested_cells_are_refused(cell):
    with pytest.raises(DataError, match="text column 'review' holds lists, structs or bytes") as caught:
        texts(["good", cell], "object")
    assert "--text COLUMN" in caught.value.hint


def test_long_nested_cells_are_not_told_in_full():
    with pytest.raises(DataError) as caught:
        texts([list(range(10_000))], "object")
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("cells", [["", " ", None], [None, None]])
def test_a_column_without_any_text_is_refused(cells):
    with pytest.raises(DataError, match="text column 'review' is empty"):
        texts(cells, "str")
