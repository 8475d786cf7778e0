"""Does tuning help? Default against tuned settings, on rows that the search never saw and their clean labels.

    python benchmarks/quality/tuning.py [--trials 20] [--seeds 3] [--models linear_head mlp_head]

Digits, wine and breast cancer of scikit-learn. Of each, a stratified half is tuned and trained on, with 8 % of its
labels switched to another class at random; the other half is scored, on its clean labels and on labels switched alike,
which is what the search can see. `promised` is the gain that inner cross-validation found for the best settings, the
other columns are what came of it. Loss is in nats, lower is better; a row is the mean over seeds, `worst` the gain of
the chosen settings in the seed where it is smallest (negative: they hurt), `always best` the loss without the rule that
keeps the default settings where the gain is within one standard error.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
import sklearn
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split

from dataclinic.features import Embeddings
from dataclinic.fits import FitJob
from dataclinic.progress import silent
from dataclinic.registry import MODELS
from dataclinic.search import Search
from dataclinic.seeding import seed_for
from dataclinic.steps.tune_model import tune_model
from dataclinic.testing.planted import switch_labels, table_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping

SETS = {"digits": load_digits, "wine": load_wine, "breast cancer": load_breast_cancer}
SWITCHED = 0.08
HELD_OUT = 0.5


@dataclass(frozen=True)
class Outcome:
    loss_default: float
    loss_tuned: float
    loss_best: float
    noisy_default: float
    noisy_tuned: float
    accuracy_default: float
    accuracy_tuned: float
    promised: float
    changed: bool
    seconds: float
    settings: Mapping[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--sampler", default="tpe")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--models", nargs="+", default=["linear_head", "mlp_head"])
    given = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, scikit-learn "
        f"{sklearn.__version__}, optuna {optuna.__version__}; {given.trials} trials ({given.sampler}), "
        f"{given.folds} inner folds, {given.seeds} seeds, {SWITCHED:.0%} of the training labels switched"
    )
    print(
        f"{'set':14}{'model':12}{'changed':>8}{'promised':>9} |{'switched: default':>18}{'tuned':>7} |"
        f"{'clean: default':>15}{'tuned':>7}{'worst':>7}{'always best':>12} |{'accuracy %: default':>20}{'tuned':>7} |"
        f"{'s/search':>9}"
    )
    for name in given.sets:
        for model in given.models:
            outcomes = []
            for seed in range(given.seeds):
                search = Search(given.sampler, given.trials, None, given.folds, seed)
                outcomes.append(_measure(name, model, search))
            _print_row(name, model, outcomes)


def _print_row(name: str, model: str, outcomes: list[Outcome]) -> None:
    def mean(field: str) -> float:
        return float(np.mean([getattr(outcome, field) for outcome in outcomes]))

    worst = min(outcome.loss_default - outcome.loss_tuned for outcome in outcomes)
    changed = f"{sum(outcome.changed for outcome in outcomes)}/{len(outcomes)}"
    print(
        f"{name:14}{model:12}{changed:>8}{mean('promised'):9.3f} |{mean('noisy_default'):18.3f}"
        f"{mean('noisy_tuned'):7.3f} |{mean('loss_default'):15.3f}{mean('loss_tuned'):7.3f}{worst:7.3f}"
        f"{mean('loss_best'):12.3f} |{100 * mean('accuracy_default'):20.1f}{100 * mean('accuracy_tuned'):7.1f} |"
        f"{mean('seconds'):9.1f}",
        flush=True,
    )
    for seed, outcome in enumerate(outcomes):
        print(f"    seed {seed}: {dict(outcome.settings) or 'default'}", flush=True)


def _measure(name: str, model: str, search: Search) -> Outcome:
    vectors, labels = SETS[name](return_X_y=True)
    vectors, labels = vectors.astype(np.float32), labels.astype(np.int64)
    rows = np.arange(len(labels))
    split = seed_for(search.seed, "benchmark split")
    train, test = train_test_split(rows, test_size=HELD_OUT, stratify=labels, random_state=split)
    classes = int(labels.max()) + 1
    given, _ = switch_labels(labels[train], SWITCHED, classes=classes, seed=search.seed)
    began = time.perf_counter()
    tuning = tune_model(
        table_dataset(vectors[train], given),
        Embeddings(vectors[train]),
        model,
        {},
        groups=np.arange(len(train)),
        usable=np.ones(len(train), bool),
        search=search,
        journal=None,
        device="cpu",
        progress=silent,
    )
    seconds = time.perf_counter() - began
    job = FitJob(train, given, test, seed=search.seed)
    noisy, _ = switch_labels(labels[test], SWITCHED, classes=classes, seed=search.seed + 1000)
    scores = {}
    for part in ("default", "chosen", "best"):
        settings = getattr(tuning, part).settings
        head = MODELS.make(model, settings)
        (fit,) = head.run(Embeddings(vectors), [job], classes=classes, device="cpu", progress=silent)  # type: ignore[attr-defined]
        probs = fit.probs.astype(np.float64)
        probs /= probs.sum(axis=1, keepdims=True)
        losses = [float(log_loss(truth, probs, labels=range(classes))) for truth in (labels[test], noisy)]
        scores[part] = *losses, float(accuracy_score(labels[test], probs.argmax(axis=1)))
    return Outcome(
        loss_default=scores["default"][0],
        loss_tuned=scores["chosen"][0],
        loss_best=scores["best"][0],
        noisy_default=scores["default"][1],
        noisy_tuned=scores["chosen"][1],
        accuracy_default=scores["default"][2],
        accuracy_tuned=scores["chosen"][2],
        promised=tuning.gain,
        changed=tuning.chosen is not tuning.default,
        seconds=seconds,
        settings=tuning.chosen.settings,
    )


if __name__ == "__main__":
    main()
