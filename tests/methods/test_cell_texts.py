"""Cells read as a person would write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dataclinic.methods.cell_texts import cell_text, cell_texts


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1234567.0, "1234567"),
        (0.1 + 0.2, "0.3"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
        (7, "7"),
        (True, "True"),
        ("a\nb", "a\nb"),
        ([1, 2], "[1, 2]"),
        ("x" * 10, "x" * 10),
        ("x" * 11, "x" * 9 + "…"),
    ],
)
def test_a_cell_as_text(cell, text):
    assert cell_text(cell, 10) == text


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pd.Series([1.0, np.nan]), ["1", ""]),
        (pd.Series([1, None], dtype="Int64"), ["1", ""]),
        (pd.Series(["a", None]), ["a", ""]),
        (pd.Series([pd.NaT, pd.Timestamp("2026-08-03")]), ["", "2026-08-0…"]),
        (pd.Series([], dtype=object), []),
    ],
)
def test_missing_cells_are_empty(column, texts):
    assert cell_texts(column, 10) == texts
