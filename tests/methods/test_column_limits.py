import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclinic.checks.iqr_outliers import IqrOutliers
from dataclinic.checks.zscore_outliers import ZscoreOutliers
from dataclinic.dataset import ColumnRoles, Dataset, Texts
from dataclinic.evidence import Evidence, Measurements
from dataclinic.methods.column_limits import NO_LIMITS, ColumnLimits, Limits, iqr_limits, learned_limits, zscore_limits

LIMITS = {
    "iqr": (lambda values: iqr_limits(values, 3.0, 0.1), IqrOutliers()),
    "zscore": (lambda values: zscore_limits(values, 3.5, 0.1), ZscoreOutliers()),
}


def columns():
    rng = np.random.default_rng(0)
    plain = rng.normal(50, 10, 400)
    plain[:5] *= 20
    skewed = rng.lognormal(5, 1, 400)
    skewed[5:8] *= 1e5
    skewed[8] = 1e-6
    with_zeros = np.where(rng.random(400) < 0.2, 0, rng.lognormal(5, 1, 400))
    with_zeros[9] = 1e9
    empty = rng.normal(size=400)
    empty[::7], empty[1] = np.nan, 99
    spike = np.zeros(400)
    spike[10:12] = 8, 9
    return {
        "plain": plain,
        "skewed": skewed,
        "with zeros": with_zeros,
        "empty": empty,
        "spike": spike,
        "busy spike": np.where(rng.random(400) < 0.1, 8.0 + rng.random(400), 0),
        "two populations": np.where(np.arange(400) < 60, 1000.0, 0) + rng.normal(size=400),
        "constant": np.ones(400),
        "flag": np.arange(400) % 2.0,
        "few": np.where(np.arange(400) < 9, np.arange(400.0), np.nan),
        "nothing": np.full(400, np.nan),
    }


@pytest.mark.parametrize("kind", LIMITS)
@pytest.mark.parametrize("name", columns())
def test_values_outside_are_those_that_the_check_finds(kind, name):
    judge, check = LIMITS[kind]
    values = columns()[name]
    limits = learned_limits(values[:, None], [name], judge)
    outside = np.flatnonzero(limits.outside(values[:, None])[:, 0])
    ids = tuple(map(str, range(len(values))))
    nothing = np.zeros(len(values), np.int64)
    dataset = Dataset("made", "made", Texts(ids), ids, nothing, ("one",), nothing, ColumnRoles())
    outcome = check.run(Evidence(dataset, nothing, Measurements({name: values}, ())))
    assert sorted(finding.row for finding in getattr(outcome, "findings", ())) == outside.tolist()


def test_the_checks_find_something_in_these_columns():
    found = {kind: [not_none(judge(values)) for values in columns().values()] for kind, (judge, _) in LIMITS.items()}
    assert found["iqr"] == [True, True, True, True, *[False] * 7]
    assert found["zscore"] == [True, True, True, True, True, *[False] * 6]


def not_none(limits):
    return limits != NO_LIMITS


def test_fences_by_hand():
    # Of 1 … 101 the quartiles are 26 and 76: fences 3 × 50 beyond.
    values = np.arange(1.0, 102)
    assert iqr_limits(values, 3.0, 0.1) == Limits(-124, 226)
    assert iqr_limits(values, 1.5, 0.1) == Limits(-49, 151)


def test_robust_z_by_hand():
    # The median of 0 … 10 is 5, the median distance from it 3.
    limits = zscore_limits(np.arange(11.0), 3.5, 0.1)
    assert limits.low == pytest.approx(5 - 3.5 * 3 / 0.6745)
    assert limits.high == pytest.approx(5 + 3.5 * 3 / 0.6745)


def test_clips_to_the_limits_and_leaves_the_rest():
    limits = ColumnLimits(("plain", "amount", "free"), (Limits(0, 10), Limits(1, 100, spares_zero=True), NO_LIMITS))
    given = np.array([[-1, 0, -1e9], [11, 0.5, 1e9], [5, 1000, 0], [np.nan, np.nan, np.nan], [0, -3, 1]])
    clipped = [[0, 0, -1e9], [10, 1, 1e9], [5, 100, 0], [np.nan, np.nan, np.nan], [0, 1, 1]]
    np.testing.assert_array_equal(limits.apply(given), clipped)
    outside = [[True, False, False], [True, True, False], [False, True, False], [False] * 3, [False, True, False]]
    np.testing.assert_array_equal(limits.outside(given), outside)


def test_skewed_columns_have_limits_on_their_logarithms():
    values = np.random.default_rng(0).lognormal(5, 1, 500)
    logs = np.log(values)
    q1, q3 = np.quantile(logs, (0.25, 0.75))
    limits = iqr_limits(values, 3.0, 0.1)
    assert limits.spares_zero
    assert np.log([limits.low, limits.high]) == pytest.approx([q1 - 3 * (q3 - q1), q3 + 3 * (q3 - q1)])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.sampled_from(sorted(LIMITS)))
@settings(max_examples=60, deadline=None)
def test_nothing_is_outside_once_it_is_clipped_and_twice_is_once(values, kind):
    numbers = np.array(values)[:, None]
    limits = learned_limits(numbers, ["it"], LIMITS[kind][0])
    clipped = limits.apply(numbers)
    assert not limits.outside(clipped).any()
    np.testing.assert_array_equal(limits.apply(clipped), clipped)
    ordinary = ~limits.outside(numbers)
    np.testing.assert_array_equal(clipped[ordinary], numbers[ordinary])
