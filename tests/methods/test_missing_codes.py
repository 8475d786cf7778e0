"""Values that stand for missing are found; real ones are left alone."""

import numpy as np
import pandas as pd
import pytest

from dataclinic.methods.missing_codes import disguised_words, first_day, sentinels

RNG = np.random.default_rng(0)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_words_for_missing_are_found_as_they_stand(dtype):
    column = pd.Series(["red", " N/A", "?", "Unknown", "  ", "blue", None], dtype=dtype)
    assert disguised_words(column) == ("  ", " N/A", "?", "Unknown")


def test_words_that_may_mean_something_are_left_alone():
    assert disguised_words(pd.Series(["none", "-", "+", "0", "other", "unknown street", "n"])) == ()


def test_na_among_two_letter_codes_is_namibia():
    assert disguised_words(pd.Series(["NA", "DE", "FR"])) == ()
    assert disguised_words(pd.Series(["NA", "Germany", "FR"])) == ("NA",)
    assert disguised_words(pd.Series(["NA", "?", "DE", "FR"])) == ("?",)


def test_cells_that_are_no_text_are_passed_over():
    assert disguised_words(pd.Series([["?"], {"a": 1}, 3, None, "?"], dtype=object)) == ("?",)


@pytest.mark.parametrize("code", [-99.0, -999.0, -9999.0, 999.0, 9999.0, 999999.0])
def test_planted_codes_are_found(code, rng):
    values = np.r_[rng.normal(50, 10, 500).clip(0), np.full(5, code), np.nan]
    assert sentinels(pd.Series(values)) == (code,)


def test_the_only_negative_number_is_found_within_the_fences_too():
    assert sentinels(pd.Series([*range(101), *[-99] * 3])) == (-99,)


def test_several_codes_and_whole_numbers(rng):
    ages = pd.Series([*rng.integers(18, 80, 300), *[-999] * 4, *[9999] * 3])
    assert sentinels(ages) == (-999, 9999)


def test_a_code_that_most_cells_hold_is_found(rng):
    assert sentinels(pd.Series([*[999] * 900, *rng.integers(1, 28, 100)])) == (999,)


def test_nullable_numbers_are_read():
    assert sentinels(pd.Series([*range(50), 9999, 9999, 9999, None], dtype="Int64")) == (9999,)


def test_zero_is_a_code_where_nothing_comes_near_it(rng):
    heights = rng.normal(170, 10, 300)
    assert sentinels(pd.Series([*heights, 0, 0, 0])) == (0,)
    assert sentinels(pd.Series([*heights, 0, 0])) == ()
    assert sentinels(pd.Series([*heights[:100], *[0] * 101])) == ()


def test_minus_one_is_a_code_among_counts_where_it_is_the_most_frequent(rng):
    days = rng.integers(0, 300, 500)
    assert sentinels(pd.Series([*days, *[-1] * 200])) == (-1,)
    assert sentinels(pd.Series([*days, *[-2] * 200])) == ()
    assert sentinels(pd.Series([*days / 7, *[-1] * 200])) == ()
    assert sentinels(pd.Series([*rng.integers(0, 10, 500), *[-1] * 200])) == ()
    assert sentinels(pd.Series([*rng.normal(170, 10, 300), -1, -1, -1])) == (-1,)


def test_first_days_of_calendars_are_codes_apart_from_other_dates(rng):
    born = (pd.Timestamp("1945-01-01") + pd.to_timedelta(rng.integers(0, 20_000, 300), unit="D")).to_series()
    days = ((born - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)).to_numpy()
    for day in ("0001-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "9999-12-31"):
        code = float((np.datetime64(day) - np.datetime64("1970-01-01")).astype(int))
        assert first_day(code) == day
        assert sentinels(pd.Series([*days, *[code] * 3])) == (code,)
    old = np.linspace(-25_500, 0, 300)
    assert sentinels(pd.Series([*old, *[-25_567.0] * 3])) == ()
    assert first_day(0.0) is None


@pytest.mark.parametrize(
    "values",
    [
        [*RNG.integers(0, 80, 300), 999, 999],
        [*RNG.integers(0, 100, 300), *[99] * 9],
        [*RNG.integers(0, 1500, 300), *[999] * 9],
        [*RNG.integers(0, 990, 300), *[999] * 9],
        [*range(100), 400, 700, *[999] * 5],
        [*range(450), *[999] * 5],
        [*RNG.integers(-200, 200, 300), *[-99] * 9],
        [*RNG.lognormal(6, 1.3, 500).round(), *[999] * 5, *[9999] * 5, 8700, 12000],
        [*RNG.integers(0, 80, 300), *[5000] * 9],
        [*RNG.integers(0, 80, 300), *[-1] * 9],
        [*RNG.lognormal(5, 1, 300), *[0] * 40],
        [*RNG.normal(80, 10, 300), *[0] * 40],
        [*RNG.integers(4, 50, 300), *[0] * 40],
        [-1, 0, 1] * 50,
        [999] * 20,
        [np.nan] * 5,
    ],
    ids=[
        "twice",
        "two nines",
        "inside",
        "within the fences",
        "end of a tail",
        "far but within the fences",
        "among negatives",
        "prices",
        "no nines",
        "minus one",
        "amounts of nothing",
        "exams not passed",
        "counts of nothing",
        "signs",
        "constant",
        "empty",
    ],
)
def test_ordinary_values_are_left_alone(values):
    assert sentinels(pd.Series(values, dtype=float)) == ()
