"""Passes of pictures through a network that is trained for one fit job: updates, and looks without learning.

Needs torch, whose networks they are.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from dataclinic.methods.focal_losses import focal_losses
from dataclinic.methods.native_bfloat16 import has_native_bfloat16
from dataclinic.methods.out_of_memory import FittingSize, parts
from dataclinic.methods.picture_augmentation import augmented, mixed, views
from dataclinic.methods.picture_source import PictureSource
from dataclinic.seeding import seed_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray
    from torch import nn

    from dataclinic.arrays import Rows, Scores
    from dataclinic.fits import FitJob
    from dataclinic.methods.training_plan import TrainingPlan

CHECKPOINTED_PARAMETERS = 200_000_000
"""From here on activations are computed twice to save memory, unless the plan says otherwise: above a ViT-B."""


@dataclass(frozen=True)
class Passes:
    """What every pass of one job needs.

    `outputs` are the classes that have training rows, ascending: the network's other outputs are never looked at.
    `codes` and `weights` belong to the job's training rows: a place among `outputs`, and a weight with mean 1.
    """

    pictures: PictureSource
    plan: TrainingPlan
    outputs: torch.Tensor
    rows: torch.Tensor
    codes: torch.Tensor
    weights: torch.Tensor
    generator: torch.Generator
    learning: FittingSize
    looking: FittingSize

    @classmethod
    def of(
        cls,
        pixels: NDArray[np.uint8],
        job: FitJob,
        plan: TrainingPlan,
        *,
        mean: Sequence[float],
        std: Sequence[float],
        device: torch.device,
    ) -> Passes:
        present, codes = np.unique(job.labels, return_inverse=True)
        return cls(
            pictures=PictureSource.of(pixels, mean=mean, std=std, device=device, channels_last=plan.channels_last),
            plan=plan,
            outputs=torch.from_numpy(present).to(device),
            rows=as_rows(job.train_rows),
            codes=torch.from_numpy(codes).to(device),
            weights=_weights(job.weights, len(codes)).to(device),
            generator=torch.Generator().manual_seed(seed_for(job.seed, "augmentation")),
            learning=FittingSize(min(plan.batch_size, plan.micro_batch or plan.batch_size)),
            looking=FittingSize(plan.batch_size),
        )

    @property
    def device(self) -> torch.device:
        return self.outputs.device

    def started(self, build: Callable[[], nn.Module]) -> nn.Module:
        """A network on the device, ready to learn."""
        network = build().to(self.device)
        if self.plan.channels_last:
            network = network.to(memory_format=torch.channels_last)
        asked = self.plan.gradient_checkpointing
        size = sum(parameter.numel() for parameter in network.parameters())
        if size >= CHECKPOINTED_PARAMETERS if asked is None else asked:
            _checkpoint(network)
        return network

    def update(self, network: nn.Module, optimizer: torch.optim.Optimizer, batch: torch.Tensor) -> torch.Tensor:
        """Learn from the training rows at places `batch` (on the CPU); (batch, outputs) logits before the update."""
        plan = self.plan
        drawn = augmented(
            self.pictures.take(self.rows[batch]),
            plan.augmentation,
            self.generator,
            strength=plan.augmentation_strength,
            flip=plan.flip,
        )
        inputs, targets = mixed(
            self.pictures.normalised(drawn),
            self._targets(batch.to(self.device)),
            mixup=plan.mixup,
            cutmix=plan.cutmix,
            generator=self.generator,
        )
        network.train()
        logits = self.learning.do(lambda size: self._gradients(network, optimizer, inputs, targets, size))
        optimizer.step()
        return logits

    def logits(self, network: nn.Module, rows: torch.Tensor) -> torch.Tensor:
        """(rows, outputs) float32 logits of the pictures as they are; nothing is learned."""
        return self._look(rows, lambda pictures: self._forward(network, pictures))

    def probs(self, network: nn.Module, rows: torch.Tensor) -> torch.Tensor:
        """(rows, outputs) probabilities in float32 throughout, averaged over views of a picture where the plan says."""
        seen = partial(views, flip=self.plan.flip) if self.plan.test_time_augmentation else _as_it_is

        def average(pictures: torch.Tensor) -> torch.Tensor:
            answers = [self._forward(network, view, exact=True).softmax(dim=1) for view in seen(pictures)]
            return torch.stack(answers).mean(dim=0)

        return self._look(rows, average)

    def _targets(self, batch: torch.Tensor) -> torch.Tensor:
        """(batch, outputs) smoothed labels times the weight of their row, so that mixing mixes the weights too."""
        classes = len(self.outputs)
        certain = functional.one_hot(self.codes[batch], classes).float()
        smooth = self.plan.label_smoothing
        return (certain * (1 - smooth) + smooth / classes) * self.weights[batch, None]

    def _gradients(
        self,
        network: nn.Module,
        optimizer: torch.optim.Optimizer,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        size: int,
    ) -> torch.Tensor:
        """Gradients of the whole batch's mean loss, `size` pictures at a time."""
        optimizer.zero_grad(set_to_none=True)
        logits = []
        for pictures, wanted in zip(parts(inputs, size), parts(targets, size), strict=True):
            with self._autocast():
                answer = network(pictures).float()[:, self.outputs]
            loss = self._loss(answer, wanted) / len(inputs)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
            logits.append(answer.detach())
        return torch.cat(logits)

    def _loss(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Summed over the pictures, whose weights are in their targets."""
        if self.plan.focal_gamma == 0:
            return functional.cross_entropy(logits, targets, reduction="sum")
        return focal_losses(logits.log_softmax(dim=1), targets, self.plan.focal_gamma).sum()

    def _look(self, rows: torch.Tensor, answer: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        def attempt(size: int) -> torch.Tensor:
            return torch.cat([answer(self.pictures.take(part)) for part in parts(rows, size)])

        if len(rows) == 0:
            return torch.empty((0, len(self.outputs)), device=self.device)
        with torch.no_grad():
            return self.looking.do(attempt)

    def _forward(self, network: nn.Module, pictures: torch.Tensor, *, exact: bool = False) -> torch.Tensor:
        network.eval()
        inputs = self.pictures.normalised(pictures)
        with _full_precision() if exact else self._autocast():
            logits: torch.Tensor = network(inputs)
        return logits.float()[:, self.outputs]

    def _autocast(self) -> torch.autocast:
        enabled = self.plan.bfloat16 and has_native_bfloat16(self.device)
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=enabled)


@contextmanager
def reproducible(device: torch.device, seed: int) -> Iterator[None]:
    """Draws of initial weights and dropout come from `seed`, and convolutions sum in a fixed order; then as before."""
    devices = [device] if device.type == "cuda" else []
    cudnn = torch.backends.cudnn
    with (
        torch.random.fork_rng(devices),
        cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=cudnn.allow_tf32),
    ):
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        yield


def as_rows(rows: Rows) -> torch.Tensor:
    """A copy, since torch takes no read-only array."""
    return torch.tensor(rows, dtype=torch.int64)


def _weights(weights: Scores | None, rows: int) -> torch.Tensor:
    if weights is None:
        return torch.ones(rows)
    mean = max(float(weights.mean()), np.finfo(np.float64).tiny)
    return torch.tensor(weights / mean, dtype=torch.float32)


def _checkpoint(network: nn.Module) -> None:
    """Through timm's own switch, of the outermost part that has one."""
    for part in network.modules():
        switch = getattr(part, "set_grad_checkpointing", None)
        if callable(switch):
            with suppress(AssertionError):  # how timm says that this network has none
                switch(True)
            return


def _as_it_is(pictures: torch.Tensor) -> list[torch.Tensor]:
    return [pictures]


def _full_precision() -> AbstractContextManager[None]:
    """Convolutions without the shortened mantissa that CUDA has for them; matrix products have none unless asked."""
    return torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
