import numpy as np
from column_parts import NAN, mapped, part_of, rng
from sklearn.preprocessing import MinMaxScaler

from dataclinic.fixes.min_max import MinMax


def test_columns_are_those_of_scikit_learn():
    numbers = rng().normal([0, 5, 1e6], [1, 0.01, 1e5], size=(50, 3))
    numbers[3, 1] = NAN
    part = part_of(a=numbers[:, 0], b=numbers[:, 1], c=numbers[:, 2])
    scaled = MinMax().propose(part).column_map.apply(numbers)
    np.testing.assert_allclose(scaled, MinMaxScaler().fit_transform(numbers), rtol=1e-9, atol=1e-12)


def test_by_hand():
    part = part_of(a=[2.0, 6.0, NAN, 3.0], constant=[7.0] * 4, empty=[NAN] * 4)
    treatment = MinMax().propose(part)
    columns = mapped(part, treatment)
    np.testing.assert_array_equal(columns["a"], [0, 1, NAN, 0.25])
    np.testing.assert_array_equal(columns["constant"], 0)
    np.testing.assert_array_equal(columns["empty"], NAN)
    assert treatment.told == "bring 2 numeric columns to 0 … 1"


def test_scored_rows_may_lie_outside():
    column_map = MinMax().propose(part_of(a=[0.0, 10.0, 5.0])).column_map
    assert column_map.apply(np.array([[-5.0], [20.0]])).tolist() == [[-0.5], [2]]
