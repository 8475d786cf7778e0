"""Fences against a hand-worked case and pandas' quantiles."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dataclinic.methods.tukey_fences import tukey_fences


def test_hand_worked():
    # Of 1 … 9 the quartiles are 3 and 7, so the fences 1.5 × 4 beyond stand at −3 and 13.
    assert tukey_fences(np.arange(1.0, 10.0)) == (-3, 13, 3, 7)
    assert tukey_fences(np.arange(1.0, 10.0), factor=3) == (-9, 19, 3, 7)


def test_missing_and_infinite_values_take_no_part():
    values = np.array([np.nan, *range(1, 10), np.inf, -np.inf])
    assert tukey_fences(values) == (-3, 13, 3, 7)


def test_no_values_no_fences():
    assert np.isnan(tukey_fences(np.array([np.nan, np.inf]))).all()


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e6, 1e6)), st.floats(0, 5))
def test_matches_pandas(values, factor):
    low, high, q1, q3 = tukey_fences(values, factor)
    first, third = pd.Series(values).quantile([0.25, 0.75])
    assert (q1, q3) == pytest.approx((first, third))
    assert (low, high) == pytest.approx((first - factor * (third - first), third + factor * (third - first)))


@given(arrays(np.float64, st.integers(2, 30), elements=st.floats(-1e3, 1e3)))
def test_order_does_not_matter(values):
    assert tukey_fences(values) == tukey_fences(values[::-1].copy())
