"""Planted errors are errors, half of them anything and half what is confused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.planted_errors import plant, switched_labels
from dataclinic.seeding import rng_for


def frozen(array):
    array.setflags(write=False)
    return array


@given(st.integers(2, 6), st.integers(1, 40), st.sampled_from([0.01, 1.0, 50.0]), st.integers(0, 10_000))
def test_always_another_class(classes, samples, sharpness, seed):
    rng = rng_for(seed, "drawn")
    labels = frozen(rng.integers(classes, size=samples))
    clean = frozen(rng.dirichlet(np.full(classes, sharpness), size=samples))
    switched = switched_labels(labels, clean, rng)
    assert switched.dtype == np.int64
    assert ((switched >= 0) & (switched < classes)).all()
    assert (switched != labels).all()


@pytest.mark.parametrize("given_label", [0, 2, 4])
def test_half_are_anything_and_half_along_confusions(given_label):
    samples, classes = 40_000, 5
    labels = np.full(samples, given_label)
    confused = np.delete(np.arange(classes), given_label)
    clean = np.zeros((samples, classes))
    clean[:, given_label], clean[:, confused[0]], clean[:, confused[1]] = 0.9, 0.075, 0.025
    counts = np.bincount(switched_labels(labels, clean, rng_for(0, "halves")), minlength=classes) / samples
    # any of four with 1/8 each, and the other half in proportion 3 : 1
    assert counts[confused] == pytest.approx([1 / 8 + 3 / 8, 1 / 8 + 1 / 8, 1 / 8, 1 / 8], abs=0.01)


def test_where_nothing_is_confused_all_classes_are_as_likely():
    labels = np.arange(30_000) % 3
    switched = switched_labels(labels, np.eye(3)[labels], rng_for(0, "sure"))
    assert ((switched - labels) % 3 == 1).mean() == pytest.approx(0.5, abs=0.01)


def test_each_sample_has_confusions_of_its_own():
    labels = np.zeros(20_000, int)
    clean = np.tile([0.5, 0.5, 0.0], (20_000, 1))
    clean[10_000:] = [0.5, 0.0, 0.5]
    switched = switched_labels(labels, clean, rng_for(0, "own"))
    assert (switched[:10_000] == 1).mean() == pytest.approx(0.75, abs=0.02)
    assert (switched[10_000:] == 2).mean() == pytest.approx(0.75, abs=0.02)


def test_same_stream_same_errors():
    labels, clean = np.arange(200) % 4, np.full((200, 4), 0.25)
    one, same, other = (switched_labels(labels, clean, rng_for(seed, "planted")) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_plants_where_told_and_leaves_the_rest():
    labels, clean = frozen(np.arange(100) % 3), frozen(np.full((100, 3), 1 / 3))
    rows = np.array([90, 3, 4, 50])
    given_labels, planted = plant(labels, clean, rows, rng_for(0, "plant"))
    assert np.flatnonzero(planted).tolist() == sorted(rows.tolist())
    np.testing.assert_array_equal(given_labels != labels, planted)


def test_nowhere_to_plant_changes_nothing():
    labels = np.array([0, 1])
    given_labels, planted = plant(labels, np.eye(2), np.empty(0, np.int64), rng_for(0, "plant"))
    assert given_labels.tolist() == [0, 1]
    assert given_labels is not labels
    assert not planted.any()
