"""Perceptrons with one hidden layer: many fits over the same vectors as one tensor program, where the vectors lie.

Every fit ("job") has its own rows, labels, weights, seed and recipe; the jobs' weights stand side by side, so that one
batched matrix product serves all of them. Training is AdamW (Loshchilov & Hutter, "Decoupled Weight Decay
Regularization", ICLR 2019) with a cosine schedule (the same, "SGDR", ICLR 2017) from weights drawn as in He et al.,
"Delving Deep into Rectifiers", ICCV 2015; dropout (Srivastava et al., JMLR 2014) acts on the hidden layer, label
smoothing spreads over the classes that a job trains on, mixup (Zhang et al., ICLR 2018) mixes vectors, and the focal
loss (`focal_losses`) turns to hard rows.

Every random number of a job comes from streams of its own seed, and every sum runs over its own rows: the other jobs of
a call change nothing but the rounding of a matrix product. The gradient is written out, since nothing is wanted of the
vectors' own, which is what automatic differentiation would spend most on keeping.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from dataclinic.methods.focal_losses import focal_turn
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Rows, Scores

LEAST_BATCH = 16
STEPS_PER_EPOCH = 32
"""Batches shrink towards LEAST_BATCH rows on small data, so that an epoch still has this many steps."""

FIRST_MOMENT, SECOND_MOMENT, TINY = 0.9, 0.999, 1e-8
"""AdamW's own defaults."""

ABSENT_LOGIT = -1e4
"""Logit of a class without training rows: its probability is exactly 0 in float32."""

CONSTANT_VARIANCE = 1e-10
"""Variance on a job's training rows, where that over all rows is about 1, of a feature that only shows rounding."""

CHUNK_NUMBERS = 2**24
"""Hidden values, or float64 vectors, held at a time: 64 MiB of float32."""


@dataclass(frozen=True)
class PerceptronJob:
    """One fit: `rows` are positions in the vectors, `codes` and `weights` (mean 1) belong to them, in that order."""

    rows: Rows
    codes: Labels
    weights: Scores
    seed: int
    label_smoothing: float = 0.0
    mixup: float = 0.0
    focal_gamma: float = 0.0


@dataclass(frozen=True)
class Training:
    """How all jobs are trained; `learning_rate` is that of the first step."""

    hidden: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    dropout: float


@dataclass(frozen=True)
class Passed:
    """One epoch of all jobs: the rate it ended with, mean loss and accuracy as the steps saw them, (jobs,) each.

    The loss is the cross-entropy, also where a job is trained with the focal loss.
    """

    learning_rate: NDArray[np.float64]
    loss_nats: NDArray[np.float64]
    accuracy: NDArray[np.float64]


@dataclass(frozen=True)
class Perceptrons:
    """Weights of all jobs over vectors as they were given, with the standardisation of each job folded in.

    `first` is (jobs, dims, hidden), `second` (jobs, hidden, classes); `first_bias` and `second_bias` go with them.
    """

    first: Tensor
    first_bias: Tensor
    second: Tensor
    second_bias: Tensor

    def logits(self, X: Tensor, job: int) -> Tensor:
        """(rows, classes) logits that one job gives (rows, dims) vectors."""
        hidden = torch.addmm(self.first_bias[job], X, self.first[job]).relu_()
        return torch.addmm(self.second_bias[job], hidden, self.second[job])

    def all_logits(self, X: Tensor) -> Iterator[tuple[slice, Tensor]]:
        """Rows of `X`, a chunk at a time, and the (jobs, rows, classes) logits that every job gives them."""
        jobs, dims, hidden = self.first.shape
        flat = self.first.permute(1, 0, 2).reshape(dims, jobs * hidden)
        step = max(1, CHUNK_NUMBERS // (jobs * hidden))
        for start in range(0, len(X), step):
            rows = slice(start, start + step)
            layer = torch.addmm(self.first_bias.reshape(-1), X[rows], flat).relu_()
            by_job = layer.view(-1, jobs, hidden).transpose(0, 1)
            yield rows, torch.baddbmm(self.second_bias[:, None], by_job, self.second)


def fit_perceptrons(
    X: Tensor,
    jobs: Sequence[PerceptronJob],
    training: Training,
    *,
    classes: int,
    on_epoch: Callable[[Passed, Perceptrons], None] = lambda _passed, _perceptrons: None,
) -> Perceptrons:
    """One perceptron per job, on the device of `X`; each job has at least one row.

    Args:
        X: (rows, dims) float32, finite, of mean near 0 and variance near 1: float32 has no digits for large means.
        jobs: what to fit.
        training: how.
        classes: number of classes; one without rows in a job gets probability 0 there.
        on_epoch: told after each epoch how it went, and the perceptrons as they stand.
    """
    batch = _Batch.of(X, jobs, training, classes)
    state = _State.start(batch)
    for epoch in range(training.epochs):
        steps = _EpochSteps.drawn(batch, epoch)
        for step in range(max(batch.steps)):
            state.advance(batch, steps, step)
        on_epoch(state.passed(batch), state.perceptrons(batch))
    return state.perceptrons(batch)


@dataclass(frozen=True)
class _Batch:
    """The jobs of a call side by side; lists have one entry a job."""

    X: Tensor
    jobs: Sequence[PerceptronJob]
    training: Training
    classes: int
    mean: Tensor  # (jobs, 1, dims) of the training rows
    scale: Tensor  # (jobs, 1, dims) 1 / standard deviation, 0 for a constant
    absent: Tensor  # (jobs, 1, classes) ABSENT_LOGIT where the job has no row of the class
    spread: Tensor  # (jobs, 1, classes) what every target gives each class
    kept: Tensor  # (jobs, 1) what is left for the class itself
    gamma: Tensor  # (jobs, 1, 1) of the focal loss, 0 for cross-entropy
    sizes: list[int]  # rows in a step at most
    steps: list[int]  # in an epoch

    @property
    def any_mixup(self) -> bool:
        return any(job.mixup for job in self.jobs)

    @property
    def any_focal(self) -> bool:
        return any(job.focal_gamma for job in self.jobs)

    @classmethod
    def of(cls, X: Tensor, jobs: Sequence[PerceptronJob], training: Training, classes: int) -> _Batch:
        moments = [_moments(X, job) for job in jobs]
        present = torch.zeros(len(jobs), 1, classes)
        for number, job in enumerate(jobs):
            present[number, 0, torch.from_numpy(np.unique(job.codes))] = 1
        smoothing = torch.tensor([job.label_smoothing for job in jobs])
        sizes = [min(training.batch_size, max(LEAST_BATCH, len(job.rows) // STEPS_PER_EPOCH)) for job in jobs]
        return cls(
            X,
            jobs,
            training,
            classes,
            torch.stack([mean for mean, _ in moments])[:, None],
            torch.stack([scale for _, scale in moments])[:, None],
            ((1 - present) * ABSENT_LOGIT).to(X.device),
            (smoothing[:, None, None] * present / present.sum(dim=2, keepdim=True)).to(X.device),
            (1 - smoothing)[:, None].to(X.device),
            torch.tensor([job.focal_gamma for job in jobs], device=X.device)[:, None, None],
            sizes,
            [-(-len(job.rows) // size) for job, size in zip(jobs, sizes, strict=True)],
        )


def _moments(X: Tensor, job: PerceptronJob) -> tuple[Tensor, Tensor]:
    """(dims,) weighted mean and 1 / standard deviation of a job's training rows."""
    rows = torch.from_numpy(job.rows).to(X.device)
    weights = torch.from_numpy(job.weights / job.weights.sum()).to(X.device)
    mean, variance = torch.zeros(2, X.shape[1], dtype=torch.float64, device=X.device)
    step = max(1, CHUNK_NUMBERS // max(1, X.shape[1]))
    for start in range(0, len(rows), step):
        mean += weights[start : start + step] @ X[rows[start : start + step]].double()
    for start in range(0, len(rows), step):
        variance += weights[start : start + step] @ (X[rows[start : start + step]].double() - mean).square()
    scale = torch.where(variance > CONSTANT_VARIANCE, variance, torch.inf).rsqrt()
    return mean.float(), scale.float()


@dataclass(frozen=True)
class _EpochSteps:
    """Which rows each step of an epoch sees, in arrays of (steps, jobs, rows a step); what is filled up weighs 0."""

    rows: Tensor
    codes: Tensor
    weights: Tensor  # over the rows of the step
    partner: Tensor  # place in the step of the row that mixup mixes in
    mixed: Tensor  # (steps, jobs, 1) share of the row itself
    counts: list[list[int]]  # rows that count, by step and job; none where a job's epoch has ended

    @classmethod
    def drawn(cls, batch: _Batch, epoch: int) -> _EpochSteps:
        shape = (max(batch.steps), len(batch.jobs), max(batch.sizes))
        rows, codes, partner = (np.zeros(shape, np.int64) for _ in range(3))
        weights = np.zeros(shape, np.float32)
        mixed = np.ones((*shape[:2], 1), np.float32)
        counts = np.zeros(shape[:2], np.int64)
        for number, job in enumerate(batch.jobs):
            rng = rng_for(job.seed, "perceptron", epoch)
            order = rng.permutation(len(job.rows))
            for step, part in enumerate(np.array_split(order, batch.steps[number])):
                place = (step, number, slice(len(part)))
                rows[place], codes[place] = job.rows[part], job.codes[part]
                weights[place] = job.weights[part] / len(part)
                partner[place] = np.arange(len(part))[::-1]
                counts[step, number] = len(part)
            if job.mixup:
                mixed[: batch.steps[number], number, 0] = rng.beta(job.mixup, job.mixup, size=batch.steps[number])
        on_device = [torch.from_numpy(array).to(batch.X.device) for array in (rows, codes, weights, partner, mixed)]
        return cls(on_device[0], on_device[1], on_device[2], on_device[3], on_device[4], counts.tolist())


@dataclass(frozen=True)
class _State:
    """Parameters of all jobs, over standardised vectors, and AdamW's moments; its tensors are advanced in place.

    `seen` is (jobs, 3): rows, summed loss and right answers of the epoch; `done` counts each job's steps.
    """

    parameters: tuple[Tensor, Tensor, Tensor, Tensor]
    first_moments: tuple[Tensor, ...]
    second_moments: tuple[Tensor, ...]
    generators: list[torch.Generator]
    seen: Tensor
    done: list[int]

    @classmethod
    def start(cls, batch: _Batch) -> _State:
        dims, hidden = batch.X.shape[1], batch.training.hidden
        drawn = [_drawn_weights(job.seed, (dims, hidden, batch.classes)) for job in batch.jobs]
        first, second = (torch.stack([pair[layer] for pair in drawn]).to(batch.X.device) for layer in range(2))
        jobs = len(batch.jobs)
        parameters = (first, first.new_zeros(jobs, 1, hidden), second, first.new_zeros(jobs, 1, batch.classes))
        return cls(
            parameters,
            tuple(torch.zeros_like(parameter) for parameter in parameters),
            tuple(torch.zeros_like(parameter) for parameter in parameters),
            [
                torch.Generator(batch.X.device).manual_seed(seed_for(job.seed, "perceptron", "dropout"))
                for job in batch.jobs
            ],
            torch.zeros(jobs, 3, dtype=torch.float64, device=batch.X.device),
            [0] * jobs,
        )

    def advance(self, batch: _Batch, steps: _EpochSteps, step: int) -> None:
        """One step of every job whose epoch goes on."""
        counts = steps.counts[step]
        gradients = self._gradients(batch, steps, step)
        active = [count > 0 for count in counts]
        for job, going in enumerate(active):
            self.done[job] += going
        rates = [_rate(batch, job, self.done[job] - 1) if going else 0.0 for job, going in enumerate(active)]
        self._adamw(gradients, active, rates, batch.training.weight_decay)

    def _gradients(self, batch: _Batch, steps: _EpochSteps, step: int) -> tuple[Tensor, ...]:
        first, first_bias, second, second_bias = self.parameters
        weights, codes = steps.weights[step], steps.codes[step]
        inputs = (batch.X[steps.rows[step]] - batch.mean) * batch.scale
        target = torch.zeros(*codes.shape, batch.classes, device=inputs.device).scatter_(2, codes[..., None], 1.0)
        if batch.any_mixup:
            share, partner = steps.mixed[step][..., None], steps.partner[step][..., None]
            inputs = share * inputs + (1 - share) * inputs.gather(1, partner.expand_as(inputs))
            target = share * target + (1 - share) * target.gather(1, partner.expand_as(target))
        target = batch.kept[..., None] * target + batch.spread
        layer = torch.baddbmm(first_bias, inputs, first)
        gate = (layer > 0) * self._dropped(batch, steps.counts[step], layer)
        layer = layer * gate
        logs = torch.log_softmax(torch.baddbmm(second_bias, layer, second) + batch.absent, dim=2)
        self._note(weights, codes, target, logs, steps.counts[step])
        slope = logs.exp() - target
        if batch.any_focal:
            slope = slope + focal_turn(logs, target, batch.gamma)
        slope = slope * weights[..., None]
        back = torch.bmm(slope, second.transpose(1, 2)) * gate
        return (
            torch.bmm(inputs.transpose(1, 2), back),
            back.sum(dim=1, keepdim=True),
            torch.bmm(layer.transpose(1, 2), slope),
            slope.sum(dim=1, keepdim=True),
        )

    def _dropped(self, batch: _Batch, counts: list[int], layer: Tensor) -> Tensor:
        """What dropout multiplies the hidden layer with, from each job's own stream."""
        kept = 1 - batch.training.dropout
        if kept == 1:
            return torch.ones_like(layer)
        drawn = torch.zeros_like(layer)
        for job, count in enumerate(counts):
            torch.rand(count, layer.shape[2], generator=self.generators[job], out=drawn[job, :count])
        return (drawn < kept) / kept

    def _note(self, weights: Tensor, codes: Tensor, target: Tensor, logs: Tensor, counts: list[int]) -> None:
        rows = torch.tensor(counts, dtype=torch.float64, device=logs.device)
        loss = -(target * logs.clamp(min=ABSENT_LOGIT)).sum(dim=2)
        right = (logs.argmax(dim=2) == codes).to(weights.dtype)
        self.seen[:, 0] += rows
        self.seen[:, 1] += (weights * loss).sum(dim=1) * rows
        self.seen[:, 2] += (weights * right).sum(dim=1) * rows

    def _adamw(self, gradients: tuple[Tensor, ...], active: list[bool], rates: list[float], decay: float) -> None:
        def per_job(values: list[float]) -> Tensor:
            return torch.tensor(values, device=self.seen.device)[:, None, None]

        going = per_job([float(one) for one in active])
        rate = per_job(rates)
        debias = per_job([(1 - SECOND_MOMENT ** max(1, done)) ** 0.5 for done in self.done])
        stride = rate / per_job([1 - FIRST_MOMENT ** max(1, done) for done in self.done])
        for number, gradient in enumerate(gradients):
            parameter, first, second = self.parameters[number], self.first_moments[number], self.second_moments[number]
            first.lerp_(gradient, (1 - FIRST_MOMENT) * going)
            second.lerp_(gradient.square(), (1 - SECOND_MOMENT) * going)
            if gradient.shape[1] > 1:
                parameter.mul_(1 - rate * decay)
            parameter.sub_(stride * first / (second.sqrt() / debias + TINY))

    def passed(self, batch: _Batch) -> Passed:
        """The epoch that ends here; what was seen starts anew."""
        rows, loss, right = self.seen.cpu().numpy().T
        rates = np.array([_rate(batch, job, done - 1) for job, done in enumerate(self.done)])
        told = Passed(rates, loss / rows, right / rows)
        self.seen.zero_()
        return told

    def perceptrons(self, batch: _Batch) -> Perceptrons:
        first, first_bias, second, second_bias = self.parameters
        folded = first * batch.scale.transpose(1, 2)
        bias = first_bias - torch.bmm(batch.mean, folded)
        return Perceptrons(folded, bias[:, 0], second.clone(), (second_bias + batch.absent)[:, 0])


def _drawn_weights(seed: int, widths: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
    """Weights of both layers, drawn where every machine draws the same."""
    generator = torch.Generator().manual_seed(seed_for(seed, "perceptron", "weights"))
    dims, hidden, classes = widths
    first = torch.randn(dims, hidden, generator=generator) * (2 / max(1, dims)) ** 0.5
    return first, torch.randn(hidden, classes, generator=generator) * (1 / hidden) ** 0.5


def _rate(batch: _Batch, job: int, step: int) -> float:
    """Learning rate of a job's step, from 0: half a cosine down to nothing."""
    total = batch.steps[job] * batch.training.epochs
    return batch.training.learning_rate * (1 + cos(pi * step / total)) / 2
