from dataclasses import replace

import numpy as np

from dataclinic.steps.describe_data import data_notes, describe_data
from dataclinic.testing.planted import table_dataset

DATASET = table_dataset(np.zeros((6, 1), np.float32), np.array([0, 0, 0, 0, 0, 1]), ["cat", "dog"])
ALL = np.ones(6, bool)
APART = np.arange(6)


def test_says_what_the_data_is():
    facts = describe_data(replace(DATASET, split=("train",) * 4 + ("test",) * 2, unlabelled=("7",)))
    assert facts == {
        "format": "csv",
        "kind": "table",
        "task": "classification",
        "samples": 6,
        "classes": ["cat", "dog"],
        "unlabelled": 1,
        "label": "label",
        "split": {"train": 4, "test": 2},
    }


def test_says_nothing_where_all_was_judged():
    assert data_notes(DATASET, ALL, APART, ALL, folds=1) == []


def test_names_what_limits_the_judgement():
    usable, judged = ALL.copy(), ALL.copy()
    usable[0] = judged[0] = judged[5] = False
    notes = data_notes(DATASET, usable, np.array([0, 1, 1, 2, 3, 4]), judged, folds=2)
    assert notes == [
        "1 sample cannot be read; see the check unreadable",
        "classes with fewer samples than the 2 folds are kept but judged by fewer models: 'dog' (1)",
        "1 sample could not be judged: no other sample or group holds the class",
        "1 sample had to share the fold of a duplicate or of its group",
    ]


def test_the_first_period_has_nothing_earlier():
    (note,) = data_notes(replace(DATASET, times=np.arange(6.0)), ALL, APART, np.arange(6) > 1, folds=1)
    assert note == "2 samples could not be judged: nothing earlier is left to learn from"


def test_regression_has_no_small_classes():
    numbers = replace(DATASET, targets=np.arange(6.0), classes=(), labels=np.zeros(6, int))
    assert data_notes(numbers, ALL, APART, ALL, folds=5) == []
    assert describe_data(numbers)["task"] == "regression"
