import numpy as np
import pandas as pd

from dataclinic.steps.mark_new import mark_new


def problems(*rows):
    return pd.DataFrame(list(rows), columns=["name", "row", "subject", "label"])


def marked(now, before, partner):
    return mark_new(problems(*now), problems(*before), np.array(partner, np.int64)).tolist()


def test_the_same_problem_of_the_same_sample_is_known():
    assert marked([("dark", 0, "b", ""), ("dark", 1, "c", "")], [("dark", 5, "a", "")], [5, 4]) == [False, True]


def test_another_problem_of_the_same_sample_is_new():
    assert marked([("bright", 0, "a", "")], [("dark", 0, "a", "")], [0]) == [True]


def test_a_sample_that_was_not_there_has_new_problems_alone():
    assert marked([("dark", 0, "a", "")], [("dark", 0, "a", "")], [-1]) == [True]


def test_an_accused_label_that_is_another_one_now_is_a_new_problem():
    now, before = [("label_errors", 0, "a", "dog")], [("label_errors", 0, "a", "cat")]
    assert marked(now, before, [0]) == [True]
    assert marked(now, [("label_errors", 0, "a", "dog")], [0]) == [False]


def test_problems_of_classes_and_columns_are_known_by_their_subject():
    now = [("class_imbalance", -1, "owl", ""), ("class_imbalance", -1, "cat", "")]
    assert marked(now, [("class_imbalance", -1, "owl", "")], []) == [False, True]
    assert marked(now, [("sparse_column", -1, "owl", "")], []) == [True, True]


def test_a_subject_that_is_named_once_more_is_new_once():
    now = [("drift_in_order", -1, "order of x", "")] * 3
    assert marked(now, now[:2], []) == [False, False, True]


def test_without_a_baseline_problem_all_are_new():
    assert marked([("dark", 0, "a", ""), ("classes", -1, "b", "")], [], [0]) == [True, True]
    assert marked([], [("dark", 0, "a", "")], [0]) == []
