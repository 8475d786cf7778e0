import numpy as np
import pytest
from scipy.stats import binom, binomtest

from dataclinic.methods.exact_interval import exact_interval


@pytest.mark.parametrize(("hits", "of"), [(0, 1), (1, 1), (0, 25), (3, 25), (24, 25), (25, 25), (400, 1000)])
def test_it_is_the_exact_one_of_scipy(hits, of):
    told = binomtest(hits, of).proportion_ci(0.95, method="exact")
    np.testing.assert_allclose(exact_interval(hits, of), (told.low, told.high), atol=1e-9)


def test_a_case_worked_by_hand():
    # No error among n: the highest share p with (1 - p)^n = 0.025.
    low, high = exact_interval(0, 10)
    assert low == 0
    assert high == pytest.approx(1 - 0.025 ** (1 / 10))


def test_the_other_way_round_it_is_its_mirror_image():
    low, high = exact_interval(7, 30)
    assert exact_interval(23, 30) == pytest.approx((1 - high, 1 - low))


def test_nothing_is_known_of_no_sample():
    assert exact_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.77])
def test_it_holds_the_true_share_at_least_as_often_as_it_says(share):
    inside = [hits for hits in range(41) if exact_interval(hits, 40)[0] <= share <= exact_interval(hits, 40)[1]]
    assert binom.pmf(inside, 40, share).sum() >= 0.95
