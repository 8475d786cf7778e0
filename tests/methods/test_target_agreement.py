"""Errors against scikit-learn's metrics, and a hand-worked case."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error, median_absolute_error, r2_score

from dataclinic.methods.target_agreement import target_agreement
from dataclinic.predictions import OutOfFoldTargets
from dataclinic.seeding import rng_for


def agreement_of(predictions, targets):
    predictions = np.atleast_2d(np.asarray(predictions, float))
    return target_agreement(
        OutOfFoldTargets(predictions, np.zeros(predictions.shape, np.int64)), np.array(targets, float)
    )


def test_by_hand():
    # Residuals 0, 1, 2, 5; the median target is 2.5, from which they lie 1.5, 0.5, 0.5 and 7.5.
    scores = agreement_of([1, 1, 1, 5], [1.0, 2, 3, 10])
    assert scores["mae"] == 2.0
    assert scores["median_absolute_error"] == 1.5
    assert scores["rmse"] == pytest.approx(np.sqrt(30 / 4))
    assert scores["r2"] == pytest.approx(1 - 30 / 50)
    assert scores["of_median"]["mae"] == 2.5
    assert scores["mae_per_repeat"] == [2.0]


def test_matches_scikit_learn_on_the_mean_of_the_repeats():
    rng = rng_for(0, "agreement")
    targets = rng.normal(50, 9, 300)
    repeats = targets + rng.normal(0, 4, (3, 300))
    scores = agreement_of(repeats, targets)
    mean = repeats.mean(axis=0)
    assert scores["mae"] == pytest.approx(mean_absolute_error(targets, mean))
    assert scores["rmse"] == pytest.approx(np.sqrt(mean_squared_error(targets, mean)))
    assert scores["r2"] == pytest.approx(r2_score(targets, mean))
    assert scores["median_absolute_error"] == pytest.approx(median_absolute_error(targets, mean))
    assert scores["mae_per_repeat"] == pytest.approx([mean_absolute_error(targets, one) for one in repeats])
    assert scores["of_median"]["r2"] < 0


def test_only_judged_samples_count():
    scores = agreement_of([[1, np.nan, np.nan], [3, 5, np.nan]], [1.0, 5, 1e9])
    assert scores["mae"] == 0.5
    assert scores["mae_per_repeat"] == [0.0, 1.0]


def test_equal_targets_have_no_share_of_variance_and_the_largest_numbers_stay_finite():
    assert agreement_of([1, 2], [3, 3])["r2"] is None
    scores = agreement_of([0, 0, 1e200], [1e200, -1e200, 1e200])
    assert scores["rmse"] == pytest.approx(np.sqrt(2 / 3) * 1e200)
