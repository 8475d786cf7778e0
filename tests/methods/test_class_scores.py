import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from dataclinic.methods.class_scores import class_recalls, class_scores
from dataclinic.seeding import rng_for
from dataclinic.trials import METRICS


@st.composite
def scored(draw):
    samples, classes = draw(st.integers(1, 40)), draw(st.integers(2, 6))
    rng = rng_for(draw(st.integers(0, 10_000)), "scored")
    probs = rng.dirichlet(np.full(classes, 0.5), size=samples).astype(np.float32)
    return probs, rng.integers(draw(st.integers(1, classes)), size=samples)


def test_hand_worked():
    probs = np.array([[0.8, 0.1, 0.1], [0.6, 0.4, 0.0], [0.2, 0.8, 0.0], [0.1, 0.2, 0.7]], np.float32)
    scores = class_scores(probs, np.array([0, 1, 1, 1]))
    # Predicted 0, 0, 1, 2: recalls 1 and 1/3; F1 2/3 for class 0, 2/4 for class 1, 0 for class 2.
    assert scores["accuracy"] == pytest.approx(0.5)
    assert scores["balanced_accuracy"] == pytest.approx(2 / 3)
    assert scores["worst_class_recall"] == pytest.approx(1 / 3)
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 1 / 2) / 3)
    assert scores["log_loss"] == pytest.approx(-np.log([0.8, 0.4, 0.8, 0.2]).mean())
    assert class_recalls(probs, np.array([0, 1, 1, 1])) == pytest.approx([1, 1 / 3, np.nan], nan_ok=True)


def test_names_are_those_of_the_classification_metrics():
    assert list(class_scores(np.eye(2, dtype=np.float32), np.array([0, 1]))) == [
        name for name, metric in METRICS.items() if metric.task == "classification"
    ]


@given(scored())
def test_agrees_with_scikit_learn(case):
    probs, labels = case
    predicted, classes = probs.argmax(axis=1), np.arange(probs.shape[1])
    scores = class_scores(probs, labels)
    with warnings.catch_warnings():
        # It warns of predicted classes that no label has.
        warnings.simplefilter("ignore", UserWarning)
        assert scores["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(labels, predicted))
    assert scores["accuracy"] == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert scores["macro_f1"] == pytest.approx(metrics.f1_score(labels, predicted, average="macro"))
    # It takes nothing that is off 1 by the rounding of float32.
    exact = probs / probs.sum(axis=1, keepdims=True, dtype=np.float64)
    loss = metrics.log_loss(labels, exact, labels=classes)
    assert scores["log_loss"] == pytest.approx(loss, abs=1e-6)
    recalls = metrics.recall_score(labels, predicted, labels=classes, average=None, zero_division=np.nan)
    assert class_recalls(probs, labels) == pytest.approx(recalls, nan_ok=True)
    assert scores["worst_class_recall"] == pytest.approx(np.nanmin(recalls))


def test_certain_errors_have_a_finite_loss():
    scores = class_scores(np.array([[1.0, 0.0]], np.float32), np.array([1]))
    assert scores["log_loss"] == pytest.approx(-np.log(1e-12))


def test_the_first_of_equally_probable_classes_is_predicted():
    probs = np.full((2, 2), 0.5, np.float32)
    assert class_recalls(probs, np.array([0, 1])).tolist() == [1.0, 0.0]
