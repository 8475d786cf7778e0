from fractions import Fraction

from dataclinic.limits import Limit, Measured
from dataclinic.steps.check_limits import check_limits


def limit(name, bound=Fraction(0), *, percent=False):
    return Limit(name, ">", Fraction(bound), percent, name)


def kept(measured, **given):
    return check_limits([limit("dark", **given)], {"dark": measured})[0]


def test_a_limit_is_broken_by_more_and_held_by_no_more():
    assert kept(Measured(1, 10)).kept == "broken"
    assert kept(Measured(0, 10)).kept == "held"
    assert kept(Measured(1, 10), bound=Fraction(1, 10), percent=True).kept == "held"
    assert kept(Measured(2, 10), bound=Fraction(1, 10), percent=True).kept == "broken"


def test_what_the_run_cannot_say_is_unknown_and_keeps_its_reason():
    found = kept(Measured(None, note="the check failed (no memory)"))
    assert found.kept == "unknown"
    assert found.measured.note == "the check failed (no memory)"


def test_a_percentage_of_what_is_no_part_of_the_samples_cannot_be_told():
    found = kept(Measured(3), bound=Fraction(1, 10), percent=True)
    assert found.kept == "unknown"
    assert "without %" in found.measured.note
    assert kept(Measured(3)).kept == "broken"


def test_none_of_anything_is_no_share_of_anything():
    assert kept(Measured(0), bound=Fraction(1, 10), percent=True).kept == "held"


def test_limits_stay_in_their_order():
    measured = {name: Measured(number, 9) for number, name in enumerate("abc")}
    assert [judged.limit.name for judged in check_limits([limit(name) for name in "cab"], measured)] == ["c", "a", "b"]
