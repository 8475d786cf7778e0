"""Accuracy on the test split of a linear head that is trained on frozen vectors of the other pictures.

    python benchmarks/quality/linear_probe.py PICTURES.parquet --weights FILE

Vectors come from `timm_image` with FILE, the head is `linear_head` with its own settings: nothing is chosen by the
test split. The rows to compare with are the most frequent class, and `kmeans_patches`, which needs no weights.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path

import numpy as np
import pandas as pd
import timm
import torch

from dataclinic.dataset import Images
from dataclinic.device import resolve_device
from dataclinic.fits import FitJob
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS, MODELS


def main() -> None:
    given = _parser().parse_args()
    frame = pd.read_parquet(given.data, columns=[given.image, given.label, given.split])
    codes, classes = pd.factorize(frame[given.label], sort=True)
    test = (frame[given.split] == given.test).to_numpy()
    train_rows, test_rows = np.flatnonzero(~test), np.flatnonzero(test)
    device = resolve_device(given.device)
    print(f"{platform.machine()}, {os.cpu_count()} cores, device {device}")
    print(f"torch {torch.__version__}, timm {timm.__version__}")
    print(f"{len(train_rows):,} training and {len(test_rows):,} test pictures, {len(classes)} classes\n")
    print(f"{'vectors':52}{'dims':>6}{'test accuracy %':>17}{'± s.e.':>8}{'pictures/s':>12}")
    most = np.bincount(codes[train_rows]).argmax()
    _print_row("none: the most frequent class", 0, codes[test_rows] == most, 0)
    images = Images(tuple(frame[given.image]))
    for name, settings in (("kmeans_patches", {}), ("timm_image", {"weights": given.weights})):
        began = time.perf_counter()
        encoded = ENCODERS.make(name, settings).encode(images, device=device, seed=0, progress=silent)
        speed = len(images) / (time.perf_counter() - began)
        job = FitJob(train_rows, codes[train_rows], test_rows, seed=0)
        head = MODELS.make("linear_head")
        (result,) = head.run(encoded.features, [job], classes=len(classes), device=device, progress=silent)
        dims = encoded.features.vectors(train_rows).shape[1]
        _print_row(encoded.description, dims, result.probs.argmax(axis=1) == codes[test_rows], speed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="parquet file with pictures, labels and a split")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--image", default="image")
    parser.add_argument("--label", default="label")
    parser.add_argument("--split", default="split")
    parser.add_argument("--test", default="test", help="value of the split column that is held out")
    parser.add_argument("--device", default="auto")
    return parser


def _print_row(name: str, dims: int, right: np.ndarray, speed: float) -> None:
    accuracy = right.mean()
    error = np.sqrt(accuracy * (1 - accuracy) / len(right))
    print(f"{name[:51]:52}{dims:6}{100 * accuracy:17.1f}{100 * error:8.1f}{speed:12,.0f}", flush=True)


if __name__ == "__main__":
    main()
