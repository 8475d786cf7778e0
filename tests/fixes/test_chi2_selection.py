import numpy as np
from column_parts import NAN, part_of, rng, targets_of
from sklearn.feature_selection import SelectKBest, chi2, f_regression
from sklearn.preprocessing import MinMaxScaler

from dataclinic.findings import DidNotApply
from dataclinic.fixes.chi2_selection import Chi2Selection

ROWS = 150
LABELS = np.arange(ROWS) % 3
NUMBERS = rng().normal(size=(ROWS, 6)) + np.outer(LABELS, [0, 0.5, 0, 1, 0.2, 0])
NAMES = tuple("abcdef")


def columns(numbers=NUMBERS):
    return dict(zip(NAMES, numbers.T, strict=True))


def test_columns_are_those_of_scikit_learn():
    treatment = Chi2Selection().propose(part_of(LABELS, **columns()))
    theirs = SelectKBest(chi2, k=3).fit(MinMaxScaler().fit_transform(NUMBERS), LABELS).get_support()
    assert treatment.column_map.names == tuple(name for name, kept in zip(NAMES, theirs, strict=True) if kept)
    assert treatment.told == "keep 3 of 6 numeric columns"


def test_regression_goes_by_the_correlation():
    target = NUMBERS @ [0, 0, 3.0, 0, 0, -2.0]
    treatment = Chi2Selection(share=0.3).propose(targets_of(target, **columns()))
    theirs = SelectKBest(f_regression, k=2).fit(NUMBERS, target).get_support()
    assert treatment.column_map.names == ("c", "f")
    assert np.flatnonzero(theirs).tolist() == [2, 5]


def test_a_share_is_rounded_up():
    part = part_of(LABELS, **columns())
    assert Chi2Selection(share=0.01).propose(part).column_map.names == ("d",)
    assert len(Chi2Selection(share=0.51).propose(part).column_map.names) == 4


def test_a_constant_column_goes_even_if_all_may_stay():
    part = part_of(LABELS, steady=np.ones(ROWS), **columns())
    assert Chi2Selection(share=1).propose(part).column_map.names == NAMES


def test_empty_cells_count_as_the_median():
    numbers = NUMBERS.copy()
    numbers[::4, 3] = NAN
    assert "d" in Chi2Selection(share=0.3).propose(part_of(LABELS, **columns(numbers))).column_map.names


def test_nothing_to_leave_out_is_nothing_to_do():
    assert isinstance(Chi2Selection(share=1).propose(part_of(LABELS, **columns())), DidNotApply)
    assert isinstance(Chi2Selection().propose(part_of(LABELS, steady=np.ones(ROWS))), DidNotApply)
