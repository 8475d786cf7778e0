import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dataclinic.dataset import Table
from dataclinic.encoders.raw_columns import RawColumns
from dataclinic.methods.column_features import ONE_HOT_LEVELS, RARE_ROWS
from dataclinic.progress import silent
from dataclinic.seeding import rng_for


def encode(frame):
    return RawColumns().encode(Table(frame), device="cpu", seed=0, progress=silent)


def features(**columns):
    return encode(pd.DataFrame(columns)).features


def test_numbers_are_imputed_and_scaled_as_scikit_learn_does_on_the_training_rows():
    rng = rng_for(0, "numbers")
    values = rng.normal(5, 3, size=(50, 4))
    values[rng.random(values.shape) < 0.2] = np.nan
    train = np.arange(0, 50, 2)
    reference = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(values[train]).transform(values)
    vectors = encode(pd.DataFrame(values).add_prefix("n")).features.vectors(train)
    np.testing.assert_allclose(vectors[:, :4], reference, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(vectors[:, 4:], np.isnan(values))


def test_small_table_worked_by_hand():
    made = features(age=[1.0, np.nan, 3.0, 100.0], kind=pd.Categorical(["a", "b", "a", None]))
    train = np.array([0, 1, 2])
    # training ages 1, 2 (the median), 3: mean 2, deviation √(2/3); then "age is missing"; then the pooled rare levels
    deviation = np.sqrt(2 / 3)
    expected = [
        [-1 / deviation, 0, 1],
        [0, 1, 1],
        [1 / deviation, 0, 1],
        [98 / deviation, 0, 0],
    ]
    np.testing.assert_allclose(made.vectors(train), expected, rtol=1e-6)
    columns = made.columns(train)
    np.testing.assert_array_equal(columns.values, [[1, 0], [np.nan, 1], [3, 0], [100, np.nan]])
    assert columns.names == ("age", "kind")
    assert columns.categorical.tolist() == [False, True]


def test_what_other_rows_hold_changes_nothing_in_the_training_rows():
    rng = rng_for(0, "leak")
    frame = pd.DataFrame({"n": rng.normal(size=60), "c": pd.Categorical(rng.choice(list("ab"), 60))})
    train, rest = np.arange(40), np.arange(40, 60)
    changed = frame.copy()
    changed.loc[rest, "n"] = 1e9
    changed.loc[rest, "c"] = "a"
    before, after = encode(frame).features, encode(changed).features
    np.testing.assert_array_equal(before.vectors(train)[train], after.vectors(train)[train])
    np.testing.assert_array_equal(before.columns(train).values[train], after.columns(train).values[train])


def test_frequent_levels_get_a_column_rare_ones_share_one_and_unseen_ones_get_none():
    cells = ["often"] * (RARE_ROWS + 5) + ["also"] * RARE_ROWS + ["rare"] * 3 + ["seldom"] + ["new"]
    vectors = features(c=pd.Categorical(cells)).vectors(np.arange(len(cells) - 1))
    assert vectors.shape == (len(cells), 3)
    assert vectors[0].tolist() == [1, 0, 0]
    assert vectors[RARE_ROWS + 5].tolist() == [0, 1, 0]
    assert vectors[-3].tolist() == vectors[-2].tolist() == [0, 0, 1]
    assert vectors[-1].tolist() == [0, 0, 0]


def test_empty_category_cells_are_a_level_of_their_own():
    cells = pd.Categorical(["a"] * 20 + [None] * 20)
    vectors = features(c=cells).vectors(np.arange(40))
    assert vectors[:, :2].sum(axis=1).tolist() == [1.0] * 40
    assert not np.array_equal(vectors[0], vectors[-1])
    assert np.isnan(features(c=cells).columns(np.arange(40)).values[20:, 0]).all()


def test_thousands_of_levels_stay_within_what_trees_and_memory_take():
    cells = pd.Categorical([f"level {number % 1000}" for number in range(30_000)])
    made = features(c=cells)
    train = np.arange(29_000)
    assert made.vectors(train).shape[1] == ONE_HOT_LEVELS + 1
    numbers = made.columns(train).values[:, 0]
    assert numbers.min() == 0
    assert numbers.max() == 253


def test_infinite_and_absurd_cells_count_as_missing():
    made = features(n=[1.0, 2.0, np.inf, -np.inf, 1e300])
    train = np.arange(5)
    assert np.isnan(made.columns(train).values[2:, 0]).all()
    vectors = made.vectors(train)
    assert vectors[:, 1].tolist() == [0, 0, 1, 1, 1]
    assert np.isfinite(vectors).all()


def test_columns_that_say_nothing_in_training_become_zeros():
    made = features(constant=[0.1] * 6, empty=[np.nan] * 4 + [5.0, 6.0])
    vectors = made.vectors(np.arange(4))
    np.testing.assert_array_equal(vectors[:, :2], 0)
    assert vectors[:, 2].tolist() == [1, 1, 1, 1, 0, 0]


def test_row_order_of_the_training_rows_does_not_matter():
    rng = rng_for(0, "order")
    made = features(n=rng.normal(size=80), c=pd.Categorical(rng.choice(list("abc"), 80)))
    train = np.arange(60)
    shuffled = rng.permutation(train)
    np.testing.assert_allclose(made.vectors(shuffled), made.vectors(train), atol=1e-6)
    np.testing.assert_array_equal(made.columns(shuffled).values, made.columns(train).values)


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_text_counts_as_category_whatever_pandas_calls_it(dtype):
    made = features(c=pd.Series(["x", "y", None, "x"] * 10, dtype=dtype))
    assert made.category_names == ("c",)
    assert made.vectors(np.arange(40)).shape[1] == 4


def test_integers_booleans_and_nullable_numbers_are_numbers():
    made = features(i=pd.Series([1, 2, 3]), b=pd.Series([True, False, True]), f=pd.Series([1, None, 3], dtype="Int64"))
    assert made.number_names == ("i", "b", "f")
    assert np.isnan(made.columns(np.arange(3)).values[1, 2])


def test_is_fitted_inside_the_fold_and_says_what_it_holds():
    encoded = encode(pd.DataFrame({"n": [1.0, 2.0], "c": pd.Categorical(["a", "b"])}))
    assert not encoded.features.frozen
    assert len(encoded.features) == 2
    assert encoded.description == "raw columns: 1 numeric, 1 categorical"


@settings(max_examples=40, deadline=None)
@given(
    numbers=st.lists(st.one_of(st.none(), st.floats(width=64)), min_size=3, max_size=20),
    seed=st.integers(0, 100),
)
def test_vectors_are_finite_whatever_the_cells(numbers, seed):
    rng = rng_for(seed, "cells")
    cells = np.array([np.nan if number is None else number for number in numbers])
    made = features(n=cells, c=pd.Categorical(rng.choice(["a", "b", None], len(cells))))
    train = np.sort(rng.choice(len(cells), size=rng.integers(1, len(cells)), replace=False))
    vectors = made.vectors(train)
    assert np.isfinite(vectors).all()
    assert vectors.dtype == np.float32
    assert not np.isinf(made.columns(train).values).any()
