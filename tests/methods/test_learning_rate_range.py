import numpy as np
import pytest
import torch
from toy_pictures import LABELS, LEVELS, PIXELS, convolutional, job

from dataclinic.methods.learning_rate_range import BELOW_BEST, UPDATES, find_learning_rate, largest_steady_rate
from dataclinic.methods.network_training import TrainingPlan, train_network
from dataclinic.methods.optimizers import OPTIMIZERS
from dataclinic.seeding import rng_for

RATES = np.geomspace(1e-6, 1, UPDATES)


def test_stays_below_the_rate_of_the_smallest_loss():
    """A loss that falls until 10^-2 and explodes after it; smoothing sees the turn a few updates late."""
    losses = 1 + 0.3 * (np.log10(RATES) + 2) ** 2
    losses[RATES > 1e-2] = 5
    rate = largest_steady_rate(RATES, losses)
    assert 1e-2 / BELOW_BEST <= rate <= 2e-2 / BELOW_BEST


def test_noise_of_single_batches_does_not_decide():
    losses = 2 - 0.2 * np.log10(RATES / RATES[0]) + rng_for(0, "noise").normal(0, 0.05, UPDATES)
    losses[40] = 0.1
    assert largest_steady_rate(RATES, losses) > RATES[60] / BELOW_BEST


def test_losses_that_are_no_numbers_are_never_the_smallest():
    losses = np.linspace(2, 1, 60)
    with_the_end = [*losses, np.nan]
    assert largest_steady_rate(RATES, with_the_end) == largest_steady_rate(RATES, losses) is not None


@pytest.mark.parametrize("seed", range(5))
def test_noise_around_what_guessing_costs_is_nothing_learned(seed):
    losses = np.log(10) + rng_for(seed, "guessing").normal(0, 0.1, UPDATES)
    losses[0] = 1.5
    assert largest_steady_rate(RATES, losses) is None
    assert largest_steady_rate(RATES, losses[:5]) is None


def test_a_network_that_learns_nothing_gets_the_usual_rate():
    plan = TrainingPlan(batch_size=16, augmentation="none")
    blank = np.zeros_like(PIXELS)
    found = find_learning_rate(convolutional, blank, job(), plan, device="cpu", **LEVELS)
    assert found == OPTIMIZERS["adamw"].usual_rate


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_rate_found_trains_better_than_one_far_below(optimizer):
    plan = TrainingPlan(epochs=4, batch_size=16, optimizer=optimizer, weight_decay=0, ema=False, augmentation="none")
    found = find_learning_rate(convolutional, PIXELS, job(), plan, device="cpu", **LEVELS)
    kind = OPTIMIZERS[optimizer]
    assert kind.lowest_rate < found < kind.highest_rate
    right = {}
    for rate in (found, found / 300):
        given = TrainingPlan(
            epochs=4,
            batch_size=16,
            optimizer=optimizer,
            weight_decay=0,
            ema=False,
            augmentation="none",
            learning_rate=rate,
        )
        probs = train_network(
            convolutional, PIXELS, job(), given, classes=3, device="cpu", progress=lambda *_: None, **LEVELS
        ).probs
        right[rate] = probs[np.arange(60), LABELS[180:]].mean()
    assert right[found] > 0.7 > right[found / 300]


def test_the_rows_to_score_have_no_say_and_the_global_state_stays():
    plan = TrainingPlan(batch_size=16)
    state = torch.get_rng_state()
    found = find_learning_rate(convolutional, PIXELS, job(), plan, device="cpu", **LEVELS)
    assert torch.equal(torch.get_rng_state(), state)
    changed = PIXELS.copy()
    changed[180:] = 0
    one = job(score_labels=(LABELS[180:] + 1) % 3)
    assert find_learning_rate(convolutional, changed, one, plan, device="cpu", **LEVELS) == found
