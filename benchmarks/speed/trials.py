"""Time of all default trials beside scikit-learn's cross-validation of the untreated arm alone, in one run.

    python benchmarks/speed/trials.py [--rows 20000] [--dims 512] [--classes 10] [--threads 1] [--even] [--combine]

Vectors are made like those of an encoder, with variances that fall as 1 / rank in a turned space, or with --even of one
variance in all directions, where scikit-learn's optimiser has the least to do. Of the classes the largest has twice the
samples of the smallest, 1 % of the samples stand twice, 8 % of the labels are switched and all are verified, so that
every default arm for vectors has something to do. scikit-learn does 5 × 3 fits of logistic regression with its defaults
on standardised vectors (`cross_val_score`); ours does 3 repeats of 5 outer folds, nested: inner out-of-fold
predictions, checks, proposals, every default arm with its control, and gains.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from importlib.metadata import version

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dataclinic.evidence import Measurements
from dataclinic.features import Embeddings
from dataclinic.progress import silent
from dataclinic.registry import FIXES, MODELS
from dataclinic.seeding import rng_for
from dataclinic.steps.run_checks import DATA_FAULTS, run_checks
from dataclinic.steps.try_fixes import Arm, Bench, Learner, World, combine_fixes, try_fixes
from dataclinic.steps.weigh_gains import weigh_gains
from dataclinic.testing.planted import gaussian_classes, switch_labels, table_dataset
from dataclinic.trials import TrialPlan


def main() -> None:
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    make = _gaussian if arguments.even else _encoded
    vectors, labels, content = _samples(arguments.rows, *make(2 * arguments.rows, arguments.dims, arguments.classes))
    given, _ = switch_labels(labels, 0.08, classes=arguments.classes)
    print(f"{os.cpu_count()} cores, {arguments.threads} threads, torch {torch.__version__}")
    print(f"scikit-learn {version('scikit-learn')}; {arguments.rows} × {arguments.dims}, {arguments.classes} classes")
    with threadpool_limits(arguments.threads):
        theirs, accuracy = _scikit_learn(vectors, given)
        print(f"scikit-learn, untreated arm alone: {theirs:.1f} s, accuracy {accuracy:.4f}")
        world = _world(vectors, given, labels, content)
        bench = Bench(Learner("ridge_head", MODELS.make("ridge_head"), "cpu"), _examine, DATA_FAULTS)
        started = time.perf_counter()
        fixes = {name: FIXES.make(name) for name in FIXES.ids() if _default(name)}
        tried = try_fixes(bench, world, fixes, TrialPlan(), silent)
        gains = weigh_gains(tried.scores, "accuracy", tried.controls)
        ours = time.perf_counter() - started
        fits = Counter(score.arm for score in tried.scores)
        print(f"dataclinic, {len(fits)} arms × 15 folds, nested: {ours:.1f} s, ratio {theirs / ours:.2f}")
        for arm, gain in gains.items():
            found = gain.metrics["accuracy"]
            low, high = found.interval
            print(f"  {arm}: {found.gain:+.2f} pp ({low:+.2f} to {high:+.2f}), {found.verdict}")
        for arm, why in tried.declined.items():
            print(f"  {arm}: {why.reason}")
        if arguments.combine:
            started = time.perf_counter()
            arms = [Arm(name, {name: fixes[name]}) for name in gains]
            helping = [name for name in gains if gains[name].metrics["accuracy"].verdict == "helps"]
            combined = combine_fixes(bench, world, arms, helping or list(gains)[:2], TrialPlan(), silent)
            print(f"combination of {combined.fixes}: {time.perf_counter() - started:.1f} s more")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dims", type=int, default=512)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--even", action="store_true", help="one variance in all directions")
    parser.add_argument("--combine", action="store_true")
    return parser.parse_args()


def _scikit_learn(vectors: np.ndarray, given: np.ndarray) -> tuple[float, float]:
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=3, random_state=0)
    started = time.perf_counter()
    scores = cross_val_score(model, vectors, given, cv=folds)
    return time.perf_counter() - started, float(scores.mean())


def _gaussian(rows: int, dims: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    return gaussian_classes(rows, classes, dims=dims, apart=4.0)


def _encoded(rows: int, dims: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Standardised vectors whose classes differ a little in every direction of falling variance."""
    rng = rng_for(0, "encoded")
    labels = np.arange(rows) % classes
    deviation = np.arange(1, dims + 1) ** -0.5
    centres = 0.25 * deviation * rng.normal(size=(classes, dims))
    turned, _ = np.linalg.qr(rng.normal(size=(dims, dims)))
    mixed = (centres[labels] + deviation * rng.normal(size=(rows, dims))) @ turned
    return ((mixed - mixed.mean(axis=0)) / mixed.std(axis=0)).astype(np.float32), labels


def _samples(rows: int, vectors: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, labels, and a number for the content of each sample."""
    classes = int(labels.max()) + 1
    sizes = np.linspace(2, 1, classes)
    sizes = np.round(sizes * 0.99 * rows / sizes.sum()).astype(int)
    chosen = np.concatenate([np.flatnonzero(labels == code)[:size] for code, size in enumerate(sizes)])
    chosen = np.random.default_rng(0).permutation(np.concatenate([chosen, chosen[: rows - len(chosen)]]))
    return vectors[chosen], labels[chosen], chosen


def _world(vectors: np.ndarray, given: np.ndarray, labels: np.ndarray, content: np.ndarray) -> World:
    _, groups = np.unique(content, return_inverse=True)
    # A table of one column: checks that read columns do not apply to embeddings.
    dataset = table_dataset(vectors[:, :1], given)
    measurements = Measurements({}, tuple(map(str, content)))
    return World(dataset, Embeddings(vectors), groups, np.ones(len(given), bool), measurements, labels)


def _default(name: str) -> bool:
    fix = FIXES.find(name)
    return fix.screened and "classification" in fix.tasks


def _examine(evidence, listens):  # noqa: ANN001, ANN202 - as steps.try_fixes has it
    return run_checks(evidence, only=listens, skip=(), settings={}, clock=time.perf_counter, progress=silent)


if __name__ == "__main__":
    main()
