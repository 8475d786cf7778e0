"""Rows that differ by next to nothing share a set; coarse, few or slowly varying columns give none."""

import numpy as np
import pandas as pd
import pytest

from dataclinic.methods.row_copies import BOUNDS, WAYS, row_copies

NONE = np.empty((0, 2), np.int64)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def rich(rng, rows=400, columns=6):
    frame = pd.DataFrame(rng.normal(size=(rows, columns)), columns=[f"number {place}" for place in range(columns)])
    frame["city"] = rng.choice(["Oslo", "Rome", "Lima"], rows)
    return frame


def sets_of(frame, pairs=NONE):
    return row_copies(frame, pairs, np.empty((len(frame), 0), np.int64))


def planted(frame, change):
    """The first forty rows again, each changed."""
    copies = frame.iloc[:40].copy()
    change(copies)
    return pd.concat([frame, copies], ignore_index=True)


def pairs_of(found, rows=400):
    return [found.sets[row] >= 0 and found.sets[row] == found.sets[rows + row] for row in range(40)]


def test_one_tiny_change_is_found(rng):
    def change(copies):
        copies["number 2"] += 1e-3

    found = sets_of(planted(rich(rng), change))
    assert all(pairs_of(found))
    assert (found.sets >= 0).sum() == 80
    assert {WAYS[way] for way in found.likeness.ways} == {"numbers changed"}


def test_spelling_of_texts_is_no_change(rng):
    def change(copies):
        copies["city"] = copies["city"].str.upper() + "."

    found = sets_of(planted(rich(rng), change))
    assert all(pairs_of(found))
    assert {WAYS[way] for way in found.likeness.ways} == {"same words in all cells"}


def test_rounding_of_all_numbers_is_found_among_neighbours(rng):
    def change(copies):
        copies.iloc[:, :6] = copies.iloc[:, :6].round(3)

    frame = planted(rich(rng), change)
    assert not any(pairs_of(sets_of(frame)))
    neighbours = np.column_stack([np.arange(40), 400 + np.arange(40)])
    assert all(pairs_of(sets_of(frame, neighbours)))


@pytest.mark.parametrize(
    "change",
    [
        lambda copies: copies.__setitem__("number 2", copies["number 2"] + 0.5),
        lambda copies: copies.__setitem__("number 2", np.nan),
        lambda copies: copies.__setitem__("city", "Cairo"),
    ],
)
def test_a_real_change_is_another_row(rng, change):
    assert (sets_of(planted(rich(rng), change)).sets == -1).all()


def test_grades_with_signs_stay_apart(rng):
    frame = rich(rng).assign(city="A+")
    assert (sets_of(planted(frame, lambda copies: copies.__setitem__("city", "A-"))).sets == -1).all()


@pytest.mark.parametrize("columns", [1, 2])
def test_few_columns_prove_nothing(rng, columns):
    frame = pd.DataFrame(rng.normal(size=(1000, columns)))
    assert (sets_of(planted(frame, lambda copies: copies.__setitem__(0, copies[0] + 1e-4))).sets == -1).all()


def test_clean_tables_have_none(rng):
    assert (sets_of(rich(rng, 2000)).sets == -1).all()
    assert (sets_of(pd.DataFrame(rng.integers(0, 3, (500, 8)))).sets == -1).all()
    assert (sets_of(pd.DataFrame(rng.normal(size=(500, 4)).round(1))).sets == -1).all()


def test_slowly_varying_rows_form_no_sets():
    time = np.arange(3000)[:, None] / 3000
    frame = pd.DataFrame(np.sin(time * np.arange(1, 9)))
    steps = np.column_stack([np.arange(2999), np.arange(1, 3000)])
    measured = sets_of(frame, steps)
    assert np.abs(np.diff(frame.to_numpy(), axis=0)).max() < 1 - BOUNDS.least
    assert (measured.sets == -1).all()


def test_missing_cells_equal_each_other(rng):
    frame = rich(rng)
    frame.loc[:19, "number 5"] = np.nan
    found = sets_of(planted(frame, lambda copies: copies.__setitem__("number 1", copies["number 1"] + 1e-3)))
    assert all(pairs_of(found))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(index=range(3)),
        pd.DataFrame({"a": [1.0]}),
        pd.DataFrame({"a": [[1], [2], [1]]}),
        pd.DataFrame({"a": [np.inf, np.nan, 1.0], "b": [1 + 2j, 2j, 0]}),
        pd.DataFrame({"a": pd.to_datetime(["2020-01-01", None, "2020-01-02"]), "b": pd.array([1, None, 2], "Int64")}),
    ],
)
def test_odd_tables_do_no_harm(frame):
    assert (sets_of(frame).sets == -1).all()
