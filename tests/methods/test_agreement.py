import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss

from dataclinic.methods.agreement import agreement
from dataclinic.testing.planted import confident_probs


def test_matches_scikit_learn():
    labels = np.repeat([0, 1, 2], [50, 20, 5])
    repeats = np.stack([confident_probs(np.roll(labels, 4 + seed), classes=3, seed=seed) for seed in range(3)])
    scores = agreement(repeats, labels)
    predicted = repeats.argmax(axis=2)
    assert scores["per_repeat"] == pytest.approx([accuracy_score(labels, row) for row in predicted])
    assert scores["mean"] == pytest.approx(np.mean(scores["per_repeat"]))
    assert scores["spread"] == pytest.approx(np.std(scores["per_repeat"], ddof=1))
    assert scores["balanced"] == pytest.approx(np.mean([balanced_accuracy_score(labels, row) for row in predicted]))
    assert scores["log_loss_nats"] == pytest.approx(np.mean([log_loss(labels, row) for row in repeats]), rel=1e-4)
    assert scores["majority_share"] == pytest.approx(50 / 75)


def test_unjudged_samples_do_not_count_and_nothing_judged_is_none():
    labels = np.array([0, 1, 1])
    probs = np.array([[[0.9, 0.1], [0.2, 0.8], [np.nan, np.nan]]], np.float32)
    assert agreement(probs, labels)["mean"] == 1.0
    assert agreement(probs, labels)["spread"] is None
    assert agreement(np.full_like(probs, np.nan), labels) is None
