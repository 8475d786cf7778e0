"""Groups are complete-linkage clusters that stand apart; nobody is in one by way of another."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from dataclinic.methods.bounded_groups import bounded_groups


def groups_of(distances, samples, bound=1.0, isolation=1.0):
    """Of a dict of pairs."""
    first, second = np.array(list(distances), np.int64).reshape(-1, 2).T
    values = np.array(list(distances.values()), float)
    return bounded_groups(first, second, values, samples, bound=bound, isolation=isolation).tolist()


def test_a_chain_is_no_group():
    # 0 resembles 1, and 1 resembles 2, but 0 and 2 are unlike.
    assert groups_of({(0, 1): 0.5, (1, 2): 0.6, (0, 2): 1.5}, 3) == [0, 0, -1]
    assert groups_of({(0, 1): 0.5, (1, 2): 0.6}, 3) == [0, 0, -1]


def test_all_alike_are_one_group():
    assert groups_of({(2, 1): 0.5, (3, 2): 0.6, (1, 3): 0.7}, 5) == [-1, 0, 0, 0, -1]


def test_groups_are_numbered_by_first_row():
    assert groups_of({(2, 3): 0.1, (0, 4): 0.9}, 5) == [0, -1, 1, 1, 0]


def test_a_group_must_stand_apart():
    pair = {(0, 1): 0.2, (1, 2): 0.5}
    assert groups_of(pair, 3, bound=0.3, isolation=2.0) == [0, 0, -1]
    assert groups_of(pair, 3, bound=0.3, isolation=3.0) == [-1, -1, -1]


def test_a_close_pair_within_a_loose_crowd_still_counts():
    crowd = {(0, 1): 0.01, (0, 2): 0.5, (1, 2): 0.5, (2, 3): 0.6, (0, 3): 0.6, (1, 3): 0.6, (3, 4): 0.7}
    assert groups_of(crowd, 5, isolation=3.0) == [0, 0, -1, -1, -1]


def test_equal_ones_stand_apart_from_anything():
    assert groups_of({(0, 1): 0.0, (1, 2): 1e-9}, 3, bound=0.1, isolation=10.0) == [0, 0, -1]


def test_unknown_distances_are_far():
    assert groups_of({(0, 1): np.nan, (1, 2): 0.1}, 3) == [-1, 0, 0]
    assert groups_of({}, 2) == [-1, -1]


@given(st.integers(2, 14), st.floats(0.05, 1.5), st.integers(0, 10_000))
def test_matches_complete_linkage_of_scipy(samples, bound, seed):
    distances = pdist(np.random.default_rng(seed).normal(size=(samples, 2)))
    square = squareform(distances)
    found = groups_of({pair: square[pair] for pair in combinations(range(samples), 2)}, samples, bound, 0.0)
    clusters = fcluster(linkage(distances, "complete"), bound, "distance")
    for one, other in combinations(range(samples), 2):
        assert (found[one] >= 0 and found[one] == found[other]) == (clusters[one] == clusters[other])


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]), st.floats(0, 1)
    ),
    st.floats(0, 1),
    st.floats(1, 5),
)
def test_every_group_is_bounded_and_isolated(pairs, bound, isolation):
    groups = np.array(groups_of(pairs, 10, bound, isolation))
    for group in range(groups.max() + 1):
        members = np.flatnonzero(groups == group).tolist()
        assert len(members) > 1
        inside = [pairs[pair] for pair in combinations(members, 2)]
        assert max(inside) <= bound
        outside = [value for (one, other), value in pairs.items() if (one in members) != (other in members)]
        assert min(outside, default=np.inf) >= isolation * max(inside)


@given(st.permutations(range(8)), st.integers(0, 1000))
def test_order_of_pairs_does_not_matter(order, seed):
    rng = np.random.default_rng(seed)
    pairs = list(combinations(range(6), 2))
    values = rng.integers(0, 4, len(pairs)) / 4
    plain = dict(zip(pairs, values, strict=True))
    mixed = {pairs[place][::-1]: values[place] for place in [*order, *range(8, 15)]}
    assert groups_of(plain, 6, 0.5, 1.5) == groups_of(mixed, 6, 0.5, 1.5)
