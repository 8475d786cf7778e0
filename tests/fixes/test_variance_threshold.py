import numpy as np
import pytest
from column_parts import NAN, part_of, rng

from dataclinic.findings import DidNotApply
from dataclinic.fixes.variance_threshold import VarianceThreshold

ROWS = 400


def flag(ones):
    """A column of zeros with a few ones at its end."""
    return np.repeat([0.0, 1.0], [ROWS - ones, ones])


def kept(fix=None, **columns):
    return (fix or VarianceThreshold()).propose(part_of(steady=rng().normal(size=ROWS), **columns)).column_map.names


def test_columns_that_are_the_same_in_nearly_every_row_go():
    columns = {"constant": np.full(ROWS, 1e6), "two": flag(2), "three": flag(3), "minus two": -flag(2)}
    assert kept(**columns) == ("steady", "three")


def test_a_wild_value_does_not_make_the_rest_look_constant():
    slip = 1e-3 * rng().normal(size=ROWS)
    slip[5] = 1e9
    assert kept(slip=slip, constant=flag(0)) == ("steady", "slip")


def test_a_column_that_is_empty_now_and_then_varies():
    now_and_then, once = np.zeros(ROWS), np.zeros(ROWS)
    now_and_then[:40], once[0] = NAN, NAN
    assert kept(now_and_then=now_and_then, once=once, never=np.full(ROWS, NAN)) == ("steady", "now_and_then")


def test_the_settings_say_what_hardly_means():
    assert kept(VarianceThreshold(rare=0.2), thirty=flag(30), fifty=flag(50)) == ("steady", "fifty")
    assert kept(VarianceThreshold(rare=0, threshold=0), one=flag(1), none=flag(0)) == ("steady", "one")
    half, tenth = flag(ROWS // 2), flag(ROWS // 10)
    assert kept(VarianceThreshold(threshold=0.1), half=half, tenth=tenth)[-1] == "half"


@pytest.mark.parametrize("columns", [{"a": flag(50)}, {"a": flag(0), "b": flag(1)}])
def test_all_or_none_is_nothing_to_do(columns):
    assert isinstance(VarianceThreshold().propose(part_of(**columns)), DidNotApply)
