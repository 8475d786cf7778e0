"""What a network learns from scratch out of fold, and what that costs: CIFAR-10N, whose true labels are known.

    python benchmarks/quality/from_scratch.py --data cifar10n_train_40k.parquet [--label aggre_label] [--threads 2]

The file has a column `image` of encoded pictures, `clean_label`, and labels that people gave. With the clean labels,
five folds of the first 10,000 pictures are trained on the CPU; with a CUDA device also five folds of all of them, with
bfloat16 and channels_last and without both. With --label, training and folds see that column only: accuracy is still
that of the clean labels, and average precision (AP) says how well the wrong ones are found, by the out-of-fold loss of
the given label and by the area under the margin of the fits that trained on it.

Everything is the library's default but what a row's name says. Seconds are of all five folds, without decoding; CPU
seconds beside them tell a busy machine from a slow program.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import average_precision_score

from dataclinic.arrays import SMALLEST_PROB
from dataclinic.dataset import Images
from dataclinic.fits import FitJob
from dataclinic.methods.grouped_folds import grouped_folds
from dataclinic.methods.pooled_dynamics import pooled_dynamics
from dataclinic.registry import ENCODERS, MODELS
from dataclinic.seeding import rng_for, seed_for

FOLDS = 5
CPU_ROWS = 10_000
SLOWER = {"bfloat16": False, "channels_last": False}


@dataclass(frozen=True)
class Trial:
    """One row of the table."""

    name: str
    device: str
    rows: int
    settings: dict[str, Any] = field(default_factory=dict)


def main() -> None:
    arguments = _arguments()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    frame = pd.read_parquet(arguments.data, columns=list({"image", "clean_label", arguments.label}))
    print(f"{platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, torch {torch.__version__}")
    if torch.cuda.is_available():
        print(torch.cuda.get_device_name())
    print(MODELS.make("tiny_cnn").description)
    columns = ("run", "rows", "accuracy %", "worst fold", "wrong %", "AP loss", "AP margin")
    print("| " + " | ".join((*columns, "s", "CPU s", "peak GiB")) + " |")
    print("|---" * 10 + "|")
    for trial in _trials(len(frame), arguments):
        _print_row(trial, _measure(trial, frame.iloc[: trial.rows], arguments.label))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--label", default="clean_label")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--rows", type=int, default=CPU_ROWS, help="pictures of the run on the CPU")
    parser.add_argument("--only-cuda", action="store_true", help="leave out the run on the CPU")
    return parser.parse_args()


def _trials(rows: int, arguments: argparse.Namespace) -> list[Trial]:
    trials = [] if arguments.only_cuda else [Trial("CPU", "cpu", min(arguments.rows, rows))]
    if torch.cuda.is_available():
        trials.append(Trial("first use of CUDA", "cuda", min(arguments.rows, rows), {"epochs": 1}))
        trials.append(Trial("CUDA", "cuda", rows))
        trials.append(Trial("CUDA, float32, channels first", "cuda", rows, SLOWER))
    return trials


def _measure(trial: Trial, frame: pd.DataFrame, label: str) -> dict[str, float]:
    given, true = (frame[name].to_numpy(np.int64, copy=True) for name in (label, "clean_label"))
    images = Images(tuple(frame["image"]))
    features = ENCODERS.make("raw_pixels").encode(images, device=trial.device, seed=0, progress=_told).features
    folds = grouped_folds(given, np.arange(len(given)), FOLDS, rng_for(0, "folds"))
    jobs = [_job(given, folds, fold) for fold in range(FOLDS)]
    model = MODELS.make("tiny_cnn", trial.settings)
    if trial.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    began, began_cpu = time.perf_counter(), time.process_time()
    results = model.run(features, jobs, classes=int(given.max()) + 1, device=trial.device, progress=_told)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
    probs = np.empty((len(given), int(given.max()) + 1), np.float32)
    for job, result in zip(jobs, results, strict=True):
        probs[job.score_rows] = result.probs
    right = probs.argmax(axis=1) == true
    losses = -np.log(np.clip(probs[np.arange(len(given)), given], SMALLEST_PROB, 1))
    dynamics = pooled_dynamics(jobs, results, len(given))
    wrong = given != true
    found = {"accuracy": right.mean(), "worst": min(right[folds == fold].mean() for fold in range(FOLDS))}
    found |= {"wrong": wrong.mean(), "seconds": seconds, "cpu_seconds": cpu_seconds}
    found["peak"] = torch.cuda.max_memory_allocated() / 2**30 if trial.device == "cuda" else np.nan
    if wrong.any():
        found["loss"] = average_precision_score(wrong, losses)
        found["margin"] = np.nan if dynamics is None else average_precision_score(wrong, -dynamics.area_under_margin)
    return found


def _job(given: np.ndarray, folds: np.ndarray, fold: int) -> FitJob:
    train, held_out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
    return FitJob(train, given[train], held_out, seed_for(0, "fold", fold), score_labels=given[held_out])


def _told(step: str, done: int, total: int) -> None:
    if step.startswith("train"):
        print(f"{step}: {done} of {total}", flush=True)


def _print_row(trial: Trial, found: dict[str, float]) -> None:
    def cell(name: str, form: str) -> str:
        value = found.get(name, np.nan)
        return "–" if np.isnan(value) else format(value, form)

    cells = [trial.name, str(trial.rows), format(100 * found["accuracy"], ".2f"), format(100 * found["worst"], ".2f")]
    cells += [format(100 * found["wrong"], ".1f"), cell("loss", ".3f"), cell("margin", ".3f")]
    cells += [cell("seconds", ".0f"), cell("cpu_seconds", ".0f"), cell("peak", ".1f")]
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
