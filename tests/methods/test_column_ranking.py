import numpy as np
from scipy import stats
from sklearn.feature_selection import chi2, f_classif, f_regression

from dataclinic.methods.column_ranking import centre_and_scale, median_filled, strongest_columns, varying

NAN = np.nan
RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], 40)
NOISE = RNG.normal(size=(120, 4))


def test_medians_fill_empty_cells_and_zero_a_column_without_any():
    numbers = np.array([[1.0, NAN, NAN], [NAN, NAN, 4.0], [2.0, NAN, 8.0], [9.0, NAN, 0.0]])
    assert median_filled(numbers).tolist() == [[1, 0, 4], [2, 0, 4], [2, 0, 8], [9, 0, 0]]


def test_the_strongest_columns_come_first_whatever_their_unit():
    numbers = NOISE * [1, 1e-6, 1e6, 1] + np.outer(LABELS, [0, 3e-6, 1e6, 0])
    for test in (f_classif, chi2):
        assert strongest_columns(numbers, LABELS, test, 2).tolist() == [1, 2]


def test_the_order_is_that_of_an_analysis_of_variance():
    by_class = [NOISE[code == LABELS] for code in range(3)]
    expected = [stats.f_oneway(*(rows[:, place] for rows in by_class)).statistic for place in range(4)]
    assert strongest_columns(NOISE, LABELS, f_classif, 4).tolist() == np.argsort(expected)[::-1].tolist()


def test_regression_ranks_by_the_size_of_the_correlation():
    target = NOISE @ [0.0, -2.0, 0.1, 1.0]
    assert strongest_columns(NOISE, target, f_regression, 2).tolist() == [1, 3]


def test_columns_that_do_not_vary_are_never_chosen():
    numbers = np.column_stack([np.full(120, 7.7), NOISE[:, 0], np.full(120, NAN)])
    assert strongest_columns(numbers, LABELS, f_classif, 3).tolist() == [1]
    assert strongest_columns(numbers[:, [0, 2]], LABELS, f_classif, 3).tolist() == []


def test_a_column_that_is_the_label_comes_first():
    numbers = np.column_stack([NOISE, LABELS])
    assert strongest_columns(numbers, LABELS, f_classif, 1).tolist() == [4]


def test_a_column_that_is_the_target_comes_first():
    for sign in (1, -1):
        for place in range(4):
            assert strongest_columns(NOISE, sign * NOISE[:, place], f_regression, 1).tolist() == [place]


def test_constants_keep_a_scale_of_one():
    numbers = np.column_stack([np.full(5, 0.1), np.arange(5)])
    assert varying(numbers).tolist() == [False, True]
    centres, scales = centre_and_scale(numbers)
    np.testing.assert_allclose(centres, [0.1, 2])
    np.testing.assert_allclose(scales, [1, np.sqrt(2)])


def test_columns_in_a_tiny_unit_are_ranked_and_scaled_as_in_any_other():
    numbers = NOISE + np.outer(LABELS, [0, 0, 2, 0])
    tiny = numbers * [1, 1, 1e-300, 1]
    for test in (f_classif, chi2):
        assert strongest_columns(tiny, LABELS, test, 1).tolist() == [2]
    np.testing.assert_allclose(centre_and_scale(tiny)[1], numbers.std(axis=0) * [1, 1, 1e-300, 1])
    assert centre_and_scale(np.array([[0.0], [5e-324]]))[1].tolist() == [1]
