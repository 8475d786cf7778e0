"""Times the heads over vectors against scikit-learn's two: same vectors, folds and labels, errors planted in these.

    python benchmarks/speed/heads.py                    # 20,000 × 512, 10 classes, 5 folds × 3 repeats
    python benchmarks/speed/heads.py --rows 2000 --dims 64 --repeats 1
    python benchmarks/speed/heads.py --data vectors.parquet --label clean_label

The vectors imitate an image encoder's: classes overlap, few directions carry most of the variance, the axes are mixed.
With `--data` they are the columns of a parquet file whose names are a letter and a number, and `--label` names its
true labels. A share of the labels is switched; average precision (AP) says how well the out-of-fold probability of the
given label ranks these. Vectors are scaled once for scikit-learn, which does not scale; the heads scale in every fold,
inside their time. `ratio` is the time of LogisticRegression over that of the row, all with the same number of threads.
RidgeClassifier gives no probabilities: its decision values go through a softmax, at the temperature of least log loss.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import sklearn
import torch
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.methods.temperature import fit_temperature
from dataclinic.models.linear_head import L2_PER_DIM, LEAST_L2
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.seeding import rng_for, seed_for
from dataclinic.testing.planted import switch_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataclinic.arrays import Labels, Mask, Probs, Vectors

HEADS = ("linear_head", "ridge_head", "mlp_head")


@dataclass(frozen=True)
class Task:
    """What every row of the table solves; `jobs` are folds × repeats."""

    vectors: Vectors
    given: Labels
    wrong: Mask
    jobs: tuple[FitJob, ...]
    classes: int


def main(argv: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(argv)
    torch.set_num_threads(options.threads)
    task = _task(options)
    device = "cuda" if options.gpu else "cpu"
    print(f"{len(task.given):,} × {task.vectors.shape[1]} float32, {task.classes} classes, {len(task.jobs)} fits")
    print(f"{task.wrong.mean():.1%} of the labels switched; {options.threads} threads of {os.cpu_count()}; {device}")
    print(
        f"load {os.getloadavg()[0]:.1f}; Python {platform.python_version()}, scikit-learn {sklearn.__version__}, ",
        end="",
    )
    print(f"torch {torch.__version__}, numpy {np.__version__}\n")
    runs: dict[str, Callable[[Task], Probs]] = {
        "sklearn LogisticRegression": _logistic,
        "sklearn RidgeClassifier": _ridge,
        **{head: _head(head, device) for head in options.heads},
    }
    print(f"{'':28} {'seconds':>8} {'ratio':>7} {'log loss':>9} {'accuracy':>9} {'AP':>6}")
    slowest = None
    for name, run in runs.items():
        started = time.perf_counter()
        with threadpool_limits(options.threads):
            probs = run(task)
        seconds = time.perf_counter() - started
        slowest = slowest or seconds
        loss, accuracy, precision = _quality(task, probs)
        row = f"{name:28} {seconds:8.2f} {slowest / seconds:7.2f} {loss:9.4f} {accuracy:9.4f} {precision:6.3f}"
        print(row, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="time the heads against scikit-learn")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dims", type=int, default=512)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--errors", type=float, default=0.08, help="share of the labels that is switched")
    parser.add_argument("--data", help="parquet file with vectors instead")
    parser.add_argument("--label", default="label", help="its column of true labels")
    parser.add_argument("--heads", nargs="*", default=HEADS)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--gpu", action="store_true", help="run the heads on CUDA")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _task(options: argparse.Namespace) -> Task:
    vectors, labels = _encoded(options) if options.data is None else _read(options.data, options.label)
    classes = int(labels.max()) + 1
    given, wrong = switch_labels(labels, options.errors, classes=classes, seed=options.seed)
    jobs = []
    for repeat in range(options.repeats):
        split = StratifiedKFold(options.folds, shuffle=True, random_state=seed_for(options.seed, "split", repeat))
        for fold, (train, test) in enumerate(split.split(vectors, given)):
            seed = seed_for(options.seed, "fit", repeat, fold)
            jobs.append(FitJob(train, given[train], test, seed, score_labels=given[test]))
    return Task(vectors, given, wrong, tuple(jobs), classes)


def _encoded(options: argparse.Namespace) -> tuple[Vectors, Labels]:
    rng = rng_for(options.seed, "encoded")
    labels = np.arange(options.rows) % options.classes
    deviation = np.arange(1, options.dims + 1) ** -0.5
    centres = 0.25 * deviation * rng.normal(size=(options.classes, options.dims))
    turned, _ = np.linalg.qr(rng.normal(size=(options.dims, options.dims)))
    mixed = (centres[labels] + deviation * rng.normal(size=(options.rows, options.dims))) @ turned
    return _scaled(mixed), labels


def _read(path: str, label: str) -> tuple[Vectors, Labels]:
    frame = pd.read_parquet(path)
    dims = [name for name in frame.columns if re.fullmatch(r"[a-z]\d+", name)]
    return _scaled(frame[dims].to_numpy(np.float64)), frame[label].to_numpy(np.int64, copy=True)


def _scaled(vectors: Vectors) -> Vectors:
    return ((vectors - vectors.mean(axis=0)) / vectors.std(axis=0)).astype(np.float32)


def _logistic(task: Task) -> Probs:
    model = LogisticRegression(C=1 / (LEAST_L2 + L2_PER_DIM * task.vectors.shape[1]), max_iter=2000)
    return _collected(
        task, [model.fit(*_training(task, job)).predict_proba(task.vectors[job.score_rows]) for job in task.jobs]
    )


def _ridge(task: Task) -> Probs:
    values = []
    for job in task.jobs:
        model = RidgeClassifier(alpha=0.1 * len(job.train_rows)).fit(*_training(task, job))
        decision = model.decision_function(task.vectors[job.score_rows])
        values.append(np.column_stack([-decision, decision]) if decision.ndim == 1 else decision)
    raw = [softmax(decision, axis=1) for decision in values]
    labels = np.concatenate([task.given[job.score_rows] for job in task.jobs])
    temperature = fit_temperature(np.concatenate(raw), labels)
    return _collected(task, [softmax(decision / temperature, axis=1) for decision in values])


def _training(task: Task, job: FitJob) -> tuple[Vectors, Labels]:
    return task.vectors[job.train_rows], job.labels


def _head(name: str, device: str) -> Callable[[Task], Probs]:
    def run(task: Task) -> Probs:
        model = MODELS.make(name)
        results = model.run(Embeddings(task.vectors), task.jobs, classes=task.classes, device=device, progress=silent)
        return _collected(task, [result.probs for result in results])

    return run


def _collected(task: Task, answers: Sequence[Probs]) -> Probs:
    """Mean over the repeats."""
    total = np.zeros((len(task.given), task.classes))
    for job, answer in zip(task.jobs, answers, strict=True):
        total[job.score_rows] += answer
    return total / total.sum(axis=1, keepdims=True)


def _quality(task: Task, probs: Probs) -> tuple[float, float, float]:
    """Log loss and accuracy on the labels as given, and AP of the switched ones."""
    own = probs[np.arange(len(task.given)), task.given]
    loss = float(-np.log(np.maximum(own, 1e-12)).mean())
    return loss, float((probs.argmax(axis=1) == task.given).mean()), average_precision_score(task.wrong, -own)


if __name__ == "__main__":
    main()
