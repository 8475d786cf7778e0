"""Candidates are measured once, and what surrounds copies with them."""

from itertools import pairwise

import numpy as np
import pytest

from dataclinic.methods.alike_sets import Bounds, Likeness, alike_sets

BOUNDS = Bounds(least=0.9, isolation=2.0)


class OnALine:
    """Samples at places of a line; remembers which pairs were measured."""

    def __init__(self, *places):
        self.places = np.array(places)
        self.measured = []

    def __call__(self, first, second):
        self.measured += zip(first.tolist(), second.tolist(), strict=True)
        apart = np.abs(self.places[first] - self.places[second])
        return Likeness(1 - np.minimum(apart, 1.0), (apart > 0).astype(np.int64))


def sets_of(line, pairs, around=()):
    around = np.array(around, np.int64).reshape(len(line.places), -1 if len(around) else 0)
    return alike_sets(np.array(pairs, np.int64).reshape(-1, 2), around, len(line.places), line, BOUNDS)


def test_every_pair_is_measured_once():
    line = OnALine(0.0, 0.05, 5.0, 9.0)
    found = sets_of(line, [(1, 0), (0, 1), (2, 2), (3, -1), (2, 3)], [[1], [0], [3], [-1]])
    assert found.sets.tolist() == [0, 0, -1, -1]
    assert len(line.measured) == len(set(line.measured))
    assert all(one < other for one, other in line.measured)


def test_pairs_that_a_chain_links_are_measured_too():
    found = sets_of(OnALine(0.0, 0.04, 0.08, 5.0), [(0, 1), (1, 2)])
    assert found.sets.tolist() == [0, 0, 0, -1]
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(0, 1), (1, 2), (0, 2)]
    np.testing.assert_allclose(found.likeness.values, [0.96, 0.96, 0.92])


def test_a_chain_beyond_the_bound_is_cut():
    # Each is within the bound of the next; the neighbours that are left over stand too near for the pairs.
    places = np.arange(6) * 0.09
    assert (sets_of(OnALine(*places), list(pairwise(range(6)))).sets == -1).all()


@pytest.mark.parametrize(("neighbour", "expected"), [(2, [-1, -1, -1]), (-1, [-1, -1, -1])])
def test_what_stands_near_a_pair_undoes_it(neighbour, expected):
    # With so few samples, the ones drawn at random hold the third one, whether it is listed or not.
    assert sets_of(OnALine(0.0, 0.08, 0.2), [(0, 1)], [[neighbour], [-1], [-1]]).sets.tolist() == expected


def test_neighbours_count_where_none_is_drawn():
    places = np.concatenate([[0.0, 0.08, 0.2], 10 + 10 * np.arange(3000)])
    around = np.full((3003, 1), -1)
    assert sets_of(OnALine(*places), [(0, 1)], around).sets[0] == 0
    around[1] = 2
    assert sets_of(OnALine(*places), [(0, 1)], around).sets[0] == -1


def test_nothing_to_compare():
    assert sets_of(OnALine(0.0, 1.0), []).sets.tolist() == [-1, -1]
    assert sets_of(OnALine(), []).sets.tolist() == []
