import pandas as pd
import pytest

from dataclinic.outgoing.cleaned_frame import free_column, typed

CASES = {
    "whole": (["1", "2", " 3"], [1, 2, 3], "int64"),
    "broken": (["1.5", "2", "3"], [1.5, 2, 3], "float64"),
    "with a gap": (["1", "", "3"], [1, None, 3], "float64"),
    "na": (["1.5", "NA", "3"], [1.5, None, 3], "float64"),
    "padded": (["01", "2", "3"], ["01", "2", "3"], "str"),
    "signed": (["+49", "2", "3"], ["+49", "2", "3"], "str"),
    "zero": (["0", "0.5", "-0.25"], [0, 0.5, -0.25], "float64"),
    "words": (["1", "two", "3"], ["1", "two", "3"], "str"),
    "empty": (["", "", ""], ["", "", ""], "str"),
}


@pytest.mark.parametrize("case", CASES)
def test_only_texts_that_spell_numbers_become_numbers(case):
    cells, wanted, kind = CASES[case]
    found = typed(pd.DataFrame({"x": pd.array(cells, dtype="str")}), None)["x"]
    assert found.dtype == kind
    pd.testing.assert_series_equal(found, pd.Series(wanted, name="x", dtype=kind), check_names=False)


def test_the_kept_column_and_columns_with_types_stay():
    frame = pd.DataFrame({"label": pd.array(["1", "2"], dtype="str"), "n": pd.array([1, None], dtype="Int64")})
    pd.testing.assert_frame_equal(typed(frame, "label"), frame)


def test_a_name_that_is_taken_gets_underscores():
    assert free_column("image", ["image", "image_", "x"]) == "image__"
