import numpy as np
import pytest

from dataclinic.fits import Dynamics, FitJob, FitResult
from dataclinic.methods.pooled_dynamics import pooled_dynamics

PROBS = np.full((2, 2), 0.5, np.float32)


def fitted(train, score, train_probs, margins, score_probs=None):
    job = FitJob(np.array(train), np.zeros(len(train), int), np.array(score), 0)
    as_floats = [None if part is None else np.array(part, np.float32) for part in (train_probs, margins, score_probs)]
    return job, FitResult(PROBS, dynamics=Dynamics(*as_floats))


def test_signals_are_means_over_the_fits_that_saw_a_sample():
    first = fitted([0, 1], [2], [[0.2, 0.6], [0.4, 0.8]], [[-1, 1], [1, 3]], [[0.5], [0.7]])
    second = fitted([1, 2], [0], [[1.0, 0.1], [1.0, 0.3]], [[4, 2], [4, -2]], [[0.9], [0.9]])
    jobs, results = zip(first, second, strict=True)
    pooled = pooled_dynamics(jobs, results, samples=4)
    assert pooled.area_under_margin[:3] == pytest.approx([0, (2 + 4) / 2, 0])
    assert pooled.forgetting_events[:3] == pytest.approx([0, 0, 1])
    assert pooled.confidence[:3] == pytest.approx([0.3, (0.7 + 1) / 2, 0.2])
    assert pooled.variability[:3] == pytest.approx([0.1, 0.05, 0.1])
    assert pooled.held_out_confidence[[0, 2]] == pytest.approx([0.9, 0.6])
    assert pooled.held_out_variability[[0, 2]] == pytest.approx([0, 0.1])


def test_samples_that_no_fit_saw_have_none():
    job, result = fitted([0], [1], [[0.2], [0.4]], [[1], [1]])
    pooled = pooled_dynamics([job], [result], samples=3)
    assert np.isnan(pooled.area_under_margin).tolist() == [False, True, True]
    assert np.isnan(pooled.held_out_confidence).all()


def test_fits_without_epochs_give_none():
    job, _ = fitted([0], [1], [[0.2]], [[1]])
    assert pooled_dynamics([job], [FitResult(PROBS)], samples=2) is None
