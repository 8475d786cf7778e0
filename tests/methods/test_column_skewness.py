import numpy as np
import pytest
from scipy import stats

from dataclinic.methods.column_skewness import column_skewness

RNG = np.random.default_rng(0)


def test_it_is_that_of_scipy_over_the_known_values():
    columns = np.column_stack([RNG.exponential(size=300), RNG.normal(size=300), -RNG.lognormal(size=300)])
    columns[::7] = np.nan
    np.testing.assert_allclose(column_skewness(columns), stats.skew(columns, axis=0, nan_policy="omit"), rtol=1e-9)


def test_by_hand():
    nine_zeros = np.array([0.0] * 8 + [0.0, 3.0])
    assert np.isnan(column_skewness(nine_zeros[:, None])[0])  # only two different values
    eleven = np.array([0.0] * 9 + [1.0, 3.0])
    assert column_skewness(eleven[:, None])[0] == pytest.approx(stats.skew(eleven))


@pytest.mark.parametrize("factor", [1e-300, 1e38])
def test_the_unit_does_not_matter(factor):
    column = RNG.exponential(size=100)
    np.testing.assert_allclose(column_skewness(factor * column[:, None]), column_skewness(column[:, None]), rtol=1e-9)


@pytest.mark.parametrize("column", [[1.0] * 20, [0.0, 1.0] * 10, [1.0, 2.0, 4.0] * 3 + [np.nan] * 9, [np.nan] * 20])
def test_a_column_without_shape_has_none(column):
    assert np.isnan(column_skewness(np.array(column)[:, None])).all()
