import numpy as np
from column_parts import NAN, mapped, part_of, rng
from sklearn.preprocessing import StandardScaler

from dataclinic.fixes.standardise import Standardise
from dataclinic.methods.column_features import FURTHEST


def test_columns_are_those_of_scikit_learn():
    numbers = rng().normal([0, 5, 1e6], [1, 0.01, 1e5], size=(50, 3))
    numbers[3, 1] = NAN
    part = part_of(a=numbers[:, 0], b=numbers[:, 1], c=numbers[:, 2])
    scaled = Standardise().propose(part).column_map.apply(numbers)
    np.testing.assert_allclose(scaled, StandardScaler().fit_transform(numbers), rtol=1e-9, atol=1e-12)


def test_by_hand():
    part = part_of(a=[1.0, 3.0, NAN, NAN], constant=[7.0] * 4, empty=[NAN] * 4)
    treatment = Standardise().propose(part)
    columns = mapped(part, treatment)
    np.testing.assert_array_equal(columns["a"], [-1, 1, NAN, NAN])
    np.testing.assert_array_equal(columns["constant"], 0)
    np.testing.assert_array_equal(columns["empty"], NAN)
    assert treatment.told == "standardise 2 numeric columns"


def test_an_absurd_cell_of_a_scored_row_ends_somewhere():
    column_map = Standardise().propose(part_of(a=rng().normal(size=30))).column_map
    assert column_map.apply(np.array([[3e38], [-3e38]])).tolist() == [[FURTHEST], [-FURTHEST]]


def test_vectors_of_the_table_change_by_rounding_only():
    part = part_of(a=rng().exponential(1000, size=60), b=rng().normal(size=60))
    numbers = Standardise().propose(part).column_map.apply(part.features.numbers)
    scaled = part.features.with_numbers(numbers, ("a", "b")).vectors(part.rows)
    np.testing.assert_allclose(scaled, part.features.vectors(part.rows), atol=1e-6)
