import numpy as np
import pytest
from column_parts import NAN, mapped, part_of, rng
from sklearn.preprocessing import PowerTransformer

from dataclinic.findings import DidNotApply
from dataclinic.fixes.power_transform import MOST_ROWS, PowerTransform
from dataclinic.methods.column_skewness import column_skewness


def test_skewed_columns_are_those_of_scikit_learn_and_the_rest_stays():
    amounts, debts = rng().lognormal(8, 1, size=300), -rng().exponential(20, size=300)
    heights = rng().normal(170, 8, size=300)
    amounts[7] = NAN
    part = part_of(amount=amounts, height=heights, debt=debts)
    treatment = PowerTransform().propose(part)
    columns = mapped(part, treatment)
    theirs = PowerTransformer().fit_transform(np.column_stack([amounts, debts]))
    np.testing.assert_allclose(np.column_stack([columns["amount"], columns["debt"]]), theirs, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(columns["height"], heights)
    assert treatment.told == "bring 2 of 3 numeric columns near a normal distribution"


def test_a_power_that_was_found_on_some_rows_serves_all():
    part = part_of(amount=rng().lognormal(8, 2, size=2 * MOST_ROWS))
    amounts = mapped(part, PowerTransform().propose(part))["amount"]
    assert abs(column_skewness(amounts[:, None])[0]) < 0.2
    assert amounts.mean() == pytest.approx(0, abs=1e-9)
    assert amounts.std() == pytest.approx(1)


@pytest.mark.parametrize("unit", [1e-8, 1e30])
def test_any_unit_will_do(unit):
    part = part_of(amount=unit * rng().lognormal(0, 1, size=500))
    assert PowerTransform().propose(part).column_map.places == (0,)


@pytest.mark.parametrize(
    "column",
    [
        rng().normal(size=200),  # not skewed
        np.array([0.0] * 190 + [5.0] * 10),  # two values
        2020 - rng().exponential(3, size=200),  # so far from zero that no power bends it
        np.where(rng().random(200) < 0.95, 0, rng().exponential(size=200)),  # mostly zeros
    ],
)
def test_other_columns_stay_as_they_are(column):
    assert isinstance(PowerTransform().propose(part_of(column=column)), DidNotApply)


def test_the_skewness_asked_for_can_be_set():
    part = part_of(column=rng().gamma(8, 10, size=2000))  # skewness 0.7
    assert isinstance(PowerTransform().propose(part), DidNotApply)
    assert PowerTransform(least_skew=0.5).propose(part).column_map.places == (0,)
