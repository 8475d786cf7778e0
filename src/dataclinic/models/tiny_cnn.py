"""Tiny CNN: a small residual network trained from scratch, on a CPU in minutes; it needs no weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.errors import OptionError
from dataclinic.features import Pictures
from dataclinic.methods.device_spread import devices_of, train_on_devices
from dataclinic.methods.mirror_test import mirrored_keep_class
from dataclinic.methods.network_training import TrainingPlan, train_network
from dataclinic.methods.small_resnet import SmallResnet
from dataclinic.models import Choice, Interval, SearchSpace, require_honoured
from dataclinic.recipe import Augmentation  # noqa: TC001 - settings are checked against it
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Rows
    from dataclinic.dataset import Task
    from dataclinic.features import Features
    from dataclinic.fits import FitJob, FitResult
    from dataclinic.progress import Progress


@dataclass(frozen=True)
class Size:
    """What a device has time for."""

    epochs: int
    batch_size: int
    width: int
    finest_px: int


ON_CPU = Size(epochs=20, batch_size=128, width=32, finest_px=16)
"""8,000 pictures of 32 pixels take some 200 CPU seconds where bfloat16 is native: two minutes on two cores."""

ON_ACCELERATOR = Size(epochs=24, batch_size=512, width=64, finest_px=32)
"""Page's ResNet-9 and its 24 epochs, with one residual block more."""

UPDATES_AN_EPOCH = 40
"""Few training rows come in smaller batches, of at least `SMALLEST_BATCH`, so that there are this many updates."""

SMALLEST_BATCH = 16

RATE_AT_128 = 0.01
"""AdamW's learning rate for batches of 128. It grows with the square root of the batch (Malladi et al., "On the SDEs
and Scaling Rules for Adaptive Gradient Algorithms", NeurIPS 2022)."""

WARMUP_SHARE = 0.25
"""Longer than the usual 5 %: the rate is high and the updates are few."""

CHUNK_ROWS = 4096
"""Pictures whose levels are added up at a time."""


@dataclass(frozen=True)
class TinyCnn:
    """A ResNet-9 trained from scratch by AdamW with warm-up and cosine on flipped and shifted pictures.

    Settings of None follow the device, so that a CPU ends in minutes and an accelerator uses what it has, and the
    number of training rows. Every fit normalises with the mean and spread of its training rows. With device "cuda" and
    several of them, each trains a fit of its own.

    Attributes:
        epochs: passes over the training rows.
        batch_size: pictures an update; by default fewer where there are few training rows.
        learning_rate: largest of the schedule, by default 0.01 for batches of 128.
        weight_decay: AdamW's, on weights alone.
        label_smoothing: share of each label that is spread over the classes.
        dropout: share of the last features.
        focal_gamma: exponent of the focal loss, 0 for cross-entropy.
        augmentation: "none", "flip_crop", "colour_jitter" or "randaugment".
        augmentation_strength: 1 shifts pictures by up to an eighth.
        flip: whether augmentation and test-time views mirror pictures; by default unless a linear classifier of a
            fit's training rows no longer knows them mirrored, as with digits.
        mixup: alpha, 0 for none.
        cutmix: alpha, 0 for none.
        ema: predict with a moving average of the weights.
        patience: epochs without a better loss on a tenth of the training rows after which training stops; by default
            all rows are trained on, for all epochs.
        test_time_augmentation: average over shifted and mirrored views of each scored picture.
        width: channels of the first stage.
        finest_px: larger pictures are halved to about this side before the first stage.
        bfloat16: train in bfloat16 where the device has it.
        channels_last: memory layout that convolutions are fastest in.
    """

    summary: ClassVar[str] = "a small network trained from scratch on the pictures: no weights, minutes on a CPU"
    task: ClassVar[Task] = "classification"
    encoder: ClassVar[str | None] = "raw_pixels"
    honours: ClassVar[frozenset[str]] = frozenset(
        {"label_smoothing", "focal_gamma", "augmentation", "mixup", "cutmix", "ema", "test_time_augmentation"}
    )
    search_space: ClassVar[SearchSpace] = {
        "learning_rate": Interval(1e-3, 0.05, log=True),
        "weight_decay": Interval(1e-3, 0.5, log=True),
        "batch_size": Choice((32, 64, 128, 256)),
        "label_smoothing": Interval(0.0, 0.3),
        "dropout": Interval(0.0, 0.5),
        "augmentation_strength": Interval(0.0, 2.0),
    }

    epochs: Annotated[int, Field(ge=1)] | None = None
    batch_size: Annotated[int, Field(ge=4)] | None = None
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    weight_decay: Annotated[float, Field(ge=0)] = 0.05
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.1
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    focal_gamma: Annotated[float, Field(ge=0)] = 0.0
    augmentation: Augmentation = "flip_crop"
    augmentation_strength: Annotated[float, Field(ge=0)] = 1.0
    flip: bool | None = None
    mixup: Annotated[float, Field(ge=0)] = 0.0
    cutmix: Annotated[float, Field(ge=0)] = 0.0
    ema: bool = True
    patience: Annotated[int, Field(ge=1)] | None = None
    test_time_augmentation: bool = True
    width: Annotated[int, Field(ge=4)] | None = None
    finest_px: Annotated[int, Field(ge=4)] | None = None
    bfloat16: bool = True
    channels_last: bool = True

    @property
    def description(self) -> str:
        """What runs, in words; where it depends on the device, for both kinds."""
        if None not in (self.epochs, self.batch_size, self.width, self.finest_px):
            return f"residual network from scratch: {_words(self._size('cpu'))}"
        cpu, other = (_words(self._size(device)) for device in ("cpu", "cuda"))
        return f"residual network from scratch: on a CPU {cpu}; on an accelerator {other}"

    def run(
        self, features: Features, jobs: Sequence[FitJob], *, classes: int, device: str, progress: Progress
    ) -> list[FitResult]:
        require_honoured("tiny_cnn", self.honours, jobs)
        if not isinstance(features, Pictures):
            raise OptionError.model_needs_encoder("tiny_cnn", "raw_pixels", type(features).__name__)
        told = partial(progress, "train tiny_cnn")
        told(0, len(jobs) * self._size(device).epochs)
        return train_on_devices(partial(self._fit, classes), features.pixels, jobs, devices_of(device), told)

    def _fit(
        self, classes: int, pixels: NDArray[np.uint8], job: FitJob, device: str, told: Callable[[int, int], None]
    ) -> FitResult:
        mean, std = _levels(pixels, job.train_rows)
        size = self._size(device)
        build = partial(
            SmallResnet,
            classes,
            px=pixels.shape[1],
            width=size.width,
            finest_px=size.finest_px,
            dropout=self.dropout,
        )
        plan = self._plan(size, pixels, job)
        return train_network(
            build, pixels, job, plan, classes=classes, mean=mean, std=std, device=device, progress=told
        )

    def _size(self, device: str) -> Size:
        own = ON_CPU if device == "cpu" else ON_ACCELERATOR
        return Size(
            self.epochs or own.epochs,
            self.batch_size or own.batch_size,
            self.width or own.width,
            self.finest_px or own.finest_px,
        )

    def _plan(self, size: Size, pixels: NDArray[np.uint8], job: FitJob) -> TrainingPlan:
        batch = self.batch_size or _fitting_batch(len(job.train_rows), size.batch_size)
        flip = self.flip
        if flip is None:
            flip = mirrored_keep_class(pixels, job.train_rows, job.labels, rng_for(job.seed, "mirror test"))
        return TrainingPlan(
            epochs=size.epochs,
            batch_size=batch,
            learning_rate=self.learning_rate or RATE_AT_128 * math.sqrt(batch / 128),
            weight_decay=self.weight_decay,
            warmup_share=WARMUP_SHARE,
            label_smoothing=self.label_smoothing,
            focal_gamma=self.focal_gamma,
            augmentation=self.augmentation,
            augmentation_strength=self.augmentation_strength,
            flip=flip,
            mixup=self.mixup,
            cutmix=self.cutmix,
            ema=self.ema,
            patience=self.patience,
            test_time_augmentation=self.test_time_augmentation,
            bfloat16=self.bfloat16,
            channels_last=self.channels_last,
        )


def _words(size: Size) -> str:
    return (
        f"{size.epochs} epochs in batches of up to {size.batch_size}, width {size.width}, from {size.finest_px} px down"
    )


def _fitting_batch(rows: int, largest: int) -> int:
    """Power of two, or `largest`, that leaves `UPDATES_AN_EPOCH`."""
    doublings = max(0, round(math.log2(max(1, rows) / UPDATES_AN_EPOCH)))
    return min(max(SMALLEST_BATCH, 1 << doublings), largest)


def _levels(pixels: NDArray[np.uint8], rows: Rows) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of RGB in [0, 1] over the pictures at `rows`; blank ones count as nearly so."""
    total, squares = np.zeros(3), np.zeros(3)
    for start in range(0, len(rows), CHUNK_ROWS):
        part = pixels[rows[start : start + CHUNK_ROWS]].reshape(-1, 3)
        counts = [np.bincount(part[:, channel], minlength=256) for channel in range(3)]
        total += np.array(counts) @ np.arange(256.0) / 255
        squares += np.array(counts) @ (np.arange(256.0) / 255) ** 2
    seen = max(1, len(rows) * pixels.shape[1] * pixels.shape[2])
    mean = total / seen
    std = np.sqrt(np.maximum(squares / seen - mean**2, 0))
    return mean.tolist(), np.maximum(std, 1 / 255).tolist()
