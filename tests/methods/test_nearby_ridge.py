import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from dataclinic.methods import nearby_ridge
from dataclinic.methods.downdated_ridge import RowMoments
from dataclinic.methods.nearby_ridge import RowTargets, nearby_coefficients, nearby_fits
from dataclinic.seeding import rng_for

ROWS, DIMS, CLASSES = 120, 6, 3
ADDED = 20
"""Rows at the end that the leading fit does not train on."""


def made(seed=0):
    rng = rng_for(seed, "nearby rows")
    codes = rng.integers(0, CLASSES, ROWS)
    X = (rng.normal(size=(CLASSES, DIMS))[codes] + rng.normal(size=(ROWS, DIMS)) + 0.3).astype(np.float32)
    return X, codes, (np.arange(ROWS) < ROWS - ADDED).astype(np.float32)


def of(weights, codes):
    return RowTargets(torch.tensor(weights, dtype=torch.float32), torch.from_numpy(codes))


def solved(X, first, *others, l2=0.1):
    """Scores of all rows by the fits, and whether each was found; None where a fit is no change of the first."""
    rows = torch.from_numpy(X)
    moments = RowMoments.of(rows, first.codes, CLASSES)
    spectrum = moments.spectrum(first.weights)
    fits = nearby_fits(rows, spectrum, moments.targets(spectrum, *first), [first, *others])
    near = [fit for fit in fits if fit is not None]
    coefficients, intercepts, found = nearby_coefficients(spectrum, near, l2)
    scores = iter((rows.double() @ coefficients.mT + intercepts[:, None]).numpy())
    return [None if fit is None else next(scores) for fit in fits], found.tolist()


def reference(X, fit, l2=0.1):
    """Scikit-learn's ridge on the rows that weigh something, scaled by themselves."""
    weights, codes = fit.weights.double().numpy(), fit.codes.numpy()
    mean = np.average(X, axis=0, weights=weights)
    scale = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weights))
    own = weights > 0
    model = Ridge(alpha=l2 * weights.sum())
    model.fit(((X - mean) / scale)[own], np.eye(CLASSES)[codes[own]], sample_weight=weights[own])
    return model.predict((X - mean) / scale)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), l2=st.sampled_from([0.01, 1.0]), drop=st.floats(0, 0.3), weigh=st.booleans())
def test_fits_are_scikit_learns(seed, l2, drop, weigh):
    """Rows dropped, added at the end, relabelled and, where `weigh`, all weighing differently."""
    X, codes, weights = made()
    rng = rng_for(seed, "changes")
    changed = np.where(rng.random(ROWS) < drop, 0, np.where(rng.random(ROWS) < 0.5, weights, 1))
    changed *= rng.uniform(0.3, 1.5, ROWS) if weigh else 1
    relabelled = np.where(rng.random(ROWS) < 0.1, rng.integers(0, CLASSES, ROWS), codes)
    first, other = of(weights, codes), of(changed, relabelled)
    scores, found = solved(X, first, other, l2=l2)
    assert found == [True, True]
    np.testing.assert_allclose(scores[0], reference(X, first, l2), atol=1e-3)
    np.testing.assert_allclose(scores[1], reference(X, other, l2), atol=1e-3)


def test_two_points_worked_by_hand():
    # Swapped labels swap the scores, and weights that are all doubled change nothing.
    X = np.array([[-1.0], [1.0], [-1.0], [1.0]], np.float32)
    ones, codes = np.ones(4), np.array([0, 1, 0, 1])
    scores, _ = solved(X, of(ones, codes), of(ones, 1 - codes), of(2 * ones, codes), l2=1.0)
    # The Gram matrix is 4 and the penalty 4, x times the label of class 0 less its mean sums to -2: slope -1/4.
    np.testing.assert_allclose(scores[0][:2, :2], [[0.75, 0.25], [0.25, 0.75]], atol=1e-4)
    np.testing.assert_allclose(scores[1][:2, :2], [[0.25, 0.75], [0.75, 0.25]], atol=1e-4)
    np.testing.assert_allclose(scores[2], scores[0], atol=1e-4)


def test_fits_that_change_most_rows_share_one_copy_of_them_and_added_rows_need_none():
    X, codes, weights = made()
    rows, rng = torch.from_numpy(X), rng_for(0, "weights")
    first = of(weights, codes)
    dense = [of(weights * rng.uniform(0.5, 1, ROWS), codes) for _ in range(2)]
    added, few = of(np.ones(ROWS), codes), of(weights * (np.arange(ROWS) % 10 > 0), codes)
    spectrum = RowMoments.of(rows, first.codes, CLASSES).spectrum(first.weights)
    targets = RowMoments.of(rows, first.codes, CLASSES).targets(spectrum, *first)
    fits = nearby_fits(rows, spectrum, targets, [first, *dense, added, few])
    own, one, other, behind, dropped = fits
    assert len(own.rows) == 0
    assert one.rows is other.rows
    assert len(one.rows) == ROWS - ADDED
    assert len(behind.rows) == ADDED
    assert behind.rows.data_ptr() == rows[-ADDED:].data_ptr()
    assert len(dropped.rows) == (ROWS - ADDED) // 10


def test_fits_without_weight_or_digits_or_with_a_feature_awoken_are_no_change_of_another():
    X, codes, weights = made()
    X[: ROWS - ADDED, 0] = 0
    X[0, 1] = 3e4
    first = of(weights, codes)
    nothing, awoken, lost = of(0 * weights, codes), of(np.ones(ROWS), codes), of(weights * (np.arange(ROWS) > 0), codes)
    scores, found = solved(X, first, nothing, awoken, lost)
    assert scores[1:] == [None, None, None]
    assert found == [True]


def test_fit_that_needs_too_many_steps_is_not_found(monkeypatch):
    monkeypatch.setattr(nearby_ridge, "MOST_STEPS", 1)
    X, codes, weights = made()
    half = of(weights * np.where(np.arange(ROWS) % 2, 0.05, 1), codes)
    _, found = solved(X, of(weights, codes), half)
    assert found == [True, False]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_gpu_gives_what_the_cpu_gives():
    X, codes, weights = made()
    answers = []
    for device in ("cpu", "cuda"):
        rows = torch.from_numpy(X).to(device)
        first, other = (
            RowTargets(*(array.to(device) for array in fit))
            for fit in (of(weights, codes), of(weights * np.linspace(0.5, 1, ROWS), codes))
        )
        moments = RowMoments.of(rows, first.codes, CLASSES)
        spectrum = moments.spectrum(first.weights)
        fits = nearby_fits(rows, spectrum, moments.targets(spectrum, *first), [first, other])
        answers.append(nearby_coefficients(spectrum, fits, 0.1)[0].cpu())
    torch.testing.assert_close(answers[1], answers[0], atol=1e-3, rtol=0)
