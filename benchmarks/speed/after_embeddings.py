"""Times all training of an audit against the embedding of the same pictures, as a share.

    python benchmarks/speed/after_embeddings.py --weights FILE --data pictures.parquet
    python benchmarks/speed/after_embeddings.py --architecture mobilenetv3_large_100

Training is `linear_head` over 5 folds × 3 repeats of 50,000 × 1,024 vectors with 10 classes. Embedding is timed on
some pictures and reckoned for as many as there are vectors; see encoding.py for the same options.
"""

from __future__ import annotations

import os
import platform
import time
from typing import TYPE_CHECKING

import numpy as np
import timm
import torch
from encoding import network_of, parser, pictures
from sklearn.model_selection import StratifiedKFold

from dataclinic.device import resolve_device
from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.methods.frozen_network import encode_pictures
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.seeding import rng_for, seed_for

if TYPE_CHECKING:
    from dataclinic.arrays import Labels, Vectors


def main() -> None:
    options = parser()
    options.description = __doc__
    options.add_argument("--rows", type=int, default=50_000)
    options.add_argument("--dims", type=int, default=1_024)
    options.add_argument("--classes", type=int, default=10)
    options.add_argument("--folds", type=int, default=5)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--device", default="auto")
    given = options.parse_args()
    device = resolve_device(given.device)
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, device {device}")
    print(f"torch {torch.__version__}, timm {timm.__version__}")

    sources = pictures(given.data, given.column, given.pictures, (given.width, given.height))
    network = network_of(given.weights, given.architecture, device)
    speeds = []
    for _ in range(given.rounds):
        began = time.perf_counter()
        encode_pictures(network, sources, progress=silent)
        speeds.append(len(sources) / (time.perf_counter() - began))
    speed = float(np.median(speeds))
    embedding = given.rows / speed
    print(f"embedding: {speed:,.0f} pictures/s, so {embedding:,.0f} s for {given.rows:,}")

    vectors, labels = _encoded(given.rows, given.dims, given.classes)
    began = time.perf_counter()
    accuracy = _out_of_fold_accuracy(vectors, labels, given.folds, given.repeats, device)
    training = time.perf_counter() - began
    print(
        f"linear_head, {given.folds} folds × {given.repeats} repeats of {given.rows:,} × {given.dims}, "
        f"{given.classes} classes: {training:,.1f} s, accuracy {accuracy:.3f}"
    )
    print(f"share: {training / embedding:.1%} of embedding")


def _encoded(rows: int, dims: int, classes: int) -> tuple[Vectors, Labels]:
    """Classes that overlap, a few directions with most of the variance, and 8 % of the labels wrong."""
    rng = rng_for(0, "encoded")
    labels = rng.integers(0, classes, rows)
    deviation = (np.arange(1, dims + 1) ** -0.5).astype(np.float32)
    centres = 0.6 * deviation * rng.standard_normal((classes, dims), np.float32)
    vectors = centres[labels] + deviation * rng.standard_normal((rows, dims), np.float32)
    wrong = rng.random(rows) < 0.08
    labels[wrong] = rng.integers(0, classes, int(wrong.sum()))
    return vectors, labels


def _out_of_fold_accuracy(vectors: Vectors, labels: Labels, folds: int, repeats: int, device: str) -> float:
    jobs = [
        FitJob(train, labels[train], test, seed=0)
        for repeat in range(repeats)
        for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed_for(0, "split", repeat)).split(
            vectors, labels
        )
    ]
    classes = int(labels.max()) + 1
    results = MODELS.make("linear_head").run(Embeddings(vectors), jobs, classes=classes, device=device, progress=silent)
    right = [result.probs.argmax(axis=1) == labels[job.score_rows] for job, result in zip(jobs, results, strict=True)]
    return float(np.concatenate(right).mean())


if __name__ == "__main__":
    main()
