"""Times the scan of a fitted model for per-sample losses: one sample at a time, as a plain loop does, against batches.

    python benchmarks/speed/batch_of_one.py             # 20,000 vectors of 512, 4,000 pictures of 32 px
    python benchmarks/speed/batch_of_one.py --vectors 2000 --pictures 200

Both sides ask the same torch modules in eval mode for the cross-entropy of the given label: a linear layer over vectors
(its weights are those that `linear_head` would fit: multinomial logistic regression) and a small convolutional network
with batch normalisation over pictures, trained for a few steps. The loop reads `loss.item()` a sample; the scan takes
batches and copies once. `difference` is the largest between the two losses of a sample, in nats.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dataclinic.methods.multinomial_logistic import fit_multinomial_logistic
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CLASSES = 10


@dataclass(frozen=True)
class Case:
    """A fitted model in eval mode, and what it is asked about."""

    name: str
    model: nn.Module
    inputs: Tensor
    labels: Tensor


def main(argv: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(argv)
    torch.set_num_threads(options.threads)
    print(
        f"{options.threads} threads of {os.cpu_count()}, load {os.getloadavg()[0]:.1f}, batches of {options.batch}; ",
        end="",
    )
    print(f"Python {platform.python_version()}, torch {torch.__version__}\n")
    print(f"{'':40} {'loop, s':>8} {'scan, s':>8} {'ratio':>7} {'difference, nats':>17}")
    for case in (_linear(options), _convolutional(options)):
        _scan(case, options.batch)  # the first call chooses and loads kernels
        loop_seconds, one_by_one = _timed(lambda case=case: _loop(case))
        scan_seconds, batched = _timed(lambda case=case: _scan(case, options.batch))
        difference = float((one_by_one - batched).abs().max())
        ratio = loop_seconds / scan_seconds
        print(f"{case.name:40} {loop_seconds:8.2f} {scan_seconds:8.3f} {ratio:7.1f} {difference:17.1e}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="time the batched scan against one sample at a time")
    parser.add_argument("--vectors", type=int, default=20_000)
    parser.add_argument("--dims", type=int, default=512)
    parser.add_argument("--pictures", type=int, default=4_000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=0)
    return parser


@torch.inference_mode()
def _loop(case: Case) -> Tensor:
    losses = []
    for row in range(len(case.inputs)):
        logits = case.model(case.inputs[row : row + 1])
        losses.append(cross_entropy(logits, case.labels[row : row + 1]).item())
    return torch.tensor(losses, dtype=torch.float64)


@torch.inference_mode()
def _scan(case: Case, batch: int) -> Tensor:
    parts = zip(case.inputs.split(batch), case.labels.split(batch), strict=True)
    losses = [cross_entropy(case.model(inputs), labels, reduction="none") for inputs, labels in parts]
    return torch.cat(losses).double()


def _timed(run: Callable[[], Tensor]) -> tuple[float, Tensor]:
    started = time.perf_counter()
    losses = run()
    return time.perf_counter() - started, losses


def _linear(options: argparse.Namespace) -> Case:
    rng = rng_for(options.seed, "vectors")
    labels = torch.from_numpy(rng.integers(0, CLASSES, options.vectors))
    centres = torch.from_numpy(rng.normal(size=(CLASSES, options.dims)) * 3 / options.dims**0.5)
    noise = torch.from_numpy(rng.normal(size=(options.vectors, options.dims)))
    vectors = (centres[labels] + noise).float()
    fitted = fit_multinomial_logistic(
        vectors, labels[:, None], torch.ones(len(labels), 1), torch.tensor([100.0]), classes=CLASSES
    )
    head = nn.Linear(options.dims, CLASSES)
    with torch.no_grad():
        head.weight.copy_(fitted.coefficients[0].T)
        head.bias.copy_(fitted.intercepts[0])
    return Case(f"linear, {options.vectors:,} × {options.dims}", head.eval(), vectors, labels)


def _convolutional(options: argparse.Namespace) -> Case:
    """Pictures whose class decides their colour and the direction of their stripes."""
    rng = rng_for(options.seed, "pictures")
    labels = torch.from_numpy(rng.integers(0, CLASSES, options.pictures))
    grid = np.stack(np.meshgrid(np.arange(32), np.arange(32)))
    angles = np.pi * labels.numpy() / CLASSES
    waves = np.sin((np.cos(angles)[:, None, None] * grid[0] + np.sin(angles)[:, None, None] * grid[1]) / 2)
    tint = rng.normal(size=(CLASSES, 3, 1, 1))[labels]
    noise = rng.normal(size=(options.pictures, 3, 32, 32))
    pictures = torch.from_numpy((waves[:, None] + tint + noise).astype(np.float32))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(options.seed, "network"))
        network = _network()
    _train(network, pictures, labels)
    return Case(f"convolutional, {options.pictures:,} × 32 px", network.eval(), pictures, labels)


def _network() -> nn.Module:
    layers: list[nn.Module] = []
    for channels_in, channels_out in ((3, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(channels_out), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES))


def _train(network: nn.Module, pictures: Tensor, labels: Tensor) -> None:
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    for step in range(20):
        rows = torch.arange(64 * step, 64 * (step + 1)) % len(pictures)
        optimiser.zero_grad()
        cross_entropy(network(pictures[rows]), labels[rows]).backward()
        optimiser.step()


if __name__ == "__main__":
    main()
