"""Ridge head: ridge regression on one-hot labels over the encoder's vectors, all fit jobs from one Gram matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
import torch
from pydantic import Field

from dataclinic.fits import FitResult
from dataclinic.methods.calibrated_ridge import CalibratedRidge, Logits
from dataclinic.methods.downdated_ridge import RowMoments
from dataclinic.methods.job_vectors import JobVectors, sharing_vectors
from dataclinic.methods.nearby_ridge import RowTargets
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

SHARED_LABELS = 0.75
"""Share of a job's training rows that another one trains on with the same label, from which the two are near."""


@dataclass(frozen=True)
class RidgeHead:
    """Least squares on one-hot labels over standardised vectors, scores turned into probabilities by left-out rows.

    `l2` is the ridge penalty a unit of training weight on the weights of features with variance 1 on the training rows;
    the bias is free. Where it is None, a job takes the one of PENALTIES whose leave-one-out scores, divided by their
    best temperature, have the least log loss, searched downhill from the middle one. Those scores of up to
    LEFT_OUT_ROWS training rows, drawn by the job's seed, also fit the temperature, an offset a class and, where rows
    are many for the classes, a matrix that makes probabilities of the scores. Groups are left out whole, of groups
    above LARGEST_BLOCK rows that many. Label smoothing would only change the temperature, so it is not honoured.

    Jobs of one call that score the same rows with the same seed and are near the first of them (they train on
    SHARED_LABELS of its rows or more, with its labels and groups) take its penalty and its left-out rows, with labels
    and weights of their own: so the arms of a trial differ by their treatment alone. Nothing else passes between jobs,
    and no job of theirs trains on a row that another scores.

    Cost: rows · dims² once, and a job its held-out rows · dims² and dims³; jobs that share rows and weights share both.
    Where rows are many for the dimensions, a job near another costs a few times its changed rows · dims · classes.
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
            led = {same[0]: same for same in _led(places, jobs)}
            alike = list(_weighing_alike(list(led), jobs))
            weights = [_row_targets(vectors, jobs[same[0]]).weights for same in alike]
            moments, left_out = _moments(vectors, [jobs[place] for place in places], classes, weights)
            for same, own, left in zip(alike, weights, left_out, strict=True):
                spectrum = moments.spectrum(own, left) if bool(own.any()) else None
                for leader in same:
                    near = [jobs[place] for place in led[leader]]
                    logits = self._logits(vectors, moments, spectrum, left, near) if spectrum else None
                    probs = _probs(vectors.at(near[0].score_rows), logits or [_undecided(moments)] * len(near))
                    for place, own_probs in zip(led[leader], probs, strict=True):
                        results[place] = FitResult(own_probs)
                        progress("train ridge_head", len(results), len(jobs))
        return [results[place] for place in range(len(jobs))]

    def _logits(
        self,
        vectors: JobVectors,
        moments: RowMoments,
        spectrum: Spectrum,
        left_out: Sums | None,
        jobs: Sequence[FitJob],
    ) -> list[Logits]:
        """Of jobs near the first, whose spectrum it is."""
        fits = [_row_targets(vectors, job) for job in jobs]
        first = CalibratedRidge(moments, spectrum, left_out, _left_out_blocks(jobs[0], vectors))
        l2, near = first.logits(fits, PENALTIES if self.l2 is None else (self.l2,))
        for place, (job, fit) in enumerate(zip(jobs, fits, strict=True)):
            if near[place] is None:
                apart = CalibratedRidge(moments, moments.spectrum(fit.weights), None, _left_out_blocks(job, vectors))
                _, near[place : place + 1] = apart.logits([fit], (l2,))
        return [logits for logits in near if logits is not None]


def _undecided(moments: RowMoments) -> Logits:
    """Of a job without training rows."""
    return Logits(torch.zeros_like(moments.cross.T).float(), torch.zeros_like(moments.cross[0]).float())


def _probs(scored: torch.Tensor, logits: Sequence[Logits]) -> list[Probs]:
    """(scored rows, classes) of each of `logits`; the softmax runs before rows stand first, which is faster."""
    together = torch.cat([own.coefficients for own in logits]) @ scored.T
    intercepts = torch.stack([own.intercepts for own in logits])[:, :, None]
    together = together.view(*intercepts.shape[:2], len(scored)) + intercepts
    return [np.asarray(own.T.contiguous().cpu().numpy()) for own in torch.softmax(together, dim=1)]


def _row_targets(vectors: JobVectors, job: FitJob) -> RowTargets:
    codes, weights = vectors.targets([job])
    return RowTargets(weights[:, 0], codes[:, 0])


def _led(places: Sequence[int], jobs: Sequence[FitJob]) -> list[list[int]]:
    """Places of jobs that score the same rows with the same seed and are near the first of them.

    Only such jobs share what left-out rows choose: as none of them trains on a row that one of them scores, no job is
    touched by what it scores. The first is that of the list, the untreated arm in a trial.
    """
    led: dict[tuple[bytes, int], list[list[int]]] = {}
    for place in places:
        candidates = led.setdefault((jobs[place].score_rows.tobytes(), jobs[place].seed), [])
        for near in candidates:
            if _are_near(jobs[near[0]], jobs[place]):
                near.append(place)
                break
        else:
            candidates.append([place])
    return [near for candidates in led.values() for near in candidates]


def _are_near(leader: FitJob, job: FitJob) -> bool:
    """Whether the job trains on most of the leader's rows with the same labels, and has the same groups there."""
    own, kept = _weighed(leader), _weighed(job)
    if not len(own) or not len(kept) or (leader.groups is None) != (job.groups is None):
        return False
    place = np.full(1 + max(leader.train_rows.max(), job.train_rows.max()), -1)
    place[job.train_rows[kept]] = kept
    there = place[leader.train_rows[own]]
    own, there = own[there >= 0], there[there >= 0]
    if leader.groups is not None and job.groups is not None and (leader.groups[own] != job.groups[there]).any():
        return False
    return int((leader.labels[own] == job.labels[there]).sum()) >= SHARED_LABELS * len(_weighed(leader))


def _weighed(job: FitJob) -> Rows:
    """Places in the job's arrays of rows with weight."""
    return np.arange(len(job.train_rows)) if job.weights is None else np.flatnonzero(job.weights > 0)


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


def _left_out_blocks(job: FitJob, vectors: JobVectors) -> list[torch.Tensor]:
    """Training rows with weight that are judged as if left out, (blocks, size) positions a size, drawn by the seed."""
    rng = rng_for(job.seed, "ridge_head", "left out")
    weighed = _weighed(job)
    weighed = weighed[np.sort(np.unique(job.train_rows[weighed], return_index=True)[1])]
    rows = weighed[rng.permutation(len(weighed))]
    groups: Codes = np.arange(len(rows)) if job.groups is None else job.groups[rows]
    groups = np.where(groups < 0, groups.max(initial=0) + 1 + np.arange(len(rows)), groups)
    _, first, group, counts = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    drawn = np.argsort(first)
    enough = np.searchsorted(np.cumsum(np.minimum(counts[drawn], LARGEST_BLOCK)), LEFT_OUT_ROWS) + 1
    chosen = np.flatnonzero(np.isin(group, drawn[:enough]))
    chosen = chosen[np.argsort(group[chosen], kind="stable")]
    # Rows of a group now stand together; how many of them come before tells those beyond the largest block.
    starts = np.flatnonzero(np.diff(group[chosen], prepend=-1))
    before = np.arange(len(chosen)) - np.repeat(starts, np.diff(starts, append=len(chosen)))
    chosen = chosen[before < LARGEST_BLOCK]
    sizes = np.minimum(counts[group[chosen]], LARGEST_BLOCK)
    positions = vectors.place[job.train_rows[rows[chosen]]]
    return [
        torch.from_numpy(positions[sizes == size].reshape(-1, size)).to(vectors.X.device) for size in np.unique(sizes)
    ]
