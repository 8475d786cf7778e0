"""Class table and confusions, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, recall_score
from sklearn.utils.class_weight import compute_class_weight

from dataclinic.report.classes import class_table, confused_pairs, confusion_counts, confusion_of
from dataclinic.seeding import rng_for

CLASSES = ("ant", "bee", "cow", "dog")


def ranking_of(given, predicted, flagged=None):
    """A ranking in which the models predict `predicted`; None: not judged."""
    suspicion = [
        np.nan if other is None else 1.0 if other != own else -1.0 for own, other in zip(given, predicted, strict=True)
    ]
    suggested = [other if other not in (None, own) else CLASSES[0] for own, other in zip(given, predicted, strict=True)]
    return pd.DataFrame(
        {
            "given_label": given,
            "suggested_label": suggested,
            "suspicion": suspicion,
            "flagged": flagged or [False] * len(given),
        }
    )


@pytest.fixture
def random_ranking():
    rng = rng_for(0, "classes")
    given = rng.choice(CLASSES, 400, p=[0.5, 0.3, 0.15, 0.05]).tolist()
    predicted = [label if rng.random() < 0.7 else str(rng.choice(CLASSES)) for label in given]
    return given, predicted, ranking_of(given, predicted)


def test_confusion_is_that_of_scikit_learn(random_ranking):
    given, predicted, ranking = random_ranking
    counts = confusion_counts(confusion_of(ranking, CLASSES))
    np.testing.assert_array_equal(counts, confusion_matrix(given, predicted, labels=list(CLASSES)))


def test_recall_and_weight_are_those_of_scikit_learn(random_ranking):
    given, predicted, ranking = random_ranking
    rows = {row.label: row for row in class_table(ranking, confusion_of(ranking, CLASSES))}
    recalls = recall_score(given, predicted, labels=list(CLASSES), average=None)
    weights = compute_class_weight("balanced", classes=np.array(CLASSES), y=np.array(given))
    assert [rows[label].recall for label in CLASSES] == pytest.approx(recalls)
    assert [rows[label].weight for label in CLASSES] == pytest.approx(weights)


def test_pairs_are_the_largest_cells_off_the_diagonal(random_ranking):
    given, predicted, ranking = random_ranking
    matrix = confusion_matrix(given, predicted, labels=list(CLASSES))
    shares = matrix / matrix.sum(axis=1, keepdims=True)
    pairs = confused_pairs(confusion_of(ranking, CLASSES), 5)
    np.fill_diagonal(matrix, 0)
    assert [pair.count for pair in pairs] == sorted(matrix.ravel(), reverse=True)[:5]
    for pair in pairs:
        place = CLASSES.index(pair.given), CLASSES.index(pair.predicted)
        assert (matrix[place], shares[place]) == (pair.count, pytest.approx(pair.share))


def test_hand_worked_table():
    ranking = ranking_of(
        ["ant", "ant", "ant", "bee", "cow"], ["ant", "bee", None, "bee", None], [True, True, False, False, True]
    )
    rows = class_table(ranking, confusion_of(ranking, CLASSES))
    assert [(row.label, row.count, row.flagged) for row in rows] == [
        ("ant", 3, 2),
        ("bee", 1, 0),
        ("cow", 1, 1),
        ("dog", 0, 0),
    ]
    assert [row.recall for row in rows] == [0.5, 1.0, None, None]
    assert [row.share for row in rows] == [0.6, 0.2, 0.2, 0.0]
    assert [row.weight for row in rows] == [pytest.approx(5 / 12), 1.25, 1.25, None]


def test_samples_without_judgement_take_no_part():
    ranking = ranking_of(["ant", "bee"], [None, None])
    confusion = confusion_of(ranking, CLASSES)
    assert confusion_counts(confusion).sum() == 0
    assert confused_pairs(confusion, 5) == ()
