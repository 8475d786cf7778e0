"""Sets of equal content, and when equal rows are no fault."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.content_digest import row_digests
from dataclinic.methods.content_twins import content_sets, twin_share, twins_are_natural


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def sets_of(frame):
    return content_sets(row_digests((frame[name] for name in frame), len(frame)))


def test_sets_are_numbered_by_appearance_and_no_content_is_none():
    assert content_sets(("b", "", "a", "b", "")).tolist() == [0, -1, 1, 0, -1]


@given(st.lists(st.sampled_from(["", "a", "b", "c", "d"]), min_size=1))
def test_share_counts_samples_with_a_twin(content):
    expected = sum(one != "" and content.count(one) > 1 for one in content) / len(content)
    assert twin_share(content_sets(content)) == pytest.approx(expected)


def test_coarse_columns_have_natural_twins(rng):
    survey = pd.DataFrame(rng.integers(0, 2, (1000, 5)), columns=list("abcde"))
    assert twins_are_natural(sets_of(survey), survey)


def test_coarse_columns_that_go_together_have_natural_twins(rng):
    illness = rng.random(1000) < 0.3
    symptoms = pd.DataFrame({f"s{place}": rng.random(1000) < np.where(illness, 0.9, 0.02) for place in range(10)})
    assert twin_share(sets_of(symptoms)) > 0.5
    assert twins_are_natural(sets_of(symptoms), symptoms)


def test_a_single_column_of_whole_numbers_has_natural_twins(rng):
    ages = pd.DataFrame({"age": rng.integers(18, 90, 1000)})
    assert twins_are_natural(sets_of(ages), ages)


def test_copies_of_rich_rows_are_not_natural(rng):
    once = pd.DataFrame(rng.normal(size=(300, 4)), columns=list("abcd"))
    thrice = pd.concat([once] * 3, ignore_index=True)
    assert twin_share(sets_of(thrice)) == 1
    assert not twins_are_natural(sets_of(thrice), thrice)


def test_few_copies_are_not_natural_in_any_table():
    coarse = pd.DataFrame({"a": np.arange(100), "b": 0})
    coarse.loc[99, "a"] = 0
    assert not twins_are_natural(sets_of(coarse), coarse)


@pytest.mark.parametrize(("copies", "natural"), [(1, True), (10, True), (11, False)])
def test_expected_pairs_by_hand(copies, natural):
    # Half of 20 rows are 0 and half 1: 90 of the 190 pairs are twins, and as many are expected of one such column,
    # but 190 × (90 / 190)^10 = 0.108 of ten and 0.051 of eleven; the line is at a thousandth of 90.
    halves = pd.DataFrame({f"copy {place}": [0, 1] * 10 for place in range(copies)})
    assert twins_are_natural(sets_of(halves), halves) == natural


def test_cells_that_cannot_be_hashed_are_compared_as_written():
    lists = pd.DataFrame({"cells": [[0], [1]] * 10})
    assert twins_are_natural(sets_of(lists), lists)
