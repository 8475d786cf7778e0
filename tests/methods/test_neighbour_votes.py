"""Votes of neighbours against a loop over them, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.neighbour_votes import EVEN_VOTES, STEEPNESS, neighbour_votes
from dataclinic.seeding import rng_for


def counted_one_by_one(rows, distances, labels, classes, groups):
    known = [label for label in labels if label >= 0]
    shares = np.array([known.count(code) / max(1, len(known)) for code in range(classes)])
    result = []
    for sample, others in enumerate(rows):
        votes = {}
        for other, distance in zip(others, distances[sample], strict=True):
            if other < 0 or labels[other] < 0 or (groups is not None and groups[other] == groups[sample]):
                continue
            votes[other] = np.exp(-STEEPNESS * float(distance))
        counts = np.zeros(classes)
        for other, weight in votes.items():
            counts[labels[other]] += weight / sum(votes.values()) * len(votes)
        result.append((counts + EVEN_VOTES * shares) / (len(votes) + EVEN_VOTES))
    return np.array(result)


@given(st.integers(1, 12), st.integers(1, 5), st.integers(2, 4), st.booleans(), st.integers(0, 10_000))
def test_agrees_with_a_loop_over_neighbours(samples, k, classes, grouped, seed):
    rng = rng_for(seed, "votes")
    rows = np.full((samples, k), -1)
    for sample in range(samples):
        others = rng.permutation(np.delete(np.arange(samples), sample))[: rng.integers(0, k + 1)]
        rows[sample, : len(others)] = others
    distances = np.where(rows >= 0, rng.random((samples, k)), np.inf).astype(np.float32)
    labels = rng.integers(-1, classes, size=samples)
    groups = rng.integers(3, size=samples) if grouped else None
    found = neighbour_votes(rows, distances, labels, classes, groups)
    assert found.dtype == np.float32
    assert found == pytest.approx(counted_one_by_one(rows, distances, labels, classes, groups), abs=1e-6)


def test_by_hand():
    rows = np.array([[1, 2], [0, -1], [-1, -1]])
    near = np.log(2) / STEEPNESS
    distances = np.array([[0, near], [0, np.inf], [np.inf, np.inf]], np.float32)
    labels = np.array([0, 0, 1])
    # Two voters of weights 2 : 1 make 4/3 and 2/3 votes; the shares 2/3 and 1/3 add one; no voters leave the shares.
    assert neighbour_votes(rows, distances, labels, 2) == pytest.approx(
        np.array([[(4 / 3 + 2 / 3) / 3, (2 / 3 + 1 / 3) / 3], [(1 + 2 / 3) / 2, (1 / 3) / 2], [2 / 3, 1 / 3]]), abs=1e-6
    )


def test_the_own_label_has_no_vote():
    rows = np.array([[1, 2], [0, 2], [0, 1]])
    distances = np.full((3, 2), 0.01, np.float32)
    one, other = (neighbour_votes(rows, distances, np.array([0, 1, own]), 3)[2] for own in (0, 2))
    # only the classes' shares know of it
    assert one * 3 - np.array([2, 1, 0]) / 3 == pytest.approx(other * 3 - np.array([1, 1, 1]) / 3, abs=1e-6)


def test_samples_of_one_group_say_nothing_about_each_other():
    rows = np.array([[1, 2], [0, 2], [0, 1]])
    distances = np.zeros((3, 2), np.float32)
    labels = np.array([0, 0, 1])
    apart = neighbour_votes(rows, distances, labels, 2, np.array([0, 0, 1]))
    assert apart[0] == pytest.approx([(0 + 2 / 3) / 2, (1 + 1 / 3) / 2])
    assert neighbour_votes(rows, distances, labels, 2, np.zeros(3, int)) == pytest.approx(
        np.tile([2 / 3, 1 / 3], (3, 1))
    )


def test_far_neighbours_count_less_and_all_of_them_as_many_votes_as_they_are():
    rows = np.array([[1, 2], [0, 2], [0, 1]])
    labels = np.array([0, 0, 1])
    far = neighbour_votes(rows, np.array([[1.0, 1.5]] * 3, np.float32), labels, 2)
    assert far[0] == pytest.approx([(2 + 2 / 3) / 3, (0 + 1 / 3) / 3], abs=1e-3)
    assert far.sum(axis=1) == pytest.approx(1)
