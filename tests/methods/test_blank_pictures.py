"""Blank is what spans ten levels of each colour or less; elsewhere measurements stay as they are."""

import numpy as np

from dataclinic.methods.blank_pictures import blank_pictures, known, unless_blank

VALUES = {"colour_span": np.array([0, 10 / 255, 11 / 255, np.nan]), "brightest": np.array([0.1, 0.2, 0.3, np.nan])}


def test_ten_levels_are_blank_and_eleven_are_not():
    assert blank_pictures(VALUES).tolist() == [True, True, False, False]
    np.testing.assert_array_equal(unless_blank(VALUES, "brightest"), [np.nan, np.nan, 0.3, np.nan])


def test_nothing_measured_is_nothing_known():
    assert known({}, "brightest").size == blank_pictures({}).size == unless_blank({}, "brightest").size == 0
