"""Epoch after epoch of one network: updates, the average of its weights, when to stop, and what was seen on the way.

Needs torch, whose networks they are, and timm, whose average of weights it takes: the exponential form of Polyak &
Juditsky, "Acceleration of Stochastic Approximation by Averaging", SIAM J. Control Optim. 1992. Early stopping is that
of Prechelt, "Early Stopping – But When?", 1998: a loss on held-back rows that has not fallen for a number of epochs.

Dynamics of training rows come from the training passes themselves, as in Pleiss et al. (NeurIPS 2020) and Toneva et al.
(ICLR 2019), so they cost nothing; where pictures are mixed, no pass sees a training row alone, and one without
augmentation looks at them after each epoch. Inner rows are never trained on: theirs come from the look that decides
when to stop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from timm.utils.model_ema import ModelEmaV3

from dataclinic.arrays import SMALLEST_PROB
from dataclinic.fits import Dynamics, Epoch
from dataclinic.methods.inner_split import inner_rows
from dataclinic.methods.learning_rate_schedule import share_of_rate
from dataclinic.methods.network_passes import Passes, as_rows
from dataclinic.methods.optimizers import make_optimizer
from dataclinic.methods.out_of_memory import parts
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import nn

    from dataclinic.arrays import Codes
    from dataclinic.fits import FitJob

AVERAGE_MEMORY = 0.9998
"""Largest decay of the average of weights; it grows towards this, so that a short training averages few updates."""


@dataclass(frozen=True)
class Seen:
    """What one epoch said of labels: (training rows, 2) log-probability and margin of each, (scored rows,) probs."""

    train: NDArray[np.float32]
    score_probs: NDArray[np.float32] | None


@dataclass(frozen=True)
class Scored:
    """What the model says of scored rows whose labels are watched: (rows,) each."""

    probs: NDArray[np.float32]
    right: NDArray[np.bool_]


class TrainingCourse:
    """Training of `network`, which is changed; `predictor` has the weights to predict with, `epochs` the record.

    Args:
        passes: of the job.
        network: on the device, freshly made.
        job: scored rows are only looked at, where the plan watches and the job names their labels.
        learning_rate: the largest.
    """

    def __init__(self, passes: Passes, network: nn.Module, job: FitJob, learning_rate: float) -> None:
        plan = passes.plan
        self.epochs: list[Epoch] = []
        self._seen: list[Seen] = []
        self._passes, self._network, self._job, self._rate = passes, network, job, learning_rate
        self._average = ModelEmaV3(network, decay=AVERAGE_MEMORY, use_warmup=True) if plan.ema else None
        self._optimizer = make_optimizer(
            network, plan.optimizer, learning_rate=learning_rate, weight_decay=plan.weight_decay
        )
        held = np.zeros(len(job.train_rows), bool)
        if plan.patience is not None:
            held = inner_rows(job.labels, _kept_together(job), share=plan.inner_share, seed=job.seed)
        self._inner, self._taught = as_rows(np.flatnonzero(held)), as_rows(np.flatnonzero(~held))
        self._best_loss, self._waited = math.inf, 0
        self._best: dict[str, torch.Tensor] | None = None
        self._order = rng_for(job.seed, "order of training")

    @property
    def predictor(self) -> nn.Module:
        return self._network if self._average is None else self._average.module

    def run(self, progress: Callable[[int, int], None]) -> None:
        """Train until the epochs are over, or the inner rows have had enough; weights of the best epoch stay."""
        epochs = self._passes.plan.epochs
        while len(self.epochs) < epochs and not self._had_enough():
            seen = self._train_an_epoch()
            self._look_at_rows_apart(seen)
            self._record(seen)
            progress(len(self.epochs), epochs)
        if self._best is not None:
            self.predictor.load_state_dict(self._best)
        progress(epochs, epochs)

    def dynamics(self) -> Dynamics:
        """Of all epochs that were trained, also those after the best."""
        train = np.stack([seen.train for seen in self._seen])
        score = [seen.score_probs for seen in self._seen if seen.score_probs is not None]
        return Dynamics(np.exp(train[:, :, 0]), train[:, :, 1].copy(), np.stack(score) if score else None)

    def _train_an_epoch(self) -> torch.Tensor:
        """(training rows, 2) what the passes said of their labels; rows apart are still to be looked at."""
        passes, plan = self._passes, self._passes.plan
        seen = torch.zeros((len(passes.rows), 2), device=passes.device)
        batches = parts(self._taught[torch.from_numpy(self._order.permutation(len(self._taught)))], plan.batch_size)
        before = len(self.epochs) * len(batches)
        for step, batch in enumerate(batches, before):
            self._set_rate(share_of_rate(step, plan.epochs * len(batches), plan.warmup_share))
            places = batch.to(passes.device)
            seen[places] = said_of(passes.update(self._network, self._optimizer, batch), passes.codes[places])
            if self._average is not None:
                self._average.update(self._network, step + 1)
        return seen

    def _set_rate(self, share: float) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = share * self._rate

    def _look_at_rows_apart(self, seen: torch.Tensor) -> None:
        """Fill in inner rows, and with mixed pictures all rows."""
        passes, plan = self._passes, self._passes.plan
        apart = self._inner
        if plan.watch and (plan.mixup or plan.cutmix):
            apart = torch.arange(len(seen))
        places = apart.to(passes.device)
        seen[places] = said_of(passes.logits(self.predictor, passes.rows[apart]), passes.codes[places])

    def _record(self, seen: torch.Tensor) -> None:
        taught, inner = (seen[places.to(seen.device)].cpu().numpy() for places in (self._taught, self._inner))
        loss, accuracy = _mean_loss(taught, np.ones(len(taught))), _accuracy(taught)
        inner_loss = None
        if len(inner):
            inner_loss = _mean_loss(inner, self._passes.weights.cpu().numpy()[self._inner.numpy()])
            self._keep_if_best(inner_loss)
        rate = self._optimizer.param_groups[0]["lr"]
        inner_accuracy = _accuracy(inner) if len(inner) else None
        scored = self._scored() if self._passes.plan.watch else None
        score_accuracy = float(scored.right.mean()) if scored is not None and len(scored.right) else None
        self.epochs.append(Epoch(rate, loss, accuracy, inner_loss, inner_accuracy, score_accuracy))
        if self._passes.plan.watch:
            self._seen.append(Seen(seen.cpu().numpy(), None if scored is None else scored.probs))

    def _keep_if_best(self, inner_loss: float) -> None:
        self._waited += 1
        if inner_loss < self._best_loss:
            self._best_loss, self._waited = inner_loss, 0
            self._best = {name: value.clone() for name, value in self.predictor.state_dict().items()}

    def _had_enough(self) -> bool:
        patience = self._passes.plan.patience
        return patience is not None and self._waited >= patience

    def _scored(self) -> Scored | None:
        """Of the given labels of scored rows: their probability, 0 where no training row has the label."""
        labels, rows = self._job.score_labels, self._job.score_rows
        if labels is None:
            return None
        probs = self._passes.logits(self.predictor, as_rows(rows)).softmax(dim=1).cpu().numpy()
        outputs = self._passes.outputs.cpu().numpy()
        place = np.minimum(np.searchsorted(outputs, labels), len(outputs) - 1)
        given = np.where(outputs[place] == labels, probs[np.arange(len(rows)), place], np.float32(0))
        return Scored(given, outputs[probs.argmax(axis=1)] == labels)


def _kept_together(job: FitJob) -> Codes:
    """Groups of the training rows; a row without one is a group with its copies, where it is trained on repeatedly."""
    if job.groups is None:
        return job.train_rows
    return np.where(job.groups >= 0, job.groups, job.groups.max(initial=0) + 1 + job.train_rows)


def said_of(logits: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """(rows, 2): log-probability of each row's label, and its logit minus the largest other logit."""
    at = codes[:, None]
    given = logits.gather(1, at)
    largest_other = logits.scatter(1, at, -math.inf).amax(dim=1, keepdim=True)
    return torch.cat([logits.log_softmax(dim=1).gather(1, at), given - largest_other], dim=1)


def _mean_loss(seen: NDArray[np.float32], weights: NDArray[np.floating]) -> float:
    losses = -np.maximum(seen[:, 0].astype(np.float64), math.log(SMALLEST_PROB))
    return float((weights * losses).sum() / max(weights.sum(), np.finfo(np.float64).tiny))


def _accuracy(seen: NDArray[np.float32]) -> float:
    return float((seen[:, 1] > 0).mean())
