"""The learning rate, from one short training during which it grows.

Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017, section 3.3. The rate grows exponentially
instead of linearly, since good ones differ by powers of ten, and is read off the loss instead of the accuracy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from dataclinic.methods.network_passes import Passes, reproducible
from dataclinic.methods.optimizers import OPTIMIZERS, make_optimizer
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from torch import nn

    from dataclinic.fits import FitJob
    from dataclinic.methods.training_plan import TrainingPlan

UPDATES = 100

MEMORY = 0.9
"""Of the running mean that smooths the loss: about the last ten updates."""

SETTLING = 20
"""First updates, whose rates are too small to teach anything: they show how far the loss swings by itself."""

DIVERGED = 2.0
"""Times the smallest loss; where it is exceeded, larger rates are not tried."""

BELOW_BEST = 10.0
"""The rate at which the loss is smallest is about to be too large; this far below it trains steadily."""


def find_learning_rate(
    build: Callable[[], nn.Module],
    pixels: NDArray[np.uint8],
    job: FitJob,
    plan: TrainingPlan,
    *,
    mean: Sequence[float],
    std: Sequence[float],
    device: str,
) -> float:
    """A rate for the plan's optimizer, batch size and augmentation, from the job's training rows alone.

    Where so short a training teaches the network nothing, it is the optimizer's usual one. It costs `UPDATES` updates,
    whatever the number of rows. The job has at least two classes to learn.
    """
    kind = OPTIMIZERS[plan.optimizer]
    rates = np.geomspace(kind.lowest_rate, kind.highest_rate, UPDATES)
    losses = _losses(build, pixels, job, plan, rates, mean=mean, std=std, device=torch.device(device))
    return largest_steady_rate(rates, losses) or kind.usual_rate


def largest_steady_rate(rates: NDArray[np.float64], losses: Sequence[float]) -> float | None:
    """`BELOW_BEST` under the rate after which the smoothed loss is smallest; None where no rate taught anything.

    Something was learned where the smoothed loss fell by more than the losses of `SETTLING` batches differ, a standard
    deviation of theirs, which is four of its own.

    Args:
        rates: (updates,) ascending.
        losses: of the first updates, before each; as many as there were until training diverged.
    """
    before, smoothed = np.array(losses[:SETTLING]), _running_means(losses)[SETTLING:]
    if len(smoothed) == 0 or not smoothed.min() < before.mean() - before.std():
        return None
    return float(max(rates[SETTLING + int(np.argmin(smoothed))] / BELOW_BEST, rates[0]))


def _losses(
    build: Callable[[], nn.Module],
    pixels: NDArray[np.uint8],
    job: FitJob,
    plan: TrainingPlan,
    rates: NDArray[np.float64],
    *,
    mean: Sequence[float],
    std: Sequence[float],
    device: torch.device,
) -> list[float]:
    """Mean loss in nats of the batch before each update, until it is `DIVERGED`."""
    with reproducible(device, seed_for(job.seed, "learning rate range")):
        passes = Passes.of(pixels, job, plan, mean=mean, std=std, device=device)
        network = passes.started(build)
        optimizer = make_optimizer(network, plan.optimizer, learning_rate=rates[0], weight_decay=plan.weight_decay)
        losses: list[float] = []
        for rate, batch in zip(rates, _batches(len(job.train_rows), plan.batch_size, job.seed), strict=False):
            for group in optimizer.param_groups:
                group["lr"] = float(rate)
            logits = passes.update(network, optimizer, batch)
            losses.append(float(functional.cross_entropy(logits, passes.codes[batch.to(device)])))
            smoothed = _running_means(losses)
            if not smoothed[-1] < DIVERGED * smoothed.min():
                break
    return losses


def _batches(rows: int, size: int, seed: int) -> Iterator[torch.Tensor]:
    """Without end; each a draw without replacement."""
    rng = rng_for(seed, "learning rate range")
    while True:
        yield torch.from_numpy(rng.permutation(rows)[:size])


def _running_means(losses: Sequence[float]) -> NDArray[np.float64]:
    """Exponentially weighted, without the pull towards a start at 0; infinite where a loss is no number."""
    means, total, weight = [], 0.0, 0.0
    for loss in losses:
        total = MEMORY * total + (1 - MEMORY) * loss
        weight = MEMORY * weight + (1 - MEMORY)
        means.append(total / weight)
    smoothed = np.array(means)
    return np.where(np.isfinite(smoothed), smoothed, np.inf)
