from dataclasses import replace

import numpy as np
import pytest
import torch

from dataclinic.methods.batched_perceptron import (
    PerceptronJob,
    Training,
    _Batch,
    _EpochSteps,
    _State,
    fit_perceptrons,
)
from dataclinic.seeding import rng_for

CLASSES = 3
TRAINING = Training(hidden=8, epochs=6, batch_size=64, learning_rate=0.02, weight_decay=0.1, dropout=0.2)


def made(rows=150, dims=5, seed=0):
    rng = rng_for(seed, "perceptron rows")
    labels = rng.integers(0, CLASSES, rows)
    X = 1.5 * rng.normal(size=(CLASSES, dims))[labels] + rng.normal(size=(rows, dims))
    return torch.from_numpy(((X - X.mean(axis=0)) / X.std(axis=0)).astype(np.float32)), labels


def job(rows, labels, seed=0, **options):
    return PerceptronJob(np.asarray(rows), labels[rows], np.ones(len(rows)), seed, **options)


def trained(X, *jobs, training=TRAINING, **options):
    return fit_perceptrons(X, jobs, training, classes=CLASSES, **options)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_gradient_is_that_of_automatic_differentiation(gamma):
    X, labels = made()
    weights = rng_for(0, "weights").choice([0.5, 1.5], size=60)
    one = replace(job(np.arange(60), labels, label_smoothing=0.1, mixup=0.4, focal_gamma=gamma), weights=weights)
    batch = _Batch.of(X, [one], replace(TRAINING, dropout=0.0), CLASSES)
    state, steps = _State.start(batch), _EpochSteps.drawn(batch, 0)
    found = state._gradients(batch, steps, 0)
    first, first_bias, second, second_bias = (part.clone().requires_grad_() for part in state.parameters)
    rows, share, size = steps.rows[0, 0], steps.mixed[0, 0], steps.counts[0][0]
    inputs = (X[rows] - batch.mean[0]) * batch.scale[0]
    target = torch.eye(CLASSES)[steps.codes[0, 0]]
    inputs[:size], target[:size] = (
        share * part[:size] + (1 - share) * part[:size].flip(0) for part in (inputs, target)
    )
    target = 0.9 * target + 0.1 / CLASSES
    logits = (inputs @ first[0] + first_bias[0]).relu() @ second[0] + second_bias[0]
    logs = logits.log_softmax(dim=1)
    loss = -(target * (1 - logs.exp()) ** gamma * logs).sum(dim=1)
    (steps.weights[0, 0] * loss).sum().backward()
    for ours, theirs in zip(found, (first, first_bias, second, second_bias), strict=True):
        torch.testing.assert_close(ours, theirs.grad, atol=1e-6, rtol=1e-4)


def test_neighbours_with_focal_loss_leave_cross_entropy_as_it_is():
    X, labels = made()
    rows = np.arange(60)
    training = replace(TRAINING, dropout=0.0)
    batches = [_Batch.of(X, [job(rows, labels), job(rows, labels, focal_gamma=g)], training, CLASSES) for g in (0, 2)]
    first, second = (_State.start(batch)._gradients(batch, _EpochSteps.drawn(batch, 0), 0) for batch in batches)
    for without, beside in zip(first, second, strict=True):
        assert torch.equal(without[0], beside[0])
        assert not torch.equal(without[1], beside[1])


def test_steps_are_those_of_torchs_adamw():
    X, labels = made()
    batch = _Batch.of(X, [job(np.arange(60), labels)], replace(TRAINING, dropout=0.0), CLASSES)
    state, steps = _State.start(batch), _EpochSteps.drawn(batch, 0)
    theirs = [part.clone().requires_grad_() for part in state.parameters]
    groups = [{"params": theirs[::2], "weight_decay": 0.1}, {"params": theirs[1::2], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, batch.steps[0] * TRAINING.epochs)
    for step in range(batch.steps[0]):
        for parameter, gradient in zip(theirs, state._gradients(batch, steps, step), strict=True):
            parameter.grad = gradient
        state.advance(batch, steps, step)
        optimiser.step()
        schedule.step()
    for ours, expected in zip(state.parameters, theirs, strict=True):
        torch.testing.assert_close(ours, expected.detach(), atol=1e-5, rtol=1e-4)


def test_other_jobs_of_any_size_change_nothing():
    X, labels = made()
    alone = trained(X, job(np.arange(0, 150, 2), labels, seed=4))
    other = [job(np.arange(11), labels, seed=9), job(np.arange(150), labels, seed=5, mixup=0.3)]
    among = trained(X, other[0], job(np.arange(0, 150, 2), labels, seed=4), other[1])
    torch.testing.assert_close(among.logits(X, 1), alone.logits(X, 0), atol=1e-4, rtol=1e-4)


def test_seed_decides_and_repeats():
    X, labels = made()
    rows = np.arange(100)
    fits = trained(X, job(rows, labels, seed=1), job(rows, labels, seed=1), job(rows, labels, seed=2))
    torch.testing.assert_close(fits.logits(X, 0), fits.logits(X, 1), atol=1e-5, rtol=1e-5)
    assert (fits.logits(X, 0) - fits.logits(X, 2)).abs().max() > 0.01


def test_each_row_is_seen_once_an_epoch():
    X, labels = made()
    jobs = [job(np.arange(20, 137), labels), job(np.array([3, 5]), labels)]
    steps = _EpochSteps.drawn(_Batch.of(X, jobs, replace(TRAINING, batch_size=16), CLASSES), 0)
    for number, one in enumerate(jobs):
        seen = [steps.rows[step, number, : count[number]] for step, count in enumerate(steps.counts)]
        assert sorted(torch.cat(seen).tolist()) == sorted(one.rows.tolist())
        assert max(map(len, seen)) <= 16
    assert float(steps.weights.sum()) == pytest.approx(8 + 1)


def test_history_tells_rate_loss_and_accuracy_of_each_job():
    X, labels = made()
    told = []
    trained(
        X,
        job(np.arange(100), labels),
        job(np.arange(20), labels),
        training=replace(TRAINING, dropout=0.0),
        on_epoch=lambda passed, _perceptrons: told.append(passed),
    )
    assert len(told) == 6
    losses, rates = np.stack([one.loss_nats for one in told]), np.stack([one.learning_rate for one in told])
    assert (losses[-1] < losses[0]).all()
    assert (np.diff(rates, axis=0) < 0).all()
    assert 0.5 < told[-1].accuracy[0] < 1


def test_all_logits_are_those_of_each_job():
    X, labels = made()
    fits = trained(X, job(np.arange(50), labels), job(np.arange(50, 150), labels))
    whole = torch.cat([logits for _, logits in fits.all_logits(X)], dim=1)
    for number in range(2):
        torch.testing.assert_close(whole[number], fits.logits(X, number), atol=1e-4, rtol=1e-4)
