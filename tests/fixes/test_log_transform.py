import numpy as np
import pytest
from column_parts import NAN, mapped, part_of, rng

from dataclinic.findings import DidNotApply
from dataclinic.fixes.log_transform import LogTransform


def test_amounts_go_on_a_log_scale_and_the_rest_stays():
    amounts, heights = np.exp(rng().normal(8, 1, size=100)), rng().normal(170, 8, size=100)
    amounts[4] = NAN
    part = part_of(amount=amounts, height=heights)
    treatment = LogTransform().propose(part)
    columns = mapped(part, treatment)
    np.testing.assert_array_equal(columns["amount"], np.log1p(amounts))
    np.testing.assert_array_equal(columns["height"], heights)
    assert treatment.told == "put 1 of 2 numeric columns on a log scale"


def test_a_negative_number_of_a_scored_row_counts_as_zero():
    column_map = LogTransform().propose(part_of(amount=rng().lognormal(8, 1, size=100))).column_map
    assert column_map.apply(np.array([[-3.0], [0.0]])).tolist() == [[0], [0]]


@pytest.mark.parametrize(
    "column",
    [
        rng().lognormal(8, 1, size=100) - 1000,  # negative numbers
        1e-4 * rng().lognormal(size=100),  # a straight line in so small a unit
        -rng().lognormal(size=100) + 1e4,  # skewed to the left
        rng().normal(50, 5, size=100),  # not skewed
        np.array([0.0] * 99 + [5.0]),  # two values
    ],
)
def test_other_columns_stay_as_they_are(column):
    assert isinstance(LogTransform().propose(part_of(column=column)), DidNotApply)


def test_the_skewness_asked_for_can_be_set():
    part = part_of(column=rng().gamma(8, 10, size=2000))  # skewness 0.7
    assert isinstance(LogTransform().propose(part), DidNotApply)
    assert LogTransform(least_skew=0.5).propose(part).column_map.places == (0,)
