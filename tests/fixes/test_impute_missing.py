import numpy as np
import pandas as pd
import pytest

from dataclinic.findings import DidNotApply
from dataclinic.fixes.impute_missing import ImputeMissing
from dataclinic.methods.cell_imputation import learned_imputation
from dataclinic.testing.parts import regression_part, table_part, vector_part


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    strong = rng.normal(20, 5, 150)
    made = pd.DataFrame({"strong": strong, "twin": 3 * strong + rng.normal(size=150), "kind": ["a", None, "b"] * 50})
    made.loc[::6, "strong"] = np.nan
    return made


@pytest.mark.parametrize("strategy", ["median", "knn", "iterative"])
def test_fills_columns_and_leaves_rows_and_labels(frame, strategy):
    part = table_part(frame, np.arange(150) % 2)
    treatment = ImputeMissing(strategy=strategy).propose(part)
    np.testing.assert_array_equal(treatment.rows, part.rows)
    np.testing.assert_array_equal(treatment.labels, part.labels)
    assert treatment.told == f"fill 25 cells in 1 of 2 numeric columns ({strategy})"
    numbers = part.features.numbers
    expected = learned_imputation(numbers, ("strong", "twin"), strategy, part.seed).apply(numbers)
    np.testing.assert_array_equal(treatment.column_map.apply(numbers), expected)
    assert treatment.column_map.names == ("strong", "twin", "strong is empty")


def test_the_default_uses_what_goes_together(frame):
    part = table_part(frame, np.arange(150) % 2)
    filled = ImputeMissing().propose(part).column_map.apply(part.features.numbers)
    assert np.abs(filled[::6, 0] - frame["twin"].to_numpy()[::6] / 3).max() < 2


def test_labels_are_not_looked_at(frame):
    maps = [ImputeMissing().propose(table_part(frame, labels)).column_map for labels in (np.arange(150) % 2, [0] * 150)]
    numbers = table_part(frame, [0] * 150).features.numbers
    np.testing.assert_array_equal(maps[0].apply(numbers), maps[1].apply(numbers))


def test_regression_keeps_its_target(frame):
    part = regression_part(frame, np.arange(150.0))
    np.testing.assert_array_equal(ImputeMissing().propose(part).labels, np.arange(150.0))


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ({"x": [1.0, 2, 3]}, "no numeric cell is empty in a column that has values"),
        ({"x": [1.0, 2, 3], "y": [np.nan] * 3}, "no numeric cell is empty in a column that has values"),
        ({"kind": ["a", None, "b"]}, "there is no numeric column that the model trains on"),
    ],
)
def test_says_why_it_does_not_apply(frame, reason):
    assert ImputeMissing().propose(table_part(pd.DataFrame(frame), [0, 1, 0])) == DidNotApply(reason)


def test_embeddings_have_no_cells():
    part = vector_part(np.eye(3), [0, 1, 0])
    assert ImputeMissing().propose(part) == DidNotApply("there is no numeric column that the model trains on")
