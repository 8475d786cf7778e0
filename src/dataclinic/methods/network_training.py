"""Training of a network on pictures for one fit job, and what it then says of the rows to score.

Needs torch, whose networks they are. The parts have a file each: `training_plan` the settings, `training_course` the
epochs, `network_passes` what a network does with a batch, `learning_rate_range` the rate where none is given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from dataclinic.errors import OptionError
from dataclinic.fits import FitResult
from dataclinic.methods.learning_rate_range import find_learning_rate
from dataclinic.methods.network_passes import Passes, as_rows, reproducible
from dataclinic.methods.training_course import TrainingCourse
from dataclinic.methods.training_plan import TrainingPlan
from dataclinic.seeding import seed_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from torch import nn

    from dataclinic.arrays import Labels, Probs
    from dataclinic.fits import FitJob

__all__ = ["TrainingPlan", "find_learning_rate", "train_network"]


def train_network(  # noqa: PLR0913 - what every model with a network has
    build: Callable[[], nn.Module],
    pixels: NDArray[np.uint8],
    job: FitJob,
    plan: TrainingPlan,
    *,
    classes: int,
    mean: Sequence[float],
    std: Sequence[float],
    device: str,
    progress: Callable[[int, int], None],
) -> FitResult:
    """Probabilities of the job's scored rows, with the epochs and, where the plan watches, the dynamics.

    A job without training rows gives every class the same; one with a single class gives that class. The same job
    gives the same numbers on the same device; the global random state is left as it was.

    Args:
        build: makes a network with `classes` outputs; it may draw initial weights from torch's global generator.
        pixels: (samples, px, px, 3) uint8 of all samples.
        job: its recipe wins over the plan.
        plan: how to train.
        classes: outputs of the network.
        mean: of RGB in [0, 1], to be taken away.
        std: of RGB in [0, 1], to be divided by.
        device: torch device string.
        progress: told the epochs done, and their number.

    Raises:
        OptionError: training diverged, or even the smallest batch is too large for the device.
    """
    plan = replace(plan, **job.recipe.asked())
    present = np.unique(job.labels)
    if len(present) < 2:
        progress(plan.epochs, plan.epochs)
        return FitResult(_without_training(present, len(job.score_rows), classes))
    rate = plan.learning_rate or find_learning_rate(build, pixels, job, plan, mean=mean, std=std, device=device)
    where = torch.device(device)
    with reproducible(where, seed_for(job.seed, "network")):
        passes = Passes.of(pixels, job, plan, mean=mean, std=std, device=where)
        course = TrainingCourse(passes, passes.started(build), job, rate)
        course.run(progress)
        answers = passes.probs(course.predictor, as_rows(job.score_rows)).cpu().numpy()
    if not np.isfinite(answers).all():
        raise OptionError.training_diverged(rate)
    probs = np.zeros((len(answers), classes), np.float32)
    probs[:, present] = answers
    return FitResult(probs, tuple(course.epochs), course.dynamics() if plan.watch else None)


def _without_training(present: Labels, rows: int, classes: int) -> Probs:
    """Probabilities where there is nothing to tell apart."""
    possible = present if len(present) else np.arange(classes)
    probs = np.zeros((rows, classes), np.float32)
    probs[:, possible] = 1 / len(possible)
    return probs
