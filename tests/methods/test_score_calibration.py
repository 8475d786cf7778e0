import numpy as np
import pytest
import torch
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax

from dataclinic.methods import score_calibration
from dataclinic.methods.score_calibration import (
    FLATTEST,
    MATRIX_PRIOR,
    OFFSET_PRIOR,
    SHARPEST,
    fit_score_map,
    fit_sharpness,
)
from dataclinic.seeding import rng_for


def made(rows, classes=3, seed=0):
    rng = rng_for(seed, "scores")
    logits = rng.normal(size=(rows, classes)) * 2 + np.linspace(1, 0, classes)
    probs = np.exp(log_softmax(logits, axis=1))
    codes = np.array([rng.choice(classes, p=row) for row in probs])
    return logits / 7, codes, rng.choice([0.5, 1.0, 2.0], size=rows)


def tensors(scores, codes, weights):
    return torch.from_numpy(scores), torch.from_numpy(codes), torch.from_numpy(weights)


def log_loss(logits, codes, weights):
    return -np.average(log_softmax(logits, axis=1)[np.arange(len(codes)), codes], weights=weights)


@pytest.mark.parametrize("start", [0.2, 5.0, 90.0])
def test_sharpness_is_where_a_line_search_ends(start):
    scores, codes, weights = made(300)
    best = minimize_scalar(lambda a: log_loss(a * scores, codes, weights), bounds=(0.1, 100), method="bounded")
    sharpness, loss = fit_sharpness(*tensors(scores, codes, weights), start=start)
    assert sharpness == pytest.approx(best.x, rel=1e-3)
    assert loss == pytest.approx(best.fun, rel=1e-6)


def test_two_rows_worked_by_hand():
    # Scores (1, 0): three of four rows are of class 0, so sigmoid(sharpness) = 3/4 and sharpness = log 3.
    scores = np.tile([1.0, 0.0], (4, 1))
    sharpness, loss = fit_sharpness(*tensors(scores, np.array([0, 0, 0, 1]), np.ones(4)))
    assert sharpness == pytest.approx(np.log(3), rel=1e-4)
    assert loss == pytest.approx(-0.75 * np.log(0.75) - 0.25 * np.log(0.25), rel=1e-6)


def test_scores_that_are_always_right_or_never_end_at_the_bounds():
    codes = np.arange(30) % 3
    right = np.eye(3)[codes]
    assert fit_sharpness(*tensors(right, codes, np.ones(30)))[0] == pytest.approx(SHARPEST, rel=0.01)
    assert fit_sharpness(*tensors(-right, codes, np.ones(30)))[0] == pytest.approx(FLATTEST, rel=0.01)


@pytest.mark.parametrize("rows", [50, 300])
def test_map_is_where_a_general_optimiser_ends(rows):
    scores, codes, weights = made(rows)
    classes, spread, weights = 3, scores.std(), weights * rows / weights.sum()
    free = rows >= score_calibration.ROWS_PER_NUMBER * classes**2

    def objective(flat):
        offsets, change = flat[:3], flat[3:].reshape(3, 3) * free
        prior = OFFSET_PRIOR * (offsets**2).sum() + MATRIX_PRIOR * (flat[3:] ** 2).sum()
        return rows * log_loss(scores @ (6 * np.eye(3) + change / spread) + offsets, codes, weights) + prior / 2

    best = minimize(objective, np.zeros(12), method="BFGS", options={"gtol": 1e-7}).x
    found = fit_score_map(*tensors(scores, codes, weights), sharpness=6.0)
    np.testing.assert_allclose(found.offsets, best[:3], atol=1e-3)
    np.testing.assert_allclose((found.matrix - 6 * torch.eye(3)) * spread, best[3:].reshape(3, 3), atol=1e-3)
    assert free == (rows == 300)


def test_offsets_give_a_rare_class_what_it_is_due():
    rng = rng_for(0, "rare")
    codes = (rng.random(80) < 0.3).astype(np.int64)
    scores = np.column_stack([np.ones(80), np.zeros(80)]) + 1e-3 * rng.normal(size=(80, 2))
    found = fit_score_map(*tensors(scores, codes, np.ones(80)), sharpness=5.0)
    probs = torch.softmax(torch.from_numpy(scores) @ found.matrix + found.offsets, dim=1)
    assert float(probs[:, 1].mean()) == pytest.approx(codes.mean(), abs=0.05)
