"""Residuals beside their neighbours', by hand and where the noise grows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from dataclinic.methods.scaled_residuals import BIN_SAMPLES, scaled_residuals
from dataclinic.seeding import rng_for


def test_few_samples_are_one_bin_by_hand():
    # Residuals 0 1 2 3 94: median 2, MAD 1, so the spread is 1 / 0.6745.
    predictions = np.array([10.0, 20, 30, 40, 50])
    scaled = scaled_residuals(predictions + np.array([0, 1, 2, 3, 94]), predictions)
    np.testing.assert_allclose(scaled.z, 0.6745 * np.array([-2, -1, 0, 1, 92]))
    np.testing.assert_allclose(scaled.expected, predictions + 2)
    np.testing.assert_allclose(scaled.spread, 1 / 0.6745)


def test_what_is_not_predicted_is_left_out():
    scaled = scaled_residuals(np.array([1.0, 2, 3, 4]), np.array([1.0, np.nan, 4, 3]))
    assert np.isnan(scaled.z[1])
    assert np.isfinite(scaled.z[[0, 2, 3]]).all()
    assert np.isnan(scaled_residuals(np.array([1.0]), np.array([np.nan])).z).all()


def test_noise_that_grows_is_measured_where_it_stands():
    rng = rng_for(0, "growing")
    predictions = rng.uniform(1, 100, 4000)
    scaled = scaled_residuals(predictions + rng.normal(0, predictions / 10), predictions)
    for low, high in ((5, 15), (45, 55), (85, 95)):
        here = (predictions > low) & (predictions < high)
        # A little towards that of all samples, which is 5.
        assert abs(np.median(scaled.spread[here]) / ((low + high) / 20) - 1) < 0.45
        assert 0.7 < scaled.z[here].std() < 1.3


def test_a_bias_that_grows_is_no_residual():
    rng = rng_for(0, "shrunken")
    truth = rng.normal(0, 10, 3000)
    scaled = scaled_residuals(truth + rng.normal(0, 1, 3000), truth / 2)
    assert np.abs(np.median(scaled.z[truth > 15])) < 1
    assert scaled.spread.max() < 4


def test_errors_rank_above_noise_that_grows_where_plain_residuals_do_not():
    rng = rng_for(0, "planted")
    predictions = rng.uniform(1, 100, 2000)
    wrong = (predictions < 20) & (rng.random(2000) < 0.2)
    given = predictions + rng.normal(0, predictions / 5) + 20 * wrong
    plain = roc_auc_score(wrong, np.abs(given - predictions))
    assert roc_auc_score(wrong, np.abs(scaled_residuals(given, predictions).z)) > max(0.97, plain + 0.05)


def test_exact_predictions_have_no_residual_however_small_the_rounding():
    predictions = rng_for(0, "exact").normal(size=500)
    scaled = scaled_residuals(predictions + 1e-15, predictions)
    assert np.abs(scaled.z).max() < 1e-6
    assert scaled_residuals(np.ones(5), np.ones(5)).z.tolist() == [0.0] * 5


def test_one_absurd_number_hides_no_other_error():
    rng = rng_for(0, "absurd")
    predictions = rng.normal(size=400)
    targets = predictions + rng.normal(0, 0.1, 400)
    targets[3] += 2
    before = scaled_residuals(targets, predictions).z[3]
    targets[7] = 1e14
    z = scaled_residuals(targets, predictions).z
    assert z[7] > z[3] > 0.9 * before > 10


@given(st.integers(5, 3 * BIN_SAMPLES), st.integers(0, 5), st.floats(0.01, 100), st.floats(-100, 100))
def test_unit_and_origin_of_the_numbers_change_nothing(samples, seed, unit, origin):
    rng = np.random.default_rng(seed)
    predictions = rng.normal(size=samples)
    targets = predictions + rng.normal(size=samples)
    other = scaled_residuals(unit * targets + origin, unit * predictions + origin)
    np.testing.assert_allclose(other.z, scaled_residuals(targets, predictions).z, rtol=1e-6, atol=1e-8)
    backwards = scaled_residuals(targets[::-1], predictions[::-1])
    np.testing.assert_allclose(backwards.z[::-1], scaled_residuals(targets, predictions).z)
