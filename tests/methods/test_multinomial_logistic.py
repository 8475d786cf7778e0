import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits, load_wine
from sklearn.linear_model import LogisticRegression

from dataclinic.methods.multinomial_logistic import fit_multinomial_logistic
from dataclinic.seeding import rng_for


def fit(X, codes, weights, l2, **options):
    return fit_multinomial_logistic(
        torch.tensor(X, dtype=torch.float32),
        torch.tensor(codes),
        torch.tensor(weights, dtype=torch.float32),
        torch.tensor(l2, dtype=torch.float32),
        **options,
    )


def probs(fitted, X, job=0):
    return fitted.probs(torch.tensor(X, dtype=torch.float32), job).numpy()


def scaled(X, weights=None):
    """Columns at mean 0 and variance 1 under the weights, as every job sees them; constants at 0."""
    mean = np.average(X, axis=0, weights=weights)
    deviation = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weights))
    return (X - mean) / np.where(deviation > 0, deviation, 1)


def noisy_blobs(rows, dims, classes, seed=0):
    rng = rng_for(seed, "blobs")
    labels = np.arange(rows) % classes
    X = rng.normal(size=(classes, dims))[labels] + rng.normal(size=(rows, dims))
    return scaled(X), labels


def test_two_points_reach_the_optimum_worked_by_hand():
    # x = ∓1, one row a class, l2 = 1: V = (-v, v) with zero bias, and the gradient vanishes where v = 2 · sigmoid(-2v).
    fitted = fit([[-1.0], [1.0]], [[0], [1]], [[1.0], [1.0]], [1.0], classes=2, tolerance=1e-12)
    v = float(fitted.coefficients[0, 0, 1])
    assert v == pytest.approx(2 / (1 + np.exp(2 * v)), abs=1e-5)
    assert fitted.coefficients[0, 0, 0] == pytest.approx(-v, abs=1e-5)
    assert fitted.intercepts[0].tolist() == pytest.approx([np.log(0.5)] * 2, abs=1e-5)


@pytest.mark.parametrize("l2", [0.3, 3.0, 100.0])
@pytest.mark.parametrize("load", [load_digits, load_wine])
def test_matches_scikit_learn(load, l2):
    X, y = load(return_X_y=True)
    X = scaled(X)
    reference = LogisticRegression(C=1 / l2, tol=1e-8, max_iter=5000).fit(X, y).predict_proba(X)
    fitted = fit(
        X, y[:, None], np.ones((len(y), 1)), [l2], classes=int(y.max()) + 1, tolerance=1e-10, max_iterations=500
    )
    assert fitted.converged.all()
    np.testing.assert_allclose(probs(fitted, X), reference, atol=1e-3)


def test_default_tolerance_gives_the_log_loss_of_scikit_learn():
    X, y = load_digits(return_X_y=True)
    X = scaled(X)
    train = np.arange(len(y)) % 5 != 0
    reference = LogisticRegression(C=1 / 30, tol=1e-8, max_iter=5000).fit(scaled(X[train]), y[train])
    test = (X[~train] - X[train].mean(axis=0)) / np.where(X[train].std(axis=0) > 0, X[train].std(axis=0), 1)
    rows = np.arange((~train).sum())
    expected = -np.log(reference.predict_proba(test)[rows, y[~train]]).mean()
    fitted = fit(X, y[:, None], train[:, None], [30.0], classes=10)
    assert -np.log(probs(fitted, X[~train])[rows, y[~train]]).mean() == pytest.approx(expected, rel=2e-3)


def test_each_job_equals_its_own_fit_on_its_own_rows_and_labels():
    X, y = noisy_blobs(300, 6, 3)
    rng = rng_for(1, "jobs")
    weights = (rng.random((300, 4)) < [0.9, 0.5, 0.8, 0.3]).astype(float)
    codes = np.stack([y, y, (y + 1) % 3, rng.integers(0, 3, 300)], axis=1)
    l2 = [1.0, 0.1, 10.0, 1.0]
    together = fit(X, codes, weights, l2, classes=3, tolerance=1e-10)
    for job in range(4):
        rows = weights[:, job] > 0
        alone = LogisticRegression(C=1 / l2[job], tol=1e-9, max_iter=5000).fit(scaled(X[rows]), codes[rows, job])
        expected = alone.predict_proba(scaled(X[rows]))
        np.testing.assert_allclose(probs(together, X[rows], job), expected, atol=1e-3)


def test_weights_count_as_scikit_learns_do():
    X, y = noisy_blobs(200, 4, 3)
    weights = rng_for(0, "weights").exponential(size=200)
    own = scaled(X, weights)
    expected = LogisticRegression(C=1, tol=1e-9, max_iter=5000).fit(own, y, weights).predict_proba(own)
    fitted = fit(X, y[:, None], weights[:, None], [1.0], classes=3, tolerance=1e-10)
    np.testing.assert_allclose(probs(fitted, X), expected, atol=1e-3)


@pytest.mark.parametrize("absent", [False, True])
def test_label_smoothing_is_scikit_learns_on_a_row_for_each_class_weighted_by_its_target(absent):
    X, y = noisy_blobs(150, 4, 3)
    weights = rng_for(0, "weights").choice([1.0, 2.0], size=150)
    own = scaled(X, weights)
    targets = 0.8 * np.eye(3)[y] + 0.2 / 3
    repeated, every = np.repeat(own, 3, axis=0), np.tile(np.arange(3), 150)
    expected = LogisticRegression(C=1, tol=1e-9, max_iter=5000).fit(
        repeated, every, (weights[:, None] * targets).reshape(-1)
    )
    fitted = fit(
        X,
        np.stack([y, y], axis=1),
        np.stack([weights, weights], axis=1),
        [1.0, 1.0],
        classes=4 if absent else 3,
        tolerance=1e-10,
        label_smoothing=torch.tensor([0.2, 0.0]),
    )
    np.testing.assert_allclose(probs(fitted, X)[:, :3], expected.predict_proba(own), atol=1e-3)
    plain = LogisticRegression(C=1, tol=1e-9, max_iter=5000).fit(own, y, weights)
    np.testing.assert_allclose(probs(fitted, X, 1)[:, :3], plain.predict_proba(own), atol=1e-3)


def test_rows_without_weight_have_no_say():
    X, y = noisy_blobs(200, 5, 4)
    weights = (np.arange(200) % 3 != 0).astype(float)[:, None]
    other = np.where(weights[:, 0] > 0, y, (y + 1) % 4)
    first, second = (fit(X, codes[:, None], weights, [1.0], classes=4) for codes in (y, other))
    assert torch.equal(first.coefficients, second.coefficients)
    assert torch.equal(first.intercepts, second.intercepts)


def test_rare_classes_on_skewed_data_match_scikit_learn():
    rng = rng_for(0, "skewed")
    y = np.repeat([0, 1, 2], [940, 50, 10])
    X = scaled(rng.lognormal(sigma=1.5, size=(1000, 8)) + rng.normal(size=(3, 8))[y])
    expected = LogisticRegression(C=0.5, tol=1e-9, max_iter=9000).fit(X, y).predict_proba(X)
    fitted = fit(X, y[:, None], np.ones((1000, 1)), [2.0], classes=3, tolerance=1e-10, max_iterations=500)
    np.testing.assert_allclose(probs(fitted, X), expected, atol=1e-3)


def test_absent_class_gets_no_probability_and_the_others_are_as_without_it():
    X, y = noisy_blobs(120, 4, 2)
    without = fit(X, y[:, None], np.ones((120, 1)), [1.0], classes=2, tolerance=1e-9)
    fitted = fit(X, 2 * y[:, None], np.ones((120, 1)), [1.0], classes=4, tolerance=1e-9)
    assert (probs(fitted, X)[:, [1, 3]] == 0).all()
    np.testing.assert_allclose(probs(fitted, X)[:, [0, 2]], probs(without, X), atol=1e-3)


def test_job_without_rows_is_undecided():
    X, y = noisy_blobs(30, 3, 3)
    fitted = fit(X, np.stack([y, y], axis=1), np.stack([np.ones(30), np.zeros(30)], axis=1), [1.0, 1.0], classes=3)
    np.testing.assert_allclose(probs(fitted, X, 1), 1 / 3)
    assert fitted.converged.all()


def test_more_dimensions_than_rows_and_constant_or_doubled_features():
    X, y = noisy_blobs(40, 90, 3)
    X = np.concatenate([X, np.zeros((40, 1)), X[:, :5]], axis=1)
    expected = LogisticRegression(C=1, tol=1e-9, max_iter=5000).fit(X, y).predict_proba(X)
    fitted = fit(X, y[:, None], np.ones((40, 1)), [1.0], classes=3, tolerance=1e-10)
    np.testing.assert_allclose(probs(fitted, X), expected, atol=1e-3)


def test_feature_that_is_constant_on_the_training_rows_is_ignored():
    X, y = noisy_blobs(100, 3, 2)
    train = np.arange(100) < 60
    X = np.column_stack([X, np.where(train, 0.3, 50.0)])
    fitted = fit(X, y[:, None], train[:, None], [1.0], classes=2)
    assert (fitted.coefficients[0, 3] == 0).all()


@pytest.mark.parametrize("seed", [7, 10])
def test_steps_that_raise_the_loss_are_cut_short(seed):
    """Nearly separable heavy-tailed features: with full steps throughout, the loss ends above 3 nats."""
    rng = rng_for(seed, "x")
    y = np.repeat([0, 1, 2], [285, 12, 3])
    X = rng.lognormal(sigma=2.5, size=(300, 6))
    X[:, 0] += 50 * y
    fitted = fit(scaled(X), y[:, None], np.ones((300, 1)), [1e-3], classes=3, tolerance=1e-8, max_iterations=300)
    assert -np.log(probs(fitted, scaled(X))[np.arange(300), y]).mean() < 0.22


def test_runs_out_of_iterations_without_a_claim_to_have_converged():
    X, y = noisy_blobs(200, 5, 3)
    fitted = fit(X, y[:, None], np.ones((200, 1)), [1e-3], classes=3, max_iterations=2, tolerance=1e-12)
    assert fitted.iterations.tolist() == [2]
    assert not fitted.converged.any()
    assert not torch.equal(fitted.coefficients, torch.zeros_like(fitted.coefficients))


def test_says_how_many_jobs_have_ended():
    X, y = noisy_blobs(200, 5, 3)
    told = []
    fit(X, np.stack([y, y], axis=1), np.ones((200, 2)), [1e-3, 1e4], classes=3, on_iteration=told.append)
    assert told == sorted(told)
    assert told[-1] == 2
    assert 1 in told


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(2, 40),
    dims=st.integers(1, 12),
    classes=st.integers(2, 5),
    l2=st.floats(0.01, 1000),
    size=st.floats(0.01, 100),
)
def test_any_data_gives_probabilities_no_worse_than_the_class_shares(seed, rows, dims, classes, l2, size):
    rng = rng_for(seed, "any")
    X, y = size * rng.standard_cauchy((rows, dims)).clip(-1e3, 1e3), rng.integers(0, classes, rows)
    fitted = fit(X, y[:, None], np.ones((rows, 1)), [l2], classes=classes)
    given_probs = probs(fitted, X)
    np.testing.assert_allclose(given_probs.sum(axis=1), 1, rtol=1e-5)
    shares = np.bincount(y, minlength=classes) / rows
    loss = -np.log(np.maximum(given_probs[np.arange(rows), y], 1e-30)).mean()
    assert loss <= -np.log(shares[y]).mean() + 1e-4


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_gpu_gives_what_the_cpu_gives():
    X, y = noisy_blobs(2000, 32, 5)
    host = [torch.tensor(X, dtype=torch.float32), torch.tensor(y[:, None]), torch.ones(2000, 1), torch.tensor([1.0])]
    on_cpu, on_gpu = (
        fit_multinomial_logistic(*(part.to(device) for part in host), classes=5, tolerance=1e-9)
        for device in ("cpu", "cuda")
    )
    torch.testing.assert_close(on_gpu.probs(host[0].cuda(), 0).cpu(), on_cpu.probs(host[0], 0), atol=1e-3, rtol=0)
