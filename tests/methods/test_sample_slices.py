"""Slices of samples: by value, in order, and in clusters."""

import numpy as np
import pytest

from dataclinic.methods.sample_slices import cluster_cut, order_cuts, value_cut


def test_values_become_slices_most_frequent_first():
    codes = np.array([0] * 5 + [1] * 7 + [2] * 2 + [3] * 6)
    cut = value_cut("tool", codes, ["x", "y", "z", ""], fewest=3, most=30)
    assert cut.names == ("tool 'y'", "tool 'x'")
    assert cut.codes.tolist() == [1] * 5 + [0] * 7 + [-1] * 8


def test_at_most_so_many_values_are_kept_and_ties_go_by_name():
    cut = value_cut("c", np.repeat(np.arange(4), 5), ["d", "b", "c", "a"], fewest=1, most=2)
    assert cut.names == ("c 'a'", "c 'b'")


@pytest.mark.parametrize(("levels", "fewest"), [(["x"], 1), (["x"], 99)])
def test_one_value_for_all_is_no_cut(levels, fewest):
    assert value_cut("tool", np.zeros(20, np.int64), levels, fewest=fewest, most=9) is None


def test_order_is_cut_into_halves_quarters_and_so_on():
    cuts = list(order_cuts("order", np.arange(100.0)[::-1], fewest=20))
    assert [len(cut.names) for cut in cuts] == [2, 4]
    assert cuts[1].names == ("order 0–25 %", "order 25–50 %", "order 50–75 %", "order 75–100 %")
    assert cuts[1].codes.tolist() == np.repeat([3, 2, 1, 0], 25).tolist()


def test_ties_stay_together_and_unknown_places_are_in_no_slice():
    positions = np.array([1.0] * 30 + [2.0] * 30 + [np.nan] * 5)
    (half, *_) = order_cuts("time", positions, fewest=20)
    assert half.codes.tolist() == [0] * 30 + [1] * 30 + [-1] * 5


def test_clusters_are_those_of_the_vectors_whatever_their_order():
    rng = np.random.default_rng(0)
    truth = np.arange(300) % 3
    vectors = (np.eye(3)[truth] * 5 + rng.normal(0, 0.3, (300, 3))).astype(np.float32)
    names = [f"s{row:03}" for row in range(300)]
    cut = cluster_cut(vectors, 3, order=np.arange(300), names=names, seed=0)
    assert len({(true, code) for true, code in zip(truth.tolist(), cut.codes.tolist(), strict=True)}) == 3
    for code, name in enumerate(cut.names):
        assert cut.codes[names.index(name.split("'")[1])] == code
    moved = rng.permutation(300)
    shuffled = [names[row] for row in moved]
    again = cluster_cut(vectors[moved], 3, order=np.argsort(moved), names=shuffled, seed=0)
    assert again.names == cut.names
    assert again.codes.tolist() == cut.codes[moved].tolist()
