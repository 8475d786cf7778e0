"""Times `linear_head` against scikit-learn's cross_val_predict(LogisticRegression): same vectors, folds and penalty.

    python benchmarks/speed/linear_head.py                    # 50,000 × 512, 10 classes, 5 folds × 3 repeats
    python benchmarks/speed/linear_head.py --rows 2000 --dims 32 --repeats 1

The vectors imitate an image encoder's: classes overlap, few directions carry most of the variance, the axes are mixed,
and 8 % of the labels are wrong. They are scaled once, since LogisticRegression does not scale; `linear_head` still
scales in every fold, inside its time. Each side runs with one thread a process and with all threads, and the best time
of either counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import sklearn
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.models.linear_head import L2_PER_DIM, LEAST_L2, LinearHead
from dataclinic.progress import silent
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Vectors

MAX_ITERATIONS = 2000
"""Of scikit-learn: enough that its own tolerance ends every fit, where its default of 100 may not be."""


@dataclass(frozen=True)
class Task:
    """What both sides solve; `splits` holds a seeded split a repeat."""

    vectors: Vectors
    labels: Labels
    splits: tuple[StratifiedKFold, ...]
    l2: float


@dataclass(frozen=True)
class Row:
    """One line of the table; `loss_nats` is the mean out-of-fold log loss."""

    name: str
    seconds: float
    loss_nats: float


def main(argv: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(argv)
    task = _task(options)
    _print_setting(task, options)
    _peer(1, options.processes)(_small(task))  # starting the processes is not what is compared
    peers = [
        _timed(f"scikit-learn, 1 thread × {options.processes} processes", task, _peer(1, options.processes)),
        _timed(f"scikit-learn, {options.threads} threads × 1 process", task, _peer(options.threads, 1)),
    ]
    ours = [
        _timed(f"linear_head, cpu, threads: {number}", task, _ours("cpu", number))
        for number in sorted({1, options.threads})
    ]
    if torch.cuda.is_available():
        _ours("cuda", options.threads)(_small(task))  # the first call loads the CUDA libraries
        ours.append(_timed(f"linear_head, {torch.cuda.get_device_name()}", task, _ours("cuda", options.threads)))
    _print_rows(peers, ours)


def _parser() -> argparse.ArgumentParser:
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description="time linear_head against scikit-learn")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--dims", type=int, default=512)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--l2", type=float, help="penalty of both sides (default: what linear_head would choose)")
    parser.add_argument("--threads", type=int, default=cores, help="threads of either side (default: all cores)")
    parser.add_argument("--processes", type=int, default=cores, help="processes of scikit-learn (default: all cores)")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _task(options: argparse.Namespace) -> Task:
    vectors, labels = _encoded(options.rows, options.dims, options.classes, options.seed)
    splits = tuple(
        StratifiedKFold(options.folds, shuffle=True, random_state=seed_for(options.seed, "split", repeat))
        for repeat in range(options.repeats)
    )
    l2 = LEAST_L2 + L2_PER_DIM * options.dims if options.l2 is None else options.l2
    return Task(vectors, labels, splits, l2)


def _encoded(rows: int, dims: int, classes: int, seed: int) -> tuple[Vectors, Labels]:
    rng = rng_for(seed, "encoded")
    labels = rng.integers(0, classes, rows)
    deviation = np.arange(1, dims + 1) ** -0.5
    centres = 0.6 * deviation * rng.normal(size=(classes, dims))
    mixed = (centres[labels] + deviation * rng.normal(size=(rows, dims))) @ np.linalg.qr(rng.normal(size=(dims, dims)))[
        0
    ]
    wrong = rng.random(rows) < 0.08
    labels[wrong] = rng.integers(0, classes, int(wrong.sum()))
    return ((mixed - mixed.mean(axis=0)) / mixed.std(axis=0)).astype(np.float32), labels


def _small(task: Task) -> Task:
    return Task(task.vectors[:500], task.labels[:500], task.splits[:1], task.l2)


def _peer(threads: int, processes: int) -> Callable[[Task], NDArray[np.float64]]:
    def run(task: Task) -> NDArray[np.float64]:
        model = LogisticRegression(C=1 / task.l2, max_iter=MAX_ITERATIONS)
        with threadpool_limits(threads):
            return np.stack(
                [
                    cross_val_predict(
                        model, task.vectors, task.labels, cv=split, method="predict_proba", n_jobs=processes
                    )
                    for split in task.splits
                ]
            )

    return run


def _ours(device: str, threads: int) -> Callable[[Task], NDArray[np.float64]]:
    def run(task: Task) -> NDArray[np.float64]:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        repeats, jobs = [], []
        for repeat, split in enumerate(task.splits):
            for train, test in split.split(task.vectors, task.labels):
                repeats.append(repeat)
                jobs.append(FitJob(train, task.labels[train], test, seed=0))
        classes = int(task.labels.max()) + 1
        probs = np.empty((len(task.splits), len(task.labels), classes))
        results = LinearHead(l2=task.l2).run(
            Embeddings(task.vectors), jobs, classes=classes, device=device, progress=silent
        )
        torch.set_num_threads(before)
        for repeat, job, result in zip(repeats, jobs, results, strict=True):
            probs[repeat, job.score_rows] = result.probs
        return probs

    return run


def _timed(name: str, task: Task, run: Callable[[Task], NDArray[np.float64]]) -> Row:
    started = time.perf_counter()
    probs = run(task)
    seconds = time.perf_counter() - started
    given = probs[:, np.arange(len(task.labels)), task.labels]
    return Row(name, seconds, float(-np.log(np.maximum(given, 1e-30)).mean()))


def _print_setting(task: Task, options: argparse.Namespace) -> None:
    rows, dims = task.vectors.shape
    print(f"{rows:,} × {dims} float32, {options.classes} classes, {options.folds} folds × {options.repeats} repeats")
    print(f"l2 = {task.l2:g} (C = {1 / task.l2:.3g})")
    print(f"{_processor()}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} at the start")
    versions = {"scikit-learn": sklearn.__version__, "torch": torch.__version__, "numpy": np.__version__}
    print(f"Python {platform.python_version()}, {', '.join(f'{name} {number}' for name, number in versions.items())}")
    train, _ = next(task.splits[0].split(task.vectors, task.labels))
    fitted = LogisticRegression(C=1 / task.l2, max_iter=MAX_ITERATIONS).fit(task.vectors[train], task.labels[train])
    print(f"one fit of scikit-learn converges in {fitted.n_iter_.max()} iterations\n", flush=True)


def _print_rows(peers: Sequence[Row], ours: Sequence[Row]) -> None:
    """Ratio: the better time of the peer over that of the row. Difference: its log loss over the peer's, less one."""
    best = min(peers, key=lambda row: row.seconds)
    print(f"{'':48} {'seconds':>8} {'ratio':>6} {'log loss':>9} {'difference':>11}")
    for row in (*peers, *ours):
        ratio, difference = best.seconds / row.seconds, row.loss_nats / best.loss_nats - 1
        print(f"{row.name:48} {row.seconds:8.2f} {ratio:6.2f} {row.loss_nats:9.5f} {difference:+11.3%}")


def _processor() -> str:
    """Model name of the CPU as Linux tells it, else what Python knows."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
