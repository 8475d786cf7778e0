"""Association, its interval and its adjustment match independent references."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, false_discovery_control, ncx2
from sklearn.feature_selection import f_classif

from dataclinic.methods.column_signal import (
    association,
    common_levels,
    false_discovery_adjusted,
    signal_bins,
    signal_to_noise,
)


def test_association_by_hand():
    # 30/10 against 10/30: expected 20 throughout, X² = 4 × 100 / 20 = 20.
    bins, classes = np.repeat([0, 0, 1, 1], [30, 10, 10, 30]), np.repeat([0, 1, 0, 1], [30, 10, 10, 30])
    found = association(bins, classes)
    assert (found.chi2, found.freedom, found.effect, found.sound) == (20.0, 1, 19 / 80, True)
    assert ncx2.cdf(20, 1, found.largest_effect * 80) == pytest.approx(0.05)


@given(st.integers(0, 10**6))
def test_association_matches_scipy(seed):
    rng = np.random.default_rng(seed)
    bins, classes = rng.integers(0, 4, 200), rng.integers(0, 3, 200)
    table = np.array([[((bins == place) & (classes == code)).sum() for code in range(3)] for place in range(4)])
    expected = chi2_contingency(table, correction=False)
    found = association(bins, classes)
    assert (found.chi2, found.p_value) == (pytest.approx(expected.statistic), pytest.approx(expected.pvalue))
    assert found.effect <= found.largest_effect


def test_codes_without_samples_do_not_count():
    bins, classes = np.repeat([0, 7], 50), np.tile([0, 3], 50)
    assert association(bins, classes) == association(np.repeat([0, 1], 50), np.tile([0, 1], 50))
    assert association(np.zeros(9, int), np.arange(9) % 2).p_value == 1.0


def test_strong_associations_have_an_interval_too():
    bins = np.arange(20_000) % 4
    found = association(bins, bins)
    assert found.effect == pytest.approx(3, abs=0.01)
    assert 3 <= found.largest_effect < 3.1
    # The shortcut for large X² and the exact root meet.
    assert ncx2.cdf(found.chi2, found.freedom, found.largest_effect * 20_000) == pytest.approx(0.05, abs=0.005)


def test_luck_rules_nothing_out():
    bins, classes = np.repeat([0, 1], 50), np.tile([0, 1], 50)
    found = association(bins, classes)
    assert (found.chi2, found.effect) == (0.0, 0.0)
    assert ncx2.cdf(1, 1, found.largest_effect * 100) == pytest.approx(0.05)


def test_thin_tables_are_not_sound():
    assert not association(np.arange(60) % 20, np.arange(60) % 3).sound


def test_bins_by_hand():
    assert signal_bins(np.arange(10.0)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert signal_bins(np.array([np.nan, 0.0, 0.0, 1.0])).tolist() == [0, 1, 1, 2]
    assert signal_bins(np.full(3, np.nan)).tolist() == [0, 0, 0]


def test_rare_levels_are_one_together():
    codes = np.r_[np.repeat(np.arange(25), np.arange(25) + 1), -1]
    levels = common_levels(codes)
    assert levels[codes == 24].tolist() == [0] * 25
    assert set(levels[(codes >= 0) & (codes < 6)].tolist()) == {19}
    assert len(set(levels.tolist())) == 20


def test_signal_to_noise_is_the_f_statistic_over_its_degrees_of_freedom():
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 3, 200)
    values = rng.normal(size=200) + classes
    (statistic,), _ = f_classif(values[:, None], classes)
    assert signal_to_noise(values, classes) == pytest.approx(statistic * 2 / 197)
    assert signal_to_noise(np.append(values, np.nan), np.append(classes, 0)) == pytest.approx(statistic * 2 / 197)
    assert signal_to_noise(values * 1e-200, classes) == pytest.approx(statistic * 2 / 197)
    assert signal_to_noise(np.ones(200), classes) == 0
    assert signal_to_noise(classes.astype(float), classes) == np.inf


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjustment_matches_scipy(p_values):
    assert false_discovery_adjusted(p_values).tolist() == pytest.approx(false_discovery_control(p_values).tolist())
