"""How often the 95 % interval of a gain holds the true gain, and how often a verdict is given where there is none.

    python benchmarks/quality/interval_coverage.py [--rows 300 1000] [--replicates 500] [--repeats 3] [--seed 0]

Each replicate is a fresh data set of four Gaussian classes, a fifth of whose labels were switched, cut by repeated
5-fold cross-validation. Its eight features are two views of four, with the same centres and noise of their own. Both
arms of a case are trained on every training part with numpy alone and scored on the labels as given, and `paired_gain`
gives interval and verdict for the gain in accuracy. The true gain is the expected one for training parts of that size:
0 by symmetry where the arms are equally good, else the mean over all replicates of what the same fits gain on 2,000
rows that no arm of that replicate saw (`±`: its standard error; in brackets where it only checks the symmetry).

Columns: coverage of the interval and of that of the naive paired t-test on the same differences (each ± a binomial
standard error), shares of "helps" and "hurts" verdicts by either, half the width of the interval, and the smallest
measurable gain, both in percentage points.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dataclinic.methods.fold_drawing import draw_folds, training_rows
from dataclinic.methods.paired_gain import paired_gain, verdict
from dataclinic.seeding import rng_for, seed_for
from dataclinic.testing.planted import gaussian_classes, switch_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Labels, Mask, Rows, Vectors
    from dataclinic.methods.paired_gain import PairedGain

CLASSES = 4
VIEW_DIMS = 4
APART = 1.5
SWITCHED = 0.2
POOL_ROWS = 50_000 * CLASSES
FRESH_ROWS = 2000
RIDGE = 1.0
FOLDS = 5


@dataclass(frozen=True)
class Sample:
    """Rows with the labels that a user has, and which of them were switched."""

    vectors: Vectors
    given: Labels
    switched: Mask

    def take(self, rows: Rows) -> Sample:
        return Sample(self.vectors[rows], self.given[rows], self.switched[rows])


Classifier: TypeAlias = Callable[[Sample, "Vectors"], "Labels"]
"""Trains on a sample, predicts codes of other vectors."""

Choice: TypeAlias = Callable[[Sample, np.random.Generator], "Rows"]
"""Which rows of a training part to train on."""

Arm: TypeAlias = Callable[[Sample, "Vectors", np.random.Generator], "Labels"]


@dataclass(frozen=True)
class Case:
    """Two arms; `equal` where no true gain can be, as exchanging them changes nothing but the draw."""

    name: str
    before: Arm
    after: Arm
    equal: bool


@dataclass(frozen=True)
class Replicate:
    """What one data set gave: the intervals, and the mean gain on fresh rows."""

    corrected: PairedGain
    naive: PairedGain
    fresh_gain: float


def main() -> None:
    arguments = _arguments()
    print(f"{os.cpu_count()} cores, numpy {version('numpy')}, {FOLDS} folds × {arguments.repeats} repeats")
    columns = "case, rows, replicates, true gain, coverage, naive coverage, helps, hurts, naive helps, naive hurts"
    print("| " + f"{columns}, half width, smallest measurable, s".replace(", ", " | ") + " |")
    print("|---" * 13 + "|")
    pool = _pool(arguments.seed)
    for case in _cases():
        for rows in arguments.rows:
            started = time.perf_counter()
            seeds = [seed_for(arguments.seed, "replicate", case.name, rows, one) for one in range(arguments.replicates)]
            replicates = [_replicate(case, pool, rows, arguments.repeats, seed) for seed in seeds]
            _print_row(case, rows, replicates, time.perf_counter() - started)


def _pool(seed: int) -> Sample:
    """One population for all replicates: the same centres, so that there is one true gain."""
    views, labels = gaussian_classes(2 * POOL_ROWS, CLASSES, dims=VIEW_DIMS, apart=APART, seed=seed)
    given, switched = switch_labels(labels[:POOL_ROWS], SWITCHED, classes=CLASSES, seed=seed)
    return Sample(np.concatenate(np.split(views, 2), axis=1), given, switched)


def _replicate(case: Case, pool: Sample, rows: int, repeats: int, seed: int) -> Replicate:
    drawn = rng_for(seed, "rows").choice(POOL_ROWS, size=rows + FRESH_ROWS, replace=False)
    data, fresh = pool.take(drawn[:rows]), pool.take(drawn[rows:])
    groups, usable = np.arange(rows), np.ones(rows, bool)
    fold_of = draw_folds(data.given, groups, usable, folds=FOLDS, repeats=repeats, seed=seed)
    gains = [
        _gains(
            case,
            data.take(training_rows(fold_of[repeat], fold, groups)),
            (data.take(np.flatnonzero(fold_of[repeat] == fold)), fresh),
            seed_for(seed, "arms", repeat, fold),
        )
        for repeat in range(repeats)
        for fold in range(FOLDS)
    ]
    own, on_fresh = 100 * np.array(gains).T
    return Replicate(
        paired_gain(own, 1 / (FOLDS - 1), resolution=100 * FOLDS / rows),
        paired_gain(own, 0.0),
        float(on_fresh.mean()),
    )


def _gains(case: Case, train: Sample, scored: tuple[Sample, ...], seed: int) -> list[float]:
    """Gain in accuracy of one fold, for each of the scored samples."""
    vectors = np.concatenate([sample.vectors for sample in scored])
    given = np.concatenate([sample.given for sample in scored])
    before = case.before(train, vectors, rng_for(seed, "before"))
    after = case.after(train, vectors, rng_for(seed, "after"))
    gained = (after == given).astype(np.float64) - (before == given)
    ends = np.cumsum([len(sample.given) for sample in scored])[:-1]
    return [float(part.mean()) for part in np.split(gained, ends)]


def _print_row(case: Case, rows: int, replicates: Sequence[Replicate], seconds: float) -> None:
    fresh = np.array([replicate.fresh_gain for replicate in replicates])
    truth = 0.0 if case.equal else float(fresh.mean())
    told = f"{fresh.mean():+.2f} ± {fresh.std(ddof=1) / np.sqrt(len(fresh)):.2f}"
    corrected = [replicate.corrected for replicate in replicates]
    naive = [replicate.naive for replicate in replicates]
    told = f"0 ({told})" if case.equal else told
    cells = [case.name, str(rows), str(len(replicates)), told, _coverage(corrected, truth), _coverage(naive, truth)]
    for gains in (corrected, naive):
        verdicts = [verdict(gain.mean, gain.p) for gain in gains]
        cells += [f"{verdicts.count(word) / len(verdicts):.1%}" for word in ("helps", "hurts")]
    cells.append(f"{np.mean([(gain.high - gain.low) / 2 for gain in corrected]):.2f}")
    cells.append(f"{np.mean([gain.smallest_measurable for gain in corrected]):.2f}")
    print("| " + " | ".join([*cells, f"{seconds:.0f}"]) + " |", flush=True)


def _coverage(gains: Sequence[PairedGain], truth: float) -> str:
    share = np.mean([gain.low <= truth <= gain.high for gain in gains])
    return f"{share:.1%} ± {np.sqrt(share * (1 - share) / len(gains)):.1%}"


def _cases() -> tuple[Case, ...]:
    tenth, third = _random_rows(0.9), _random_rows(2 / 3)
    return (
        Case("equal: ridge on either view", _view(0), _view(1), equal=True),
        Case("equal: ridge, another tenth of the rows dropped", _arm(_ridge, tenth), _arm(_ridge, tenth), equal=True),
        Case("equal: nearest neighbour, another tenth dropped", _arm(_near, tenth), _arm(_near, tenth), equal=True),
        Case("ridge, switched labels dropped", _arm(_ridge, _all_rows), _arm(_ridge, _right_rows), equal=False),
        Case(
            "nearest neighbour, switched labels dropped", _arm(_near, _all_rows), _arm(_near, _right_rows), equal=False
        ),
        Case("ridge, a third dropped at random", _arm(_ridge, _all_rows), _arm(_ridge, third), equal=False),
    )


def _view(which: int) -> Arm:
    def predict(train: Sample, vectors: Vectors, _rng: np.random.Generator) -> Labels:
        own = slice(which * VIEW_DIMS, (which + 1) * VIEW_DIMS)
        return _ridge(Sample(train.vectors[:, own], train.given, train.switched), vectors[:, own])

    return predict


def _arm(classifier: Classifier, choose: Choice) -> Arm:
    def predict(train: Sample, vectors: Vectors, rng: np.random.Generator) -> Labels:
        return classifier(train.take(choose(train, rng)), vectors)

    return predict


def _all_rows(train: Sample, _rng: np.random.Generator) -> Rows:
    return np.arange(len(train.given))


def _right_rows(train: Sample, _rng: np.random.Generator) -> Rows:
    return np.flatnonzero(~train.switched)


def _random_rows(share: float) -> Choice:
    def choose(train: Sample, rng: np.random.Generator) -> Rows:
        return np.sort(rng.permutation(len(train.given))[: round(share * len(train.given))])

    return choose


def _ridge(train: Sample, vectors: Vectors) -> Labels:
    """Class with the largest score of a ridge regression on one-hot labels."""
    X = np.concatenate([train.vectors, np.ones((len(train.vectors), 1))], axis=1, dtype=np.float64)
    targets = np.eye(CLASSES)[train.given]
    weights = np.linalg.solve(X.T @ X + RIDGE * np.eye(X.shape[1]), X.T @ targets)
    return np.argmax(vectors @ weights[:-1] + weights[-1], axis=1)


def _near(train: Sample, vectors: Vectors) -> Labels:
    """Class of the nearest row."""
    farness = np.square(train.vectors).sum(axis=1) - 2 * vectors @ train.vectors.T
    return train.given[np.argmin(farness, axis=1)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[300, 1000])
    parser.add_argument("--replicates", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
