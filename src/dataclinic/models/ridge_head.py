"""Ridge head: ridge regression on one-hot labels over the encoder's vectors, all fit jobs from one Gram matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
import torch
from pydantic import Field

from dataclinic.fits import FitResult
from dataclinic.methods.downdated_ridge import RowMoments, coefficients, left_out_scores
from dataclinic.methods.job_vectors import JobVectors, sharing_vectors
from dataclinic.methods.score_calibration import FIRST_SHARPNESS, fit_score_map, fit_sharpness
from dataclinic.models import SearchSpace, require_honoured
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.arrays import Codes, Probs, Rows
    from dataclinic.dataset import Task
    from dataclinic.features import Features
    from dataclinic.fits import FitJob
    from dataclinic.methods.downdated_ridge import Spectrum, Sums
    from dataclinic.progress import Progress

PENALTIES = (1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 10.0)
"""Tried where none is given: the Gram matrix has eigenvalues of mean 1 a unit of training weight."""

LEFT_OUT_ROWS = 2048
"""Training rows that are left out in turn: enough to choose a penalty and to fit a temperature and offsets."""

LARGEST_BLOCK = 256
"""Rows of one group that are left out together at most."""

ABSENT_LOGIT = -1e4
"""Intercept of a class without training rows: its probability is exactly 0 in float32."""


@dataclass(frozen=True)
class RidgeHead:
    """Least squares on one-hot labels over standardised vectors, scores turned into probabilities by left-out rows.

    `l2` is the ridge penalty a unit of training weight on the weights of features with variance 1 on the training rows;
    the bias is free. Where it is None, each job takes the one of PENALTIES whose leave-one-out scores, divided by their
    best temperature, have the least log loss. Those scores of up to LEFT_OUT_ROWS training rows, drawn by the job's
    seed, also fit the temperature, an offset a class and, where rows are many for the classes, a matrix that makes
    probabilities of the scores. Groups are left out whole, of groups above LARGEST_BLOCK rows that many. Label
    smoothing would only change the temperature, so it is not honoured.

    Cost: rows · dims² once, and a job its held-out rows · dims² and dims³; jobs that share rows and weights share both.
    """

    summary: ClassVar[str] = "ridge regression over the vectors, all fits from one Gram matrix: cheap with many classes"
    task: ClassVar[Task] = "classification"
    encoder: ClassVar[str | None] = None
    honours: ClassVar[frozenset[str]] = frozenset()
    search_space: ClassVar[SearchSpace] = {}

    l2: Annotated[float, Field(gt=0)] | None = None

    @property
    def description(self) -> str:
        """What runs, in words."""
        penalty = "chosen by leave-one-out" if self.l2 is None else f"{self.l2:g}"
        return f"ridge regression on one-hot labels, l2 {penalty}, calibrated on left-out rows"

    def run(
        self, features: Features, jobs: Sequence[FitJob], *, classes: int, device: str, progress: Progress
    ) -> list[FitResult]:
        require_honoured("ridge_head", self.honours, jobs)
        results: dict[int, FitResult] = {}
        for places in sharing_vectors(features, jobs):
            vectors = JobVectors.of(features, [jobs[place] for place in places], device)
            alike = list(_weighing_alike(places, jobs))
            weights = [vectors.targets([jobs[same[0]]])[1][:, 0] for same in alike]
            moments, left_out = _moments(vectors, [jobs[place] for place in places], classes, weights)
            for same, own, left in zip(alike, weights, left_out, strict=True):
                spectrum = moments.spectrum(own, left) if bool(own.any()) else None
                for place in same:
                    job = jobs[place]
                    fit = self._fit(vectors, moments, spectrum, left, job) if spectrum else _Fit.undecided(moments)
                    results[place] = FitResult(fit.probs(vectors.at(job.score_rows)))
                    progress("train ridge_head", len(results), len(jobs))
        return [results[place] for place in range(len(jobs))]

    def _fit(
        self, vectors: JobVectors, moments: RowMoments, spectrum: Spectrum, left_out: Sums | None, job: FitJob
    ) -> _Fit:
        codes, weights = (array[:, 0] for array in vectors.targets([job]))
        targets = moments.targets(spectrum, weights, codes, left_out)
        present = targets.shares.nonzero()[:, 0]
        blocks = [torch.from_numpy(block).to(codes.device) for block in _left_out_blocks(job, vectors.place)]
        rows = torch.cat([block.reshape(-1) for block in blocks])
        own, known = weights[rows].double(), torch.searchsorted(present, codes[rows])
        penalties = PENALTIES if self.l2 is None else (self.l2,)
        scores = left_out_scores(moments.X, spectrum, targets, weights, codes, blocks, penalties)[:, :, present]
        tried, sharpness = [], FIRST_SHARPNESS
        for number, some in enumerate(scores):
            sharpness, loss = fit_sharpness(some.contiguous(), known, own.to(some.dtype), start=sharpness)
            tried.append((loss, number, sharpness))
        _, number, sharpness = min(tried)
        score_map = fit_score_map(scores[number].double(), known, own, sharpness)
        solved, intercepts = coefficients(spectrum, targets, penalties[number])
        logits = solved[:, present] @ score_map.matrix, intercepts[present] @ score_map.matrix + score_map.offsets
        return _Fit.of(present, len(intercepts), *logits)


@dataclass(frozen=True)
class _Fit:
    """Logits are X @ coefficients + intercepts: (dims, classes) and (classes,) float32."""

    coefficients: torch.Tensor
    intercepts: torch.Tensor

    @classmethod
    def of(cls, present: torch.Tensor, classes: int, coefficients: torch.Tensor, intercepts: torch.Tensor) -> _Fit:
        """Of the classes that are `present`; the others get no probability."""
        whole = torch.zeros(len(coefficients), classes, device=coefficients.device)
        bias = torch.full((classes,), ABSENT_LOGIT, device=coefficients.device)
        return cls(whole.index_copy(1, present, coefficients.float()), bias.index_copy(0, present, intercepts.float()))

    @classmethod
    def undecided(cls, moments: RowMoments) -> _Fit:
        """Of a job without training rows."""
        return cls(torch.zeros_like(moments.cross).float(), torch.zeros_like(moments.cross[0]).float())

    def probs(self, vectors: torch.Tensor) -> Probs:
        return np.asarray(torch.softmax(torch.addmm(self.intercepts, vectors, self.coefficients), dim=1).cpu().numpy())


def _moments(
    vectors: JobVectors, jobs: Sequence[FitJob], classes: int, weights: Sequence[torch.Tensor]
) -> tuple[RowMoments, list[Sums | None]]:
    """Of all rows that some job trains on, each with the label that the first such job gives it."""
    codes = np.zeros(vectors.trained, np.int64)
    for job in reversed(jobs):
        codes[vectors.place[job.train_rows]] = job.labels
    trained = vectors.X[: vectors.trained]
    return RowMoments.with_left_out(trained, torch.from_numpy(codes).to(trained.device), classes, weights)


def _weighing_alike(places: Sequence[int], jobs: Sequence[FitJob]) -> Iterator[list[int]]:
    """Places of jobs with equal training rows and weights, row by row: they share their Gram matrix."""
    alike: dict[bytes, list[int]] = {}
    for place in places:
        job = jobs[place]
        order = np.argsort(job.train_rows, kind="stable")
        weights = b"" if job.weights is None else np.asarray(job.weights, np.float64)[order].tobytes()
        alike.setdefault(job.train_rows[order].tobytes() + b"weights" + weights, []).append(place)
    yield from alike.values()


def _left_out_blocks(job: FitJob, place: Rows) -> list[Rows]:
    """Training rows with weight that are judged as if left out, (blocks, size) positions a size, drawn by the seed."""
    rng = rng_for(job.seed, "ridge_head", "left out")
    weighed = np.flatnonzero(np.ones(len(job.train_rows), bool) if job.weights is None else job.weights > 0)
    rows = weighed[rng.permutation(len(weighed))]
    groups: Codes = np.arange(len(rows)) if job.groups is None else job.groups[rows]
    groups = np.where(groups < 0, groups.max(initial=0) + 1 + np.arange(len(rows)), groups)
    _, first, group, counts = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    drawn = np.argsort(first)
    enough = np.searchsorted(np.cumsum(np.minimum(counts[drawn], LARGEST_BLOCK)), LEFT_OUT_ROWS) + 1
    chosen = np.flatnonzero(np.isin(group, drawn[:enough]))
    chosen = chosen[np.argsort(group[chosen], kind="stable")]
    blocks: dict[int, list[Rows]] = {}
    for members in np.split(rows[chosen], np.flatnonzero(np.diff(group[chosen])) + 1):
        block = place[job.train_rows[members[:LARGEST_BLOCK]]]
        blocks.setdefault(len(block), []).append(block)
    return [np.stack(blocks[size]) for size in sorted(blocks)]
