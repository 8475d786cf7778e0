from fractions import Fraction

import pytest

from dataclinic.limits import NAMES, OPERATORS, Limit, Measured, limit_name
from dataclinic.registry import CHECKS


def limit(operator, bound, *, percent=False):
    return Limit("dark", operator, Fraction(bound), percent, "")


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_each_operator_says_what_is_too_much(operator, below, at, above):
    found = [Measured(value, 10).passes(limit(operator, 5)) for value in (4, 5, 6)]
    assert found == [below, at, above]
    assert set(OPERATORS) == {">", ">=", "<", "<=", "==", "!="}


@pytest.mark.parametrize("of", [3, 7, 1000, 1_000_003])
@pytest.mark.parametrize("tenths", [1, 3, 29, 333])
def test_counts_are_compared_with_percentages_without_rounding(of, tenths):
    bound = Fraction(tenths, 1000)
    for count in range(of // 3, of // 3 + 3):
        exact = count * 1000 > tenths * of
        assert Measured(count, of).passes(limit(">", bound, percent=True)) == exact


@pytest.mark.parametrize("tenths", range(1, 10))
def test_a_score_of_just_the_limit_is_not_below_it(tenths):
    assert not Measured(tenths / 10, 1).passes(limit("<", Fraction(tenths * 10, 100), percent=True))
    assert not Measured(tenths / 10, 1).passes(limit("<", Fraction(tenths, 10)))


def test_only_a_check_whose_id_means_something_else_has_another_name():
    assert limit_name("dark") == "dark"
    assert limit_name("label_errors") == "checks.label_errors"
    assert {check for check in CHECKS.ids() if check in NAMES} == {"label_errors"}
