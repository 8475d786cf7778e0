import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from dataclinic.methods.downdated_ridge import LeftOut, RowMoments, coefficients
from dataclinic.seeding import rng_for

ROWS, DIMS, CLASSES = 60, 7, 3


def made(seed=0, rows=ROWS, dims=DIMS):
    rng = rng_for(seed, "ridge rows")
    labels = rng.integers(0, CLASSES, rows)
    X = rng.normal(size=(CLASSES, dims))[labels] + rng.normal(size=(rows, dims))
    return ((X - X.mean(axis=0)) / X.std(axis=0)).astype(np.float32), labels


def moments_of(X, labels):
    return RowMoments.of(torch.from_numpy(X), torch.from_numpy(labels), CLASSES)


def fitted(moments, weights, labels, l2):
    weights, codes = torch.tensor(weights, dtype=torch.float32), torch.from_numpy(labels)
    spectrum = moments.spectrum(weights)
    return spectrum, moments.targets(spectrum, weights, codes), weights, codes


def scores(moments, weights, labels, l2, X):
    spectrum, targets, *_ = fitted(moments, weights, labels, l2)
    solved, intercepts = coefficients(spectrum, targets, l2)
    return (torch.from_numpy(X).double() @ solved.T + intercepts).numpy()


def reference(X, labels, weights, l2, at=None):
    """Scikit-learn's ridge on the rows that weigh something, scaled by themselves."""
    own = weights > 0
    mean = np.average(X[own], axis=0, weights=weights[own])
    scale = np.sqrt(np.average((X[own] - mean) ** 2, axis=0, weights=weights[own]))
    scale[scale == 0] = np.inf
    model = Ridge(alpha=l2 * weights.sum())
    model.fit((X[own] - mean) / scale, np.eye(CLASSES)[labels[own]], sample_weight=weights[own])
    return model.predict(((X if at is None else at) - mean) / scale)


def test_two_points_worked_by_hand():
    # x = ∓1: the Gram matrix is 2, l2 · weight is 2, and x times the label of class 0 less its mean sums to -1.
    X, labels = np.array([[-1.0], [1.0]], np.float32), np.array([0, 1])
    moments = RowMoments.of(torch.from_numpy(X), torch.from_numpy(labels), 2)
    spectrum = moments.spectrum(torch.ones(2))
    solved, intercepts = coefficients(spectrum, moments.targets(spectrum, torch.ones(2), torch.from_numpy(labels)), 1.0)
    assert solved[:, 0].tolist() == pytest.approx([-0.25, 0.25])
    assert intercepts.tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("l2", [1e-3, 0.1, 3.0])
@pytest.mark.parametrize("share", [1.0, 0.8, 0.2])
def test_fit_on_some_rows_is_scikit_learns_whether_few_or_most_are_left_out(l2, share):
    X, labels = made()
    weights = (rng_for(1, "kept").random(ROWS) < share).astype(float)
    np.testing.assert_allclose(
        scores(moments_of(X, labels), weights, labels, l2, X), reference(X, labels, weights, l2), atol=1e-5
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), l2=st.sampled_from([0.01, 1.0]))
def test_any_weights_and_other_labels_than_the_shared_ones(seed, l2):
    X, labels = made()
    rng = rng_for(seed, "weights")
    weights = rng.choice([0.0, 1.0, 1.0, 0.3, 2.5], size=ROWS) + (np.arange(ROWS) == 0)
    relabelled = np.where(rng.random(ROWS) < 0.3, rng.integers(0, CLASSES, ROWS), labels)
    np.testing.assert_allclose(
        scores(moments_of(X, labels), weights, relabelled, l2, X), reference(X, relabelled, weights, l2), atol=1e-5
    )


def test_rows_that_dwarf_the_others_leave_no_trace_when_left_out():
    X, labels = made()
    X[:3] *= 1e5
    X = ((X - X.mean(axis=0)) / X.std(axis=0)).astype(np.float32)
    weights = (np.arange(ROWS) >= 3).astype(float)
    expected = reference(X.astype(np.float64), labels, weights, 0.1)
    np.testing.assert_allclose(scores(moments_of(X, labels), weights, labels, 0.1, X)[3:], expected[3:], atol=1e-4)


def test_constant_features_and_more_dimensions_than_rows():
    X, labels = made(rows=20, dims=50)
    X[:, 7] = 0
    weights = np.ones(20)
    weights[:4] = 0
    np.testing.assert_allclose(
        scores(moments_of(X, labels), weights, labels, 0.01, X), reference(X, labels, weights, 0.01), atol=1e-4
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("size", [1, 4])
def test_left_out_scores_are_those_of_fits_without_the_rows(size, weighted):
    """Brute force: one ridge a block, in the standardisation of the whole fit."""
    X, labels = made()
    weights = rng_for(3, "weights").choice([1.0, 2.0, 0.5], size=ROWS) if weighted else np.ones(ROWS)
    mean = np.average(X, axis=0, weights=weights)
    placed = (X - mean) / np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weights))
    blocks = np.arange(24).reshape(-1, size)
    spectrum, targets, *own = fitted(moments_of(X, labels), weights, labels, None)
    left = LeftOut.of(torch.from_numpy(X), spectrum, own[0], [torch.from_numpy(blocks)])
    found = left.along_path(spectrum, targets, own[1][left.rows], (0.01, 1.0))
    for l2, one in zip((0.01, 1.0), found, strict=True):
        for number, block in enumerate(blocks):
            rest = np.setdiff1d(np.arange(ROWS), block)
            model = Ridge(alpha=l2 * weights.sum())
            model.fit(placed[rest], np.eye(CLASSES)[labels[rest]], sample_weight=weights[rest])
            expected = model.predict(placed[block])
            np.testing.assert_allclose(one[size * number : size * (number + 1)], expected, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_gpu_gives_what_the_cpu_gives():
    X, labels = made(rows=500, dims=20)
    weights = torch.from_numpy((np.arange(500) % 5 > 0).astype(np.float32))
    answers = []
    for device in ("cpu", "cuda"):
        codes = torch.from_numpy(labels).to(device)
        moments = RowMoments.of(torch.from_numpy(X).to(device), codes, CLASSES)
        spectrum = moments.spectrum(weights.to(device))
        answers.append(coefficients(spectrum, moments.targets(spectrum, weights.to(device), codes), 0.1)[0].cpu())
    torch.testing.assert_close(answers[1], answers[0], atol=1e-4, rtol=0)


def test_sums_formed_together_are_those_of_the_rows_left_out():
    rng = rng_for(0, "shared sums")
    X = torch.from_numpy(rng.normal(size=(4000, 3)).astype(np.float32))
    folds = [torch.from_numpy(rng.integers(0, 3, len(X))) for _ in range(2)]
    weights = [(fold != number).float() for fold in folds for number in range(3)]
    half = torch.full((len(X),), 0.5)
    codes = torch.from_numpy(rng.integers(0, 2, len(X)))
    relabelled = torch.where(torch.arange(len(X)) % 7 == 0, 1 - codes, codes)
    moments, left_out = RowMoments.with_left_out(X, codes, 2, [*weights, half])
    torch.testing.assert_close(moments.gram, X.double().T @ X.double(), rtol=1e-5, atol=1e-3)
    assert left_out[-1] is None
    for own, sums in zip(weights, left_out, strict=False):
        gone = X[own == 0].double()
        torch.testing.assert_close(sums.gram, gone.T @ gone, rtol=1e-5, atol=1e-3)
        torch.testing.assert_close(sums.total, gone.sum(dim=0), rtol=1e-5, atol=1e-3)
        apart, together = moments.spectrum(own), moments.spectrum(own, sums)
        torch.testing.assert_close(together.values, apart.values, rtol=1e-5, atol=1e-3)
        torch.testing.assert_close(together.mean, apart.mean, rtol=1e-5, atol=1e-6)
        for labels in (codes, relabelled):
            expected, found = (moments.targets(apart, own, labels, known) for known in (None, sums))
            torch.testing.assert_close(found.cross, expected.cross, rtol=1e-5, atol=1e-3)
            torch.testing.assert_close(found.shares, expected.shares)


def test_rows_that_hardly_any_fits_share_are_summed_by_each():
    X = torch.from_numpy(rng_for(0, "few rows").normal(size=(300, 3)).astype(np.float32))
    weights = [(torch.arange(300) % 2 != number).float() for number in range(2)]
    _, left_out = RowMoments.with_left_out(X, torch.zeros(300, dtype=torch.int64), 1, weights)
    assert left_out == [None, None]
