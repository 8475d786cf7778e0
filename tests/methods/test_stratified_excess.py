"""Stratified excess, against Fisher's test, all arrangements by hand, and the formula of the pooled odds ratio."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from dataclinic.methods.stratified_excess import stratified_excess


def excess(tables):
    """Of one part, from (inside, marked inside, whole, marked) a stratum."""
    columns = np.array(tables, np.int64).T
    found = stratified_excess(columns[0][None], columns[1][None], columns[2], columns[3])
    return float(found.p[0]), float(found.odds_ratio[0])


def test_one_stratum_is_fishers_exact_test():
    p, odds = excess([(20, 9, 100, 15)])
    ratio, expected = fisher_exact([[9, 11], [6, 74]], alternative="greater")
    assert p == pytest.approx(expected)
    assert odds == pytest.approx(ratio)


def arrangements(tables):
    """P(at least as many marked inside) by going through every way of marking."""
    found = sum(table[1] for table in tables)
    distribution = {0: 1.0}
    for inside, _, whole, marked in tables:
        ways = list(combinations(range(whole), marked))
        mixed: dict[int, float] = {}
        for hits, chance in distribution.items():
            for way in ways:
                more = hits + sum(place < inside for place in way)
                mixed[more] = mixed.get(more, 0.0) + chance / len(ways)
        distribution = mixed
    return sum(chance for hits, chance in distribution.items() if hits >= found)


@pytest.mark.parametrize(
    "tables", [[(4, 3, 9, 4), (3, 2, 7, 2)], [(5, 2, 10, 2), (2, 2, 8, 3), (3, 1, 6, 1)], [(0, 0, 5, 2), (4, 3, 8, 3)]]
)
def test_several_strata_are_all_arrangements(tables):
    assert excess(tables)[0] == pytest.approx(arrangements(tables))


def test_the_pooled_odds_ratio_by_hand():
    # (5·80/100 + 2·40/50) / (5·10/100 + 3·5/50)
    assert excess([(15, 5, 100, 10), (7, 2, 50, 5)])[1] == pytest.approx((5 * 80 / 100 + 2 * 40 / 50) / (0.5 + 0.3))


def test_what_is_expected_is_not_surprising():
    assert excess([(50, 5, 100, 10)])[0] == 1.0
    assert excess([(50, 0, 100, 0)]) == (1.0, 1.0)
    assert excess([(100, 10, 100, 10)]) == (1.0, 1.0)


def test_all_marked_inside_has_an_infinite_ratio():
    p, odds = excess([(10, 8, 100, 8)])
    assert odds == np.inf
    assert p < 1e-8


def test_long_distributions_convolve_to_the_same():
    tables = [(900, 420, 3000, 900), (800, 330, 2500, 800)]
    p, _ = excess(tables)
    rng = np.random.default_rng(0)
    drawn = sum(rng.hypergeometric(table[3], table[2] - table[3], table[0], 200_000) for table in tables)
    # the normal tail, since none of the draws comes near
    z = (750 - 0.5 - drawn.mean()) / drawn.std()
    assert -np.log10(p) == pytest.approx((z**2 / 2 + np.log(z * np.sqrt(2 * np.pi))) / np.log(10), rel=0.05)


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 4), min_size=1, max_size=4))
def test_p_is_a_probability_and_falls_with_more_marked_inside(cells):
    tables = [(a + b, a, a + b + c + d, a + c) for a, b, c, d in cells]
    p, odds = excess(tables)
    assert 0 < p <= 1
    assert odds >= 0
    more = [
        (inside, hits + 1, whole, marked + 1) if hits < inside < whole else (inside, hits, whole, marked)
        for inside, hits, whole, marked in tables
    ]
    if p < 1 and more != tables and all(table[3] <= table[2] for table in more):
        assert excess(more)[0] <= 1
