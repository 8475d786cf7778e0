"""What trials say where the answer is known: planted faults, human label noise, and clean data.

    python benchmarks/quality/trials.py planted [--seeds 3]
    python benchmarks/quality/trials.py clean [--trials 200]
    python benchmarks/quality/trials.py human --data FOLDER

planted: label flips in digits, imbalanced Gaussian classes, and a table with unit slips; for each the verdict of every
default arm. clean: trials on fresh draws of clean data; in how many anything "helps", which should be at most 5 %,
beside what a naive paired t-test over the same folds would have claimed. human: CIFAR-10N and Yoruba news, whose true
labels are known: the verdict on the labels as given beside the verdict on the true ones. No setting is chosen by these.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import ttest_1samp
from sklearn.datasets import load_digits

from dataclinic.dataset import Texts
from dataclinic.evidence import Measurements
from dataclinic.features import Embeddings
from dataclinic.progress import silent
from dataclinic.registry import ENCODERS, FIXES, MODELS
from dataclinic.steps.run_checks import DATA_FAULTS, run_checks
from dataclinic.steps.try_fixes import Bench, Learner, World, try_fixes
from dataclinic.steps.weigh_gains import weigh_gains
from dataclinic.testing.planted import gaussian_classes, switch_labels, table_dataset
from dataclinic.trials import UNTREATED, TrialPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataclinic.features import Features


def main() -> None:
    arguments = _arguments()
    if arguments.which == "clean":
        _clean(arguments.trials)
    elif arguments.which == "human":
        for name, world, model in _human(arguments.data):
            _show(name, world, model, "accuracy", 0)
    else:
        for seed in range(arguments.seeds):
            for name, world, model, metric in _planted(seed):
                _show(f"{name}, seed {seed}", world, model, metric, seed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=("planted", "clean", "human"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=200)
    return parser.parse_args()


def _show(name: str, world: World, model: str, metric: str, seed: int) -> None:
    started = time.perf_counter()
    tried = try_fixes(_bench(model), world, _fixes(), TrialPlan(seed=seed, metric=metric), silent)
    gains = weigh_gains(tried.scores, metric, tried.controls)
    print(f"\n{name}: {model}, {metric}, {len(world):,} samples, {time.perf_counter() - started:.0f} s")
    print("| arm | gain, labels as given | verdict | gain, true labels | verdict | at random |")
    print("|---|---|---|---|---|---|")
    for arm, gain in sorted(gains.items(), key=lambda entry: -entry[1].metrics[metric].gain):
        cells = [arm, *_cells(gain.metrics.get(metric)), *_cells(gain.trusted.get(metric))]
        cells.append("" if gain.control is None else f"{gain.control.gain:+.2f}")
        print(f"| {' | '.join(cells)} |", flush=True)
    print(f"no use: {', '.join(f'{arm} ({why.reason})' for arm, why in tried.declined.items())}")


def _cells(gain) -> tuple[str, str]:  # noqa: ANN001 - a Gain, or None
    if gain is None:
        return "", ""
    low, high = gain.interval
    return f"{gain.gain:+.2f} ({low:+.2f} to {high:+.2f})", gain.verdict


def _planted(seed: int) -> Iterator[tuple[str, World, str, str]]:
    pictures, digits = load_digits(return_X_y=True)
    flipped, _ = switch_labels(digits, 0.15, classes=10, seed=seed)
    yield "digits, 15 % of labels flipped", _world(pictures / 16, flipped, digits), "ridge_head", "accuracy"
    switched, _ = switch_labels(digits, 0.3, classes=10, seed=seed)
    pairs = np.where(switched == digits, digits, (digits + 1) % 10)
    yield (
        "digits, 30 % of labels flipped to the next class",
        _world(pictures / 16, pairs, digits),
        "ridge_head",
        "accuracy",
    )
    rows, labels, vectors = _imbalanced(seed)
    yield "Gaussian classes 40:8:2", _world(vectors[rows], labels[rows]), "ridge_head", "balanced_accuracy"
    yield "table with 3 % unit slips", _slipped(seed), "linear_head", "accuracy"


def _imbalanced(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    vectors, labels = gaussian_classes(6000, 3, dims=10, apart=1.5, seed=seed)
    rows = [np.flatnonzero(labels == code)[:size] for code, size in enumerate((2000, 400, 100))]
    return np.sort(np.concatenate(rows)), labels, vectors


def _slipped(seed: int) -> World:
    """Metres written as millimetres: 3 % of the cells of each column are 1000 times too large."""
    vectors, labels = gaussian_classes(1500, 3, dims=6, apart=2.0, seed=seed)
    rng = np.random.default_rng(seed)
    slipped = np.where(rng.random(vectors.shape) < 0.03, 1000 * vectors, vectors)
    world = _world(slipped, labels)
    frame = pd.DataFrame(slipped.astype(np.float64), columns=[f"size {column}" for column in range(6)])
    return replace(world, features=_encoded("raw_columns", replace(world.dataset.payload, frame=frame)))


def _clean(trials: int) -> None:
    helped, naive, arms = 0, 0, Counter()
    pictures, digits = load_digits(return_X_y=True)
    for number in range(trials):
        rng = np.random.default_rng(number)
        if number % 2:
            rows = rng.choice(len(digits), 500, replace=False)
            world = _world(pictures[rows] / 16, digits[rows])
        else:
            vectors, labels = gaussian_classes(500, 4, dims=12, apart=2.0, seed=number)
            world = _world(vectors, labels)
        tried = try_fixes(_bench("ridge_head"), world, _fixes(), TrialPlan(seed=number), silent)
        gains = weigh_gains(tried.scores, "accuracy", tried.controls)
        found = [arm for arm, gain in gains.items() if gain.metrics["accuracy"].verdict == "helps"]
        arms.update(found)
        helped += bool(found)
        naive += any(_naive_claim(tried.scores, arm) for arm in gains)
        if number % 20 == 19:
            print(f"{number + 1} trials: something helps in {helped}, by the naive t-test in {naive}; {dict(arms)}")


def _naive_claim(scores, arm: str) -> bool:  # noqa: ANN001 - of a trial
    """Whether a paired t-test over folds, taken as independent, calls a gain, as is common practice."""
    of = {(score.arm, score.repeat, score.fold): score.given["accuracy"] for score in scores}
    folds = [key[1:] for key in of if key[0] == arm]
    differences = np.array([of[arm, *fold] - of[UNTREATED, *fold] for fold in folds])
    return bool(differences.std() > 0 and differences.mean() > 0 and ttest_1samp(differences, 0).pvalue < 0.05)


def _human(data: Path) -> Iterator[tuple[str, World, str]]:
    frame = pd.read_parquet(data / "tabular" / "cifar10n_0_10k_mobilenet_pca64.parquet")
    vectors = frame.filter(regex=r"^f\d+$").to_numpy(np.float32)
    for noise in ("aggre_label", "random_label1", "worse_label"):
        given, clean = _coded(frame[noise], frame["clean_label"]), _coded(frame["clean_label"], frame[noise])
        yield f"CIFAR-10N {noise}", _world(vectors, given, clean), "ridge_head"
        yield f"CIFAR-10N {noise}", _world(vectors, given, clean), "linear_head"
    news = pd.read_parquet(data / "text" / "yoruba_news_distant.parquet")
    news = news[news["noisy_label"].notna() & news["true_label"].notna()].reset_index(drop=True)
    given, clean = (
        _coded(news[own], news[other]) for own, other in (("noisy_label", "true_label"), ("true_label", "noisy_label"))
    )
    world = _world(np.zeros((len(news), 1)), given, clean)
    payload = Texts(tuple(news["text"].astype(str)))
    yield "Yoruba news", replace(world, features=_encoded("tfidf", payload)), "ridge_head"


def _coded(labels: pd.Series, others: pd.Series) -> np.ndarray:
    """Codes by the classes that both columns have."""
    return pd.Categorical(labels, categories=sorted({*labels, *others})).codes.astype(np.int64)


def _world(vectors: np.ndarray, given: np.ndarray, truth: np.ndarray | None = None) -> World:
    rows, everyone = np.arange(len(given)), np.ones(len(given), bool)
    dataset = table_dataset(np.asarray(vectors, np.float32)[:, :1], given)
    measurements = Measurements({}, tuple(map(str, rows)))
    return World(dataset, Embeddings(np.asarray(vectors, np.float32)), rows, everyone, measurements, truth)


def _encoded(encoder: str, payload) -> Features:  # noqa: ANN001 - of any kind
    return ENCODERS.make(encoder).encode(payload, device="cpu", seed=0, progress=silent).features


def _bench(model: str) -> Bench:
    return Bench(Learner(model, MODELS.make(model), "cpu"), _examine, DATA_FAULTS)


def _examine(evidence, listens):  # noqa: ANN001, ANN202 - as steps.try_fixes has it
    return run_checks(evidence, only=listens, skip=(), settings={}, clock=time.perf_counter, progress=silent)


def _fixes() -> dict:
    names = [name for name in FIXES.ids() if FIXES.find(name).screened]
    return {name: FIXES.make(name) for name in names if "classification" in FIXES.find(name).tasks}


if __name__ == "__main__":
    main()
