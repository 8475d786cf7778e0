import numpy as np
import pytest

from dataclinic.methods.order_drift import order_drift


def drift(values, strata=None, seed=0, permutations=199):
    values = np.asarray(values, np.float32)
    strata = np.zeros(len(values), np.int64) if strata is None else strata
    return order_drift(values, strata, permutations=permutations, rng=np.random.default_rng(seed))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_level_holds_without_drift_for_skewed_heavy_and_sorted_values():
    p_values = []
    for seed in range(240):
        rng = np.random.default_rng(seed)
        samples = int(rng.integers(60, 200))
        strata = np.sort(rng.integers(0, 3, samples))
        values = [rng.normal(size=(samples, 5)), rng.standard_t(2, (samples, 5)), rng.lognormal(size=(samples, 2))]
        p_values.append(drift(values[seed % 3] + strata[:, None], strata, seed, 99).p_value)
    # Binomial: .05 × 240 = 12 expected, 22 or more in 4 of 1,000 such runs; .01: 2.4 expected, 8 or more in 3.
    assert np.mean(np.array(p_values) <= 0.05) <= 21 / 240
    assert np.mean(np.array(p_values) <= 0.01) <= 7 / 240
    assert np.mean(np.array(p_values) <= 0.5) > 0.3


def test_shifted_stretch_is_found_where_it_is(rng):
    values = rng.normal(size=(1000, 6))
    values[300:420, :2] += 1.5
    found = drift(values)
    assert found.p_value == 1 / 200
    assert abs(found.start - 300) <= 10
    assert abs(found.stop - 420) <= 10
    assert found.shift > 1


def test_bursts_of_like_samples_are_found(rng):
    values = rng.normal(size=(600, 8)) + np.repeat(rng.normal(size=(100, 8)), 6, axis=0) * 0.7
    assert drift(values).p_value == 1 / 200
    assert drift(rng.permutation(values)).p_value > 0.05


def test_slow_trend_is_found(rng):
    values = rng.normal(size=(400, 3))
    values[:, 1] += np.linspace(-1, 1, 400)
    assert drift(values).p_value == 1 / 200


def test_order_of_the_strata_is_no_drift(rng):
    strata = np.repeat(np.arange(4), 100)
    values = rng.normal(size=(400, 5)) + 10 * strata[:, None]
    assert drift(values, strata).p_value > 0.05
    assert drift(values).p_value == 1 / 200


def test_drift_within_strata_is_found_although_they_are_sorted(rng):
    strata = np.repeat(np.arange(4), 100)
    values = rng.normal(size=(400, 5)) + 10 * strata[:, None]
    values[250:300, 0] += 2
    found = drift(values, strata)
    assert found.p_value == 1 / 200
    # The stratum's other samples deviate to the other side, so the end is less sharp.
    assert abs(found.start - 250) <= 10
    assert abs(found.stop - 300) <= 30


def test_values_that_take_turns_are_no_drift():
    assert drift(np.eye(4)[np.arange(400) % 4]).p_value > 0.5


def test_constant_values_cannot_drift():
    found = drift(np.ones((80, 3)))
    assert found.p_value == 1
    assert (found.start, found.stop) == (0, 80)


def test_one_extreme_sample_is_no_stretch(rng):
    values = rng.normal(size=(300, 4))
    values[100] = 1e6
    assert drift(values).p_value > 0.05


def test_p_value_counts_arrangements_as_large_by_hand(rng):
    # Drawing stops at the tenth that is as large, and the p-value is 10 of those drawn.
    found = drift(rng.normal(size=(200, 3)), permutations=9999)
    assert found.permutations < 9999
    assert found.p_value == pytest.approx(10 / found.permutations)


def test_same_generator_same_answer(rng):
    values = rng.normal(size=(200, 3))
    assert drift(values, seed=4) == drift(values, seed=4)
