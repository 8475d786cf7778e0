import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from dataclinic.methods.cohen_kappa import cohen_kappa
from dataclinic.seeding import rng_for

RNG = rng_for(0, "kappa")


def _agreeing(samples, classes, share):
    first = RNG.integers(0, classes, samples)
    return first, np.where(RNG.random(samples) < share, first, RNG.integers(0, classes, samples))


@pytest.mark.parametrize(("classes", "share"), [(2, 0.9), (5, 0.6), (12, 0.1)])
def test_it_is_that_of_scikit_learn(classes, share):
    first, second = _agreeing(300, classes, share)
    found = cohen_kappa(first, second)
    assert found.value == pytest.approx(cohen_kappa_score(first, second))
    assert found.agreed == pytest.approx((first == second).mean())


def test_a_case_worked_by_hand():
    # 20 yes/yes, 15 no/no, 5 yes/no, 10 no/yes: agreed 0.7, by chance 0.5 × 0.6 + 0.5 × 0.4 = 0.5, so 0.2 / 0.5.
    first = np.array([1] * 20 + [0] * 15 + [1] * 5 + [0] * 10)
    second = np.array([1] * 20 + [0] * 15 + [0] * 5 + [1] * 10)
    found = cohen_kappa(first, second)
    assert found.value == pytest.approx(0.4)
    # Fleiss, Cohen & Everitt: the sum over yes and no, that over yes/no and no/yes, and the square that goes off.
    spread = 0.4 * (0.5 - 1.1 * 0.3) ** 2 + 0.3 * (0.5 - 0.9 * 0.3) ** 2
    spread += 0.3**2 * (0.1 * (0.6 + 0.5) ** 2 + 0.2 * (0.4 + 0.5) ** 2)
    spread -= (0.7 * 0.5 - 2 * 0.5 + 0.7) ** 2
    assert found.high - found.value == pytest.approx(1.96 * np.sqrt(spread / 50) / 0.5**2)


def test_the_interval_is_as_wide_as_resampled_people_say():
    first, second = _agreeing(400, 4, 0.7)
    found = cohen_kappa(first, second)
    drawn = [RNG.integers(0, 400, 400) for _ in range(400)]
    spread = np.std([cohen_kappa(first[rows], second[rows]).value for rows in drawn])
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(spread, rel=0.12)


def test_names_of_categories_do_not_matter():
    first, second = _agreeing(100, 4, 0.5)
    names = np.array([70, -3, 5, 11])
    assert cohen_kappa(names[first], names[second]).value == pytest.approx(cohen_kappa(first, second).value)
    swapped = cohen_kappa(second, first)
    assert swapped.low == pytest.approx(cohen_kappa(first, second).low)


def test_full_agreement_is_one_and_worse_than_chance_is_below_zero():
    assert cohen_kappa(np.array([0, 1, 2]), np.array([0, 1, 2])).value == 1
    assert cohen_kappa(np.array([0, 1, 0, 1]), np.array([1, 0, 1, 0])).value == -1


def test_it_is_undefined_without_samples_and_where_nothing_varies():
    assert cohen_kappa(np.zeros(0, np.int64), np.zeros(0, np.int64)) is None
    assert cohen_kappa(np.zeros(9, np.int64), np.zeros(9, np.int64)) is None
