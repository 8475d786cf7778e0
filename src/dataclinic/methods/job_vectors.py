"""Vectors on the device that fits them, shared by all the fit jobs that see the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Rows, Vectors
    from dataclinic.features import Features
    from dataclinic.fits import FitJob

BATCH_NUMBERS = 2**28
"""Numbers that one batch of jobs may hold beside the vectors: 1 GiB of float32."""

CHUNK_NUMBERS = 2**18
"""Numbers that are summed in float32, and worked on at a time: 1 MiB, which a cache holds."""


@dataclass(frozen=True)
class JobVectors:
    """Vectors of the rows that some job uses, centred and scaled as a whole, which only keeps float32 exact.

    `X` is (used, dims) float32, its first `trained` rows those that some job trains on; they alone decide the centre
    and the scale. `place[row]` is where a row of the features stands in it, -1 where no job uses it.
    """

    X: torch.Tensor
    place: Rows
    trained: int

    @classmethod
    def of(cls, features: Features, jobs: Sequence[FitJob], device: str) -> JobVectors:
        """Vectors for `jobs` that share them: those of one entry of `sharing_vectors`."""
        train, score = (np.zeros(len(features), bool) for _ in range(2))
        for job in jobs:
            train[job.train_rows] = True
            score[job.score_rows] = True
        order = np.concatenate([np.flatnonzero(train), np.flatnonzero(score & ~train)])
        place = np.full(len(features), -1)
        place[order] = np.arange(len(order))
        vectors: Vectors = features.vectors(jobs[0].train_rows)
        used = torch.from_numpy(vectors[order]).to(device)
        _centre(used, int(train.sum()))
        return cls(used, place, int(train.sum()))

    def at(self, rows: Rows) -> torch.Tensor:
        """(rows, dims) vectors of these rows of the features."""
        return self.X[torch.from_numpy(self.place[rows]).to(self.X.device)]

    def targets(self, jobs: Sequence[FitJob]) -> tuple[torch.Tensor, torch.Tensor]:
        """(trained rows, jobs) classes and weights, weight 0 where a job does not train on a row.

        A row that a job names more than once has the sum of its weights.
        """
        codes = np.zeros((self.trained, len(jobs)), np.int64)
        weights = np.zeros((self.trained, len(jobs)), np.float32)
        for number, job in enumerate(jobs):
            rows = self.place[job.train_rows]
            codes[rows, number] = job.labels
            weights[:, number] = np.bincount(rows, job.weights, self.trained)
        return torch.from_numpy(codes).to(self.X.device), torch.from_numpy(weights).to(self.X.device)


def sharing_vectors(features: Features, jobs: Sequence[FitJob]) -> list[list[int]]:
    """Places of jobs that see the same vectors: all of them for a frozen encoder, else those of equal training rows."""
    if features.frozen:
        return [list(range(len(jobs)))] if jobs else []
    groups: dict[bytes, list[int]] = {}
    for place, job in enumerate(jobs):
        groups.setdefault(np.sort(job.train_rows).tobytes(), []).append(place)
    return list(groups.values())


def within_memory(places: Sequence[int], numbers_per_job: int) -> list[Sequence[int]]:
    """Parts of `places`, in order, whose jobs hold at most BATCH_NUMBERS float32 together; one job at the least."""
    size = max(1, BATCH_NUMBERS // max(1, numbers_per_job))
    return [places[first : first + size] for first in range(0, len(places), size)]


def _centre(vectors: torch.Tensor, trained: int) -> None:
    """Bring columns to mean 0 and variance 1 over the first `trained` rows, in place; constants to 0."""
    step = max(1, CHUNK_NUMBERS // max(1, vectors.shape[1]))
    parts = [vectors[first : min(first + step, trained)] for first in range(0, trained, step)]
    # float32 takes away the mean exactly in two parts
    middle = (_sum(parts) / max(1, trained)).float()
    for first in range(0, len(vectors), step):
        vectors[first : first + step].sub_(middle)
    rest = _sum(parts) / max(1, trained)
    square = torch.zeros_like(rest)
    for part in parts:
        square += part.new_ones(len(part)) @ part.square() / trained
    square -= rest.square()
    # below float32's rounding of the mean, a deviation means nothing
    alive = square > (1e-6 * (middle + rest)).square()
    scale = torch.where(alive, square, torch.inf).rsqrt().float()
    for first in range(0, len(vectors), step):
        vectors[first : first + step].sub_(rest.float()).mul_(scale)


def _sum(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """(dims,) float64, of chunks that are summed in float32."""
    total = torch.zeros(parts[0].shape[1], dtype=torch.float64, device=parts[0].device)
    for part in parts:
        total += part.new_ones(len(part)) @ part
    return total
