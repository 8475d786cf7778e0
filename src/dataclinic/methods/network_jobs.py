"""All fit jobs of a call, answered by networks that are trained alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.device_spread import devices_of, train_on_devices
from dataclinic.methods.network_training import find_learning_rate, train_network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from torch import nn

    from dataclinic.fits import FitJob, FitResult
    from dataclinic.methods.training_plan import TrainingPlan


@dataclass(frozen=True)
class NetworkTraining:
    """`train_network` with all that jobs have in common; can be pickled where `build` can.

    Attributes are the arguments of that function.
    """

    build: Callable[[], nn.Module]
    plan: TrainingPlan
    classes: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __call__(
        self, pixels: NDArray[np.uint8], job: FitJob, device: str, progress: Callable[[int, int], None]
    ) -> FitResult:
        return train_network(
            self.build,
            pixels,
            job,
            self.plan,
            classes=self.classes,
            mean=self.mean,
            std=self.std,
            device=device,
            progress=progress,
        )

    def all(
        self, pixels: NDArray[np.uint8], jobs: Sequence[FitJob], *, device: str, progress: Callable[[int, int], None]
    ) -> list[FitResult]:
        """One result per job, in order; "cuda" means all such devices, a job on each.

        A learning rate that the plan leaves open is looked for once, on the training rows of the first job that has
        two classes, and is then the same for all, so that arms that are compared do not differ in it.

        Raises:
            OptionError: as `train_network`.
        """
        devices = devices_of(device)
        progress(0, len(jobs) * self.plan.epochs)
        return train_on_devices(self._with_rate(pixels, jobs, devices[0]), pixels, jobs, devices, progress)

    def _with_rate(self, pixels: NDArray[np.uint8], jobs: Sequence[FitJob], device: str) -> NetworkTraining:
        job = next((job for job in jobs if len(np.unique(job.labels)) > 1), None)
        if job is None or self.plan.learning_rate is not None:
            return self
        rate = find_learning_rate(self.build, pixels, job, self.plan, mean=self.mean, std=self.std, device=device)
        return replace(self, plan=replace(self.plan, learning_rate=rate))
