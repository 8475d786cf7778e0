import numpy as np
import pytest
from sklearn.impute import KNNImputer

from dataclinic.methods import cell_imputation
from dataclinic.methods.cell_imputation import learned_imputation


@pytest.fixture
def numbers():
    """Two columns that go together, one of its own, one that is never empty; a tenth of the first is."""
    rng = np.random.default_rng(0)
    first = rng.normal(100, 10, 400)
    made = np.column_stack([first, 5 * first + rng.normal(0, 1, 400), rng.normal(size=400), np.ones(400)])
    made[rng.random(400) < 0.1, 0] = np.nan
    made[3] = np.nan
    return made


def filled(numbers, strategy, new=None):
    return learned_imputation(numbers, "abcd", strategy, 0).apply(numbers if new is None else new)


def test_median_by_hand():
    numbers = np.array([[1, 5.0], [2, np.nan], [9, 7], [np.nan, 6]])
    imputed = learned_imputation(numbers, ("x", "y"), "median", 0)
    assert imputed.names == ("x", "y", "x is empty", "y is empty")
    expected = [[1, 5, 0, 0], [2, 6, 0, 1], [9, 7, 0, 0], [2, 6, 1, 0]]
    np.testing.assert_allclose(imputed.apply(numbers), expected)


def test_nearest_rows_as_scikit_learn_finds_them(numbers):
    middle, spread = np.nanmean(numbers, axis=0), np.array([*np.nanstd(numbers[:, :3], axis=0), 1])
    expected = (
        KNNImputer(n_neighbors=10, weights="distance").fit_transform((numbers - middle) / spread) * spread + middle
    )
    np.testing.assert_allclose(filled(numbers, "knn")[:, :4], expected, rtol=1e-9)


@pytest.mark.parametrize("strategy", ["knn", "iterative"])
def test_other_cells_of_the_row_say_what_the_median_cannot(numbers, strategy):
    empty = np.isnan(numbers[:, 0]) & ~np.isnan(numbers[:, 1])
    truth = numbers[empty, 1] / 5
    assert np.abs(filled(numbers, strategy)[empty, 0] - truth).mean() < 2
    assert np.abs(filled(numbers, "median")[empty, 0] - truth).mean() > 5


@pytest.mark.parametrize("strategy", ["median", "knn", "iterative"])
def test_known_cells_stay_as_they_are_and_no_other_stays_empty(numbers, strategy):
    result = filled(numbers, strategy)
    known = ~np.isnan(numbers)
    np.testing.assert_array_equal(result[:, :4][known], numbers[known])
    assert not np.isnan(result).any()
    np.testing.assert_array_equal(result[:, 4:], np.isnan(numbers))


@pytest.mark.parametrize("strategy", ["median", "knn", "iterative"])
def test_columns_that_training_rows_know_nothing_of_stay_empty(numbers, strategy):
    numbers[:, 2] = np.nan
    numbers[3] = [101, 500, np.nan, 1]
    imputed = learned_imputation(numbers, "abcd", strategy, 0)
    assert imputed.names == ("a", "b", "c", "d", "a is empty", "c is empty")
    result = imputed.apply(numbers)
    assert np.isnan(result[:, 2]).all()
    assert not np.isnan(result[:, [0, 1, 3]]).any()


@pytest.mark.parametrize("strategy", ["median", "knn", "iterative"])
def test_column_that_is_empty_only_in_new_rows_is_filled_too(numbers, strategy):
    new = np.array([[100, 500, 0, np.nan], [100, np.nan, np.nan, np.nan], [np.nan] * 4])
    numbers[3] = [101, 500, 0, 1]
    imputed = learned_imputation(numbers, "abcd", strategy, 0)
    assert imputed.names[4:] == ("a is empty",)
    result = imputed.apply(new)
    assert not np.isnan(result).any()
    np.testing.assert_allclose(result[:, 3], 1)


@pytest.mark.parametrize("strategy", ["median", "knn", "iterative"])
def test_one_column_alone_is_filled_from_its_own_values(strategy):
    numbers = np.array([[1.0], [2], [6], [np.nan]])
    result = learned_imputation(numbers, "a", strategy, 0).apply(numbers)
    assert 1 <= result[3, 0] <= 6
    assert result[:, 1].tolist() == [0, 0, 0, 1]


def test_learns_from_a_sample_of_many_rows_that_knows_every_column(numbers, monkeypatch):
    monkeypatch.setattr(cell_imputation, "MOST_ROWS", 50)
    rare = np.full(400, np.nan)
    rare[399] = 3.0
    numbers = np.column_stack([numbers[:, :3], rare])
    one, again, other = (learned_imputation(numbers, "abcd", "knn", seed) for seed in (0, 0, 1))
    assert repr(one) == repr(again)
    np.testing.assert_array_equal(one.apply(numbers), again.apply(numbers))
    assert not np.array_equal(one.apply(numbers), other.apply(numbers))
    np.testing.assert_allclose(one.apply(numbers)[:, 3], 3)


def test_far_extrapolation_ends():
    first = np.random.default_rng(0).normal(size=200)
    numbers = np.column_stack([np.where(np.arange(200) % 9, first, np.nan), first])
    wild = learned_imputation(numbers, "ab", "iterative", 0).apply(np.array([[np.nan, 1e9]]))
    assert abs(wild[0, 0]) < 12
