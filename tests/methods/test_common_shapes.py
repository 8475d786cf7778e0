"""A size is common where the asked share of the pictures has both its width and its height."""

import numpy as np

from dataclinic.methods.common_shapes import common_shapes


def test_both_sides_must_agree():
    width = np.array([10.0] * 15 + [10.0] + [np.nan] * 5 + [20.0] * 5)
    height = np.array([20.0] * 15 + [30.0] + [np.nan] * 5 + [20.0] * 5)
    assert common_shapes(width, height, 0.19).tolist() == [True] * 15 + [False] * 6 + [True] * 5
    assert common_shapes(width, height, 0.20).tolist() == [True] * 15 + [False] * 11


def test_four_of_a_size_are_not_common_in_a_small_set():
    side = np.array([8.0] * 4 + [9.0] * 5)
    assert common_shapes(side, side, 0.05).tolist() == [False] * 4 + [True] * 5


def test_no_pictures_no_shapes():
    assert common_shapes(np.empty(0), np.empty(0), 0.05).tolist() == []
