from dataclasses import replace

import numpy as np

from dataclinic.edits import Decision
from dataclinic.evidence import Measurements
from dataclinic.steps.trust_decisions import trust_decisions
from dataclinic.testing.planted import table_dataset

DATA = table_dataset(np.zeros((4, 1), np.float32), np.array([0, 1, 2, 0]), ["ant", "bee", "cat"])
CONTENT = Measurements({}, ("p", "q", "r", "s"))


def test_kept_labels_are_those_given_and_others_those_decided():
    decisions = [Decision("0", "keep"), Decision("1", "relabel", "cat"), Decision("2", "drop"), Decision("3", "keep")]
    decisions.append(Decision("3", "ambiguous"))
    assert trust_decisions(DATA, CONTENT, decisions).tolist() == [0, 2, -1, -1]


def test_a_sample_is_found_by_its_content_where_its_id_now_names_another():
    assert trust_decisions(DATA, CONTENT, [Decision("0", "relabel", "bee", "r")]).tolist() == [-1, -1, 1, -1]


def test_a_decision_about_no_sample_or_no_class_verifies_nothing():
    decisions = [Decision("9", "keep"), Decision("0", "relabel", "dog")]
    assert trust_decisions(DATA, CONTENT, decisions).tolist() == [-1, -1, -1, -1]


def test_numbers_are_verified_as_numbers():
    numbers = replace(DATA, targets=np.array([1.5, 2.5, 3.5, 4.5]), classes=())
    decided = trust_decisions(numbers, CONTENT, [Decision("0", "keep"), Decision("1", "relabel", "7.25")])
    assert np.array_equal(decided, [1.5, 7.25, np.nan, np.nan], equal_nan=True)


def test_a_kept_label_is_the_one_that_was_looked_at_even_if_the_data_has_another_now():
    assert trust_decisions(DATA, CONTENT, [Decision("0", "keep", given="cat")]).tolist() == [2, -1, -1, -1]
    assert trust_decisions(DATA, CONTENT, [Decision("0", "keep", given="dog")]).tolist() == [-1, -1, -1, -1]
    numbers = replace(DATA, targets=np.array([1.5, 2.5, 3.5, 4.5]), classes=())
    assert trust_decisions(numbers, CONTENT, [Decision("0", "keep", given="3.25")])[0] == 3.25
