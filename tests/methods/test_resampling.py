import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.features import Embeddings, Pictures
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.methods.resampling import (
    drawn_rows,
    edited,
    grown_at_the_border,
    grown_by_smote,
    lowered,
    not_to_grow,
    raised,
    repeated_rows,
    without_tomek_links,
)
from dataclinic.methods.row_space import row_space
from dataclinic.seeding import rng_for


def unequal(counts):
    """Whether two classes have rows, and not as many."""
    return len({count for count in counts if count}) > 1


counts_of_classes = st.lists(st.integers(0, 12), min_size=2, max_size=5).filter(unequal)


def labelled(counts):
    """(samples, 3) vectors and their labels, shuffled."""
    rng = rng_for(0, "resampled")
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.normal(size=(len(labels), 3)).astype(np.float32), labels


def line(*places):
    return np.array(places, np.float32)[:, None]


@given(counts_of_classes)
def test_oversampling_brings_every_class_that_has_rows_to_the_largest(counts):
    _, labels = labelled(counts)
    rows = repeated_rows(labels, raised(np.array(counts), 1.0), 0)
    assert np.bincount(labels[rows], minlength=len(counts)).tolist() == [max(counts) * (count > 0) for count in counts]
    np.testing.assert_array_equal(rows[: len(labels)], np.arange(len(labels)))


@given(counts_of_classes, st.floats(1, 4))
def test_undersampling_leaves_at_most_the_ratio_and_never_a_row_twice(counts, ratio):
    _, labels = labelled(counts)
    rows = drawn_rows(labels, lowered(np.array(counts), ratio), 0)
    most = round(ratio * min(count for count in counts if count))
    assert np.bincount(labels[rows], minlength=len(counts)).tolist() == [min(count, most) for count in counts]
    assert (np.diff(rows) > 0).all()


@given(counts_of_classes, st.integers(1, 6))
def test_smote_brings_every_class_to_the_largest_however_few_its_rows(counts, neighbours):
    vectors, labels = labelled(counts)
    wanted = raised(np.array(counts), 1.0)
    grown = grown_by_smote(row_space(Embeddings(vectors)), labels, wanted, neighbours=neighbours, seed=3)
    together = np.concatenate([labels, labels[grown.repeated], grown.labels])
    assert np.bincount(together, minlength=len(counts)).tolist() == [max(counts) * (count > 0) for count in counts]
    assert len(grown.samples) == len(grown.labels)
    for code in np.unique(grown.labels):
        new, old = grown.samples.matrix[grown.labels == code], vectors[labels == code]
        assert (new >= old.min(axis=0) - 1e-6).all()
        assert (new <= old.max(axis=0) + 1e-6).all()


def test_nothing_given_is_written_to():
    vectors, labels = labelled((20, 5))
    for array in (vectors, labels):
        array.setflags(write=False)
    space, wanted = row_space(Embeddings(vectors)), raised(np.array([20, 5]), 1.0)
    grown_by_smote(space, labels, wanted, neighbours=5, seed=0)
    grown_at_the_border(space, labels, wanted, neighbours=5, border_neighbours=10, seed=0)
    edited(vectors, labels, neighbours=3, classes=[0, 1])
    without_tomek_links(vectors, labels)


def test_levels_are_those_of_the_class_and_codes_are_no_numbers():
    """Levels 0 and 9 of the small class never give one between them."""
    levels = np.array([[0], [9]] * 20 + [[0], [9], [0], [9], [9], [0]])
    numbers = rng_for(0, "numbers").normal(size=(46, 2))
    labels = np.repeat([0, 1], (40, 6))
    for kept in (numbers, numbers[:, :0]):
        names = ("a", "b")[: kept.shape[1]]
        space = row_space(ColumnFeatures(kept, names, levels, ("word",)))
        grown = grown_by_smote(space, labels, {1: 40}, neighbours=5, seed=0)
        assert len(grown.labels) == 34
        assert set(grown.samples.levels[:, 0]) <= {0, 9}
        assert grown.samples.number_names == names


def test_columns_count_by_their_spread_and_not_by_their_unit():
    """Samples of the small class lie in two clusters by `b`; `a` is noise in a unit a million times as large."""
    rng = rng_for(0, "units")
    b = np.concatenate([rng.normal(size=40), np.repeat([-9.0, 9.0], 8)])
    a = np.concatenate([rng.normal(size=40), rng.normal(size=16) * 0.05]) * 1e6
    table = ColumnFeatures(np.stack([a, b], axis=1), ("a", "b"), np.empty((56, 0), np.int64), ())
    grown = grown_by_smote(row_space(table), np.repeat([0, 1], (40, 16)), {1: 40}, neighbours=5, seed=0)
    np.testing.assert_allclose(np.abs(grown.samples.numbers[:, 1]), 9)


def test_hand_worked_editing_and_links():
    """On a line: 1.4 lies among the class of 0, 1, 2; 1 is its nearest and it is 1's."""
    vectors, labels = line(0, 1, 2, 1.4, 7, 8, 9, 10), np.array([0, 0, 0, 1, 1, 1, 1, 1])
    kept = edited(vectors, labels, neighbours=1, classes=[0, 1])
    np.testing.assert_array_equal(kept, [True, False, False, False, True, True, True, True])
    kept = edited(vectors, labels, neighbours=1, classes=[1])
    np.testing.assert_array_equal(kept, [True, True, True, False, True, True, True, True])
    kept = without_tomek_links(vectors, labels)
    np.testing.assert_array_equal(kept, [True, False, True, False, True, True, True, True])


def test_class_that_would_vanish_is_left_whole():
    vectors, labels = line(0, 1, 2, 3, 4, 1.4), np.array([0, 0, 0, 0, 0, 1])
    assert edited(vectors, labels, neighbours=3, classes=[1]).all()
    np.testing.assert_array_equal(without_tomek_links(vectors, labels), [True, False, True, True, True, True])


def test_fewer_rows_than_neighbours_are_enough():
    assert edited(line(0, 1, 9), np.array([0, 0, 1]), neighbours=5, classes=[0]).shape == (3,)
    space = row_space(Embeddings(line(0, 1, 2, 2.5)))
    grown = grown_at_the_border(space, np.array([0, 0, 1, 1]), {1: 5}, neighbours=5, border_neighbours=10, seed=0)
    assert set(grown.labels) <= {1}


@pytest.mark.parametrize(
    ("features", "counts", "share", "reason"),
    [
        (Embeddings(line(0, 1, 2)), [2, 1], 1.0, None),
        (Embeddings(line(0, 1, 2)), [2, 2], 1.0, "less than 1.5"),
        (Embeddings(line(0, 1, 2)), [3, 0], 1.0, "fewer than two classes"),
        (Embeddings(line(0, 1, 2)), [2, 1], 0.4, "40% of the largest"),
        (Pictures(np.zeros((3, 2, 2, 3), np.uint8)), [2, 1], 1.0, "not pixels"),
        (object(), [2, 1], 1.0, "not object"),
    ],
)
def test_reasons_not_to_grow(features, counts, share, reason):
    found = not_to_grow(features, np.array(counts), share=share, least=1.5)
    assert found is None if reason is None else reason in found
