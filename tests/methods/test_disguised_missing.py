"""Values that stand for missing are found; real ones are left alone."""

import numpy as np
import pandas as pd
import pytest

from dataclinic.methods.disguised_missing import disguised_words, sentinels

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
        "constant",
        "empty",
    ],
)
def test_ordinary_values_are_left_alone(values):
    assert sentinels(pd.Series(values, dtype=float)) == ()
