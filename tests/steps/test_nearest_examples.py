import json

import numpy as np
import pytest

from dataclinic.judgement import Estimate, Judgement
from dataclinic.steps.nearest_examples import nearest_examples
from dataclinic.testing.planted import gaussian_classes, switch_labels, table_dataset

ANGLES = np.radians([0, 10, 20, 30, 80, 90, 100, 110])
"""Of samples on a circle: four of class 0, then four of class 1, of which the first is suspected to be a 0."""

VECTORS = np.column_stack([np.cos(ANGLES), np.sin(ANGLES)]).astype(np.float32)
DATASET = table_dataset(VECTORS, np.repeat([0, 1], 4))


def judged(flagged=(), suggested=None, samples=8, unjudged=()):
    wrong = np.isin(np.arange(samples), flagged)
    probability = np.where(wrong, 0.9, 0.1)
    probability[list(unjudged)] = np.nan
    return Judgement(
        suspicion=probability,
        probability=probability,
        flagged=wrong,
        suggested=np.repeat([1, 0], samples // 2) if suggested is None else suggested,
        suggested_probability=probability,
        signals={},
        errors=Estimate(1, 0, 2),
    )


def rows_of(examples):
    return {name: [one["row"] for one in found] for name, found in examples.items()}


def examples_of(row, judgement, **options):
    return nearest_examples(DATASET, VECTORS, judgement, [row], **options)[row]


def test_nearest_of_either_class_by_hand():
    found = examples_of(4, judged([4]))
    assert rows_of(found) == {"given": [5, 6], "suggested": [3, 2]}
    assert found["given"][0]["distance"] == pytest.approx(1 - np.cos(np.radians(10)), abs=1e-6)
    assert found["suggested"][1]["distance"] == pytest.approx(1 - np.cos(np.radians(60)), abs=1e-6)
    json.dumps(found)


def test_samples_whose_own_label_is_doubtful_come_last():
    assert rows_of(examples_of(4, judged([4, 5, 3]))) == {"given": [6, 7], "suggested": [2, 1]}
    assert rows_of(examples_of(4, judged([4, 5, 6]))) == {"given": [7, 5], "suggested": [3, 2]}


def test_copies_are_no_examples():
    content = ["", "", "x", "x", "own", "own", "y", "z"]
    assert rows_of(examples_of(4, judged([4]), content=content)) == {"given": [6, 7], "suggested": [3, 1]}


def test_samples_without_content_are_no_copies_of_one_another():
    assert rows_of(examples_of(4, judged([4]), content=[""] * 8)) == {"given": [5, 6], "suggested": [3, 2]}


def test_small_classes_give_what_they_have():
    dataset = table_dataset(VECTORS, np.array([0, 0, 0, 0, 0, 0, 1, 2]))
    found = nearest_examples(dataset, VECTORS, judged([6], suggested=np.full(8, 2)), [6])
    assert rows_of(found[6]) == {"given": [], "suggested": [7]}


def test_unreadable_samples_are_none_and_have_none():
    vectors = VECTORS.copy()
    vectors[[3, 5]] = 0
    found = nearest_examples(DATASET, vectors, judged([4]), [4, 5])
    assert rows_of(found[4]) == {"given": [6, 7], "suggested": [2, 1]}
    assert rows_of(found[5]) == {"given": [], "suggested": []}


def test_unjudged_samples_have_none():
    assert rows_of(examples_of(4, judged(unjudged=[4]))) == {"given": [], "suggested": []}


def test_no_rows_no_examples():
    assert nearest_examples(DATASET, VECTORS, judged(), []) == {}


def test_every_suspect_gets_two_that_carry_either_label_and_are_not_itself():
    vectors, true = gaussian_classes(400, 4)
    labels, switched = switch_labels(true, 0.1, classes=4)
    suspects = np.flatnonzero(switched)
    found = nearest_examples(table_dataset(vectors, labels), vectors, judged(suspects, true, 400), suspects)
    assert list(found) == suspects.tolist()
    for row, examples in found.items():
        rows = rows_of(examples)
        assert labels[rows["given"]].tolist() == [labels[row]] * 2
        assert labels[rows["suggested"]].tolist() == [true[row]] * 2
        assert row not in rows["given"]
        assert not switched[rows["given"] + rows["suggested"]].any()
        distances = [one["distance"] for one in examples["suggested"]]
        assert distances == sorted(distances)
