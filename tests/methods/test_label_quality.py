import numpy as np
import pytest
from cleanlab.rank import get_label_quality_scores

from dataclinic.methods.label_quality import (
    best_other,
    log_margin,
    margin,
    mean_loss_nats,
    self_confidence,
    spread,
)
from dataclinic.testing.planted import confident_probs

LABELS = np.arange(60) % 4
PROBS = confident_probs(np.roll(LABELS, 3), classes=4)


def test_hand_worked_case():
    probs = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], np.float32)
    labels = np.array([0, 1])
    assert self_confidence(probs, labels) == pytest.approx([0.7, 0.3])
    assert best_other(probs, labels).tolist() == [1, 2]
    assert margin(probs, labels) == pytest.approx([0.5, -0.3])
    assert log_margin(probs, labels) == pytest.approx([np.log(3.5), -np.log(2)], abs=1e-6)


def test_self_confidence_and_margin_match_cleanlab():
    probs = PROBS / PROBS.sum(axis=1, keepdims=True)
    theirs = get_label_quality_scores(LABELS, probs, method="self_confidence")
    assert self_confidence(probs, LABELS) == pytest.approx(theirs, abs=1e-6)
    theirs = get_label_quality_scores(LABELS, probs, method="normalized_margin")
    assert (margin(probs, LABELS) + 1) / 2 == pytest.approx(theirs, abs=1e-6)


def test_underflowing_probabilities_are_clipped():
    probs = np.array([[0.0, 1.0], [1.0, 0.0]], np.float32)
    assert log_margin(probs, np.array([0, 0])) == pytest.approx([np.log(1e-6), -np.log(1e-6)])
    assert mean_loss_nats(probs[None], np.array([0, 0])) == pytest.approx([-np.log(1e-12), 0.0])


def test_repeats_that_did_not_score_a_sample_do_not_count():
    repeat_probs = np.array([[[0.5, 0.5]], [[np.nan, np.nan]], [[0.25, 0.75]]], np.float32)
    labels = np.array([0])
    assert mean_loss_nats(repeat_probs, labels) == pytest.approx([(np.log(2) + np.log(4)) / 2])
    assert spread(repeat_probs, labels) == pytest.approx([np.std([0.5, 0.25], ddof=1)])
    assert np.isnan(mean_loss_nats(repeat_probs[1:2], labels)).all()
    assert np.isnan(spread(repeat_probs[:1], labels)).all()
