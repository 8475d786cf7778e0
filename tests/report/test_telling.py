"""Telling values point at the planted column and at nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dataclinic.report.suspects import Suspect
from dataclinic.report.telling import telling_values
from dataclinic.seeding import rng_for

SUSPECT = Suspect(1, 3, "x", "low", "high", 0.9, 2.0, 3.0, 0.05, 0.01, ("label_errors",), "")


@pytest.fixture
def frames():
    """Class `low` has tell = 0 ± 1, class `high` 10 ± 1; `noise` is the same in both, `same` is constant."""
    rng = rng_for(0, "telling")
    labels = np.array(["low"] * 50 + ["high"] * 50)
    tell = np.where(labels == "low", 0.0, 10.0) + rng.normal(0, 1, 100)
    tell[3] = 9.5
    measurements = pd.DataFrame(
        {"value:noise": rng.normal(0, 1, 100), "value:tell": tell, "value:same": 1.0, "content": "a"}
    )
    measurements.loc[3, "value:noise"] = 0.0
    ranking = pd.DataFrame({"row": np.arange(100), "given_label": labels}).sample(frac=1, random_state=0)
    return measurements, ranking


def test_finds_the_planted_column_and_its_medians(frames):
    measurements, ranking = frames
    (cell,) = telling_values(measurements, ranking, [SUSPECT], 4)[3]
    assert (cell.column, cell.value) == ("tell", 9.5)
    assert cell.given_median == pytest.approx(np.median(measurements["value:tell"][:50]))
    assert cell.suggested_median == pytest.approx(np.median(measurements["value:tell"][50:]))


def test_a_row_like_its_given_class_tells_nothing(frames):
    measurements, ranking = frames
    measurements.loc[3, "value:tell"] = 0.1
    assert telling_values(measurements, ranking, [SUSPECT], 4)[3] == ()


@pytest.mark.parametrize("cell", [np.nan, np.inf])
def test_a_cell_without_a_number_tells_nothing(frames, cell):
    measurements, ranking = frames
    measurements.loc[3, "value:tell"] = cell
    assert telling_values(measurements, ranking, [SUSPECT], 4)[3] == ()


def test_without_a_suggested_class_there_is_nothing_to_compare_with(frames):
    measurements, ranking = frames
    assert telling_values(measurements, ranking, [replace(SUSPECT, suggested_label=None)], 4) == {}


def test_a_table_without_numbers_tells_nothing(frames):
    measurements, ranking = frames
    assert telling_values(measurements[["content"]], ranking, [SUSPECT], 4)[3] == ()


def test_the_largest_numbers_are_compared_without_overflow(frames):
    measurements, ranking = frames
    largest = np.where(np.arange(100) < 50, -1.7e308, 1.7e308)
    largest[[3, 7]] = 1.7e308, np.inf
    with np.errstate(all="raise"):
        (cell, _) = telling_values(measurements.assign(**{"value:largest": largest}), ranking, [SUSPECT], 4)[3]
    assert (cell.column, cell.value) == ("largest", 1.7e308)
    assert (cell.given_median, cell.suggested_median) == (-1.7e308, 1.7e308)


def test_huge_cells_of_a_small_class_in_a_narrow_column_do_not_overflow():
    labels = np.where(np.arange(100) < 90, "low", "high")
    narrow = np.where(labels == "low", np.linspace(-1e-3, 1e-3, 100), 1e308)
    narrow[3] = 1.7e308
    ranking = pd.DataFrame({"row": np.arange(100), "given_label": labels})
    with np.errstate(all="raise"):
        (cell,) = telling_values(pd.DataFrame({"value:narrow": narrow}), ranking, [SUSPECT], 4)[3]
    assert (cell.column, cell.value, cell.suggested_median) == ("narrow", 1.7e308, 1e308)
