"""Fits against scikit-learn's ridge and Huber regressions, and penalties chosen by leaving out."""

import numpy as np
import pytest
from sklearn.linear_model import HuberRegressor, Ridge

from dataclinic.methods.huber_ridge import PENALTIES, fit_huber_ridge
from dataclinic.seeding import rng_for


def made(rows=200, dims=5, noise=1.0, wrong=0):
    rng = rng_for(1, "huber", rows, dims)
    features = rng.normal(size=(rows, dims))
    slope = np.linspace(1, 2, dims)
    targets = features @ slope + 3 + noise * rng.normal(size=rows)
    targets[:wrong] += 50
    return (features - features.mean(axis=0)) / features.std(axis=0), targets, slope


def fit(features, targets, weights=None, penalty=1e-8):
    weights = np.ones(len(targets)) if weights is None else weights
    return fit_huber_ridge(features, targets, weights, penalty=penalty, max_iterations=1000, tolerance=1e-9)


def test_is_the_ridge_where_no_residual_is_far():
    # Residuals are ± 1 in equal number, none beyond 1.345 robust standard deviations (1 / 0.6745).
    rng = rng_for(0, "signs")
    features = rng.normal(size=(40, 1))
    features = np.concatenate([features, features])
    targets = 2 * features[:, 0] + np.repeat([1.0, -1.0], 40)
    ours = fit(features, targets, penalty=1e-3)
    centred = features - features.mean(axis=0)
    ridge = Ridge(alpha=1e-3 * 80).fit(centred, targets)
    np.testing.assert_allclose(ours.weights, ridge.coef_, rtol=1e-6)
    np.testing.assert_allclose(ours.predict(features), ridge.predict(centred), rtol=1e-6)


def test_far_errors_hardly_move_it_as_in_scikit_learn():
    features, targets, _ = made(wrong=20)
    ours = fit(features, targets)
    theirs = HuberRegressor(alpha=0, max_iter=1000, tol=1e-8).fit(features, targets)
    np.testing.assert_allclose(ours.weights, theirs.coef_, atol=0.15)
    clean = fit(*made()[:2])
    assert np.abs(ours.weights - clean.weights).max() < 0.3
    least_squares = Ridge(alpha=1e-6).fit(features, targets)
    assert np.abs(least_squares.intercept_ - 3) > 4 > 10 * np.abs(ours.intercept - 3)


def test_a_fit_with_more_columns_than_rows_is_that_of_the_space_they_span():
    features, targets, _ = made(rows=30, dims=80)
    _, _, axes = np.linalg.svd(features, full_matrices=False)
    wide, narrow = fit(features, targets, penalty=0.5), fit(features @ axes.T, targets, penalty=0.5)
    np.testing.assert_allclose(wide.predict(features), narrow.predict(features @ axes.T), rtol=1e-6)


def test_a_weight_of_two_is_the_row_twice():
    features, targets, _ = made(rows=40)
    weights = np.where(np.arange(40) < 20, 2.0, 1.0)
    twice = np.concatenate([np.arange(20), np.arange(40)])
    # The median absolute deviation has no weights, so only targets that none of it cuts are the same.
    gentle = targets / 1e3
    weighted = fit_huber_ridge(features, gentle, weights, penalty=1.0, max_iterations=1, tolerance=0.0)
    doubled = fit_huber_ridge(features[twice], gentle[twice], np.ones(60), penalty=1.0, max_iterations=1, tolerance=0.0)
    np.testing.assert_allclose(weighted.weights, doubled.weights, atol=3e-4)


@pytest.mark.parametrize(("noise", "dims", "rows"), [(0.1, 3, 200), (30.0, 40, 60)])
def test_the_penalty_grows_with_the_noise_and_is_near_the_best(noise, dims, rows):
    features, targets, _ = made(2 * rows, dims, noise)
    ones = np.ones(rows)
    losses = {
        penalty: np.abs(
            fit(features[:rows], targets[:rows], ones, penalty).predict(features[rows:]) - targets[rows:]
        ).mean()
        for penalty in PENALTIES
    }
    chosen = fit(features[:rows], targets[:rows], ones, None)
    assert chosen.penalty in PENALTIES
    assert losses[chosen.penalty] < 1.1 * min(losses.values())
    assert chosen.penalty < 0.1 if noise < 1 else chosen.penalty > 0.1


def test_constant_features_leave_the_middle_alone():
    ours = fit(np.zeros((5, 3)), np.array([1.0, 2, 3, 4, 100]))
    np.testing.assert_array_equal(ours.weights, 0)
    assert 2 < ours.intercept < 10
