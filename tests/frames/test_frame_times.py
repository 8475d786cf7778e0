"""Times grow as the cells do, and what has no place in time is refused."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from dataclinic.errors import DataError
from dataclinic.frames.times import sample_times


def times_of(cells, **kind):
    return sample_times(pd.Series(cells, name="when", **kind))


DAYS = [18262.0, 18263.0, 18262.5]


@pytest.mark.parametrize(
    "cells",
    [
        ["2020-01-01", "2020-01-02", "2020-01-01T12:00:00"],
        pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-01 12:00"], format="ISO8601"),
        pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-01 12:00"], format="ISO8601").tz_localize("UTC"),
        ["2020-01-01T02:00:00+02:00", "2020-01-02T00:00:00Z", "2020-01-01T12:00:00"],
        ["18262", " 18263", "18262.5"],
        DAYS,
        pd.to_timedelta(DAYS, unit="D"),
    ],
    ids=["texts", "moments", "with a zone", "mixed zones", "texts of numbers", "numbers", "durations"],
)
def test_the_same_times_however_they_are_written(cells):
    times = times_of(cells)
    assert times.dtype == np.float64
    np.testing.assert_allclose(times, DAYS)


@pytest.mark.parametrize(
    "cells", [["31.01.2020", "01.02.2020"], ["2020/01/31", "2020/02/01"], ["01/31/2020", "02/01/2020"]]
)
def test_other_formats_of_dates(cells):
    np.testing.assert_allclose(times_of(cells), [18292, 18293])


def test_dates_of_python_and_before_the_epoch():
    np.testing.assert_allclose(times_of([dt.date(1969, 12, 31), dt.date(1600, 1, 1)]), [-1, -135140])


@pytest.mark.parametrize(
    "cells", [[1.0, np.nan, np.inf], ["2020-01-01", "", None], pd.to_datetime(["2020-01-01", None, None])]
)
def test_rows_without_a_time_are_counted_and_refused(cells):
    with pytest.raises(DataError, match=r"'when' is empty or infinite in 2 of 3 rows") as caught:
        times_of(cells)
    assert "--time" in caught.value.hint


@pytest.mark.parametrize(
    ("cells", "bad"),
    [
        (["2020-01-01", "soon", "later"], "'soon'"),
        (["1", "2", "three"], "'three'"),
        (["2020-01-01", "2020-01-02", "17"], "'17'"),
        (["morning", "evening"], "'morning'"),
    ],
)
def test_the_first_cell_that_is_no_time_is_named(cells, bad):
    with pytest.raises(DataError, match=f"{bad}, which is neither a number nor a date") as caught:
        times_of(cells)
    assert "2026-03-31" in caught.value.hint


def test_days_that_could_be_months_are_refused_unless_the_order_is_the_same():
    with pytest.raises(DataError, match="day and month cannot be told apart"):
        times_of(["01/02/2020", "02/01/2020"])
    np.testing.assert_array_equal(np.argsort(times_of(["01/01/2020", "02/02/2020"])), [0, 1])
