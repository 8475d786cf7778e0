"""How good the label-error detector is, beside cleanlab on the same out-of-fold probabilities.

    python benchmarks/quality/suspects.py [--data FOLDER] [--cache FOLDER] [--seeds 3] [--only WORDS] [--fast]
        [--without-vectors] [--jobs 1]

Each row is a data set, a model family and a kind of label noise, the mean over seeds: for planted errors another draw
of errors, folds and model, for labels that came with the data another draw of folds and model. `rank_labels` and
cleanlab are given the same labels and probabilities; `rank_labels` also has the vectors the model saw, unless
`--without-vectors`. The sets are scikit-learn's, and with `--data` those of `suspect_sets.py`; how errors are planted
stands in `suspect_cases.py`. Cases and cleanlab's flags are kept in the folder `--cache` for the next run.

Columns: share of wrong labels; average precision (AP) of the ranking, of cleanlab's best ranking of five, chosen with
hindsight for each row, and their difference with half of its 95 % interval (over seeds where errors were planted, over
resampled samples elsewhere); F1 of the flags, of cleanlab's default filter, of its filter `both`, and of its best one
of seven with hindsight; the predicted precision of what is flagged (mean probability) and the true one; the estimated
share of errors and how often its interval holds the true one; the share that is flagged, and that cleanlab's default
flags; seconds of `rank_labels`. Where truth is known for some samples only, AP, F1 and precision are over those.

The goals are counted over rows, except for those that people judged only where a detector had flagged them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import t
from suspect_cases import SHARES, plans
from suspect_scores import FILTERS, RANKINGS, Score, score_of
from suspect_sets import bundled_sets, folder_sets, judged_sets, published_sets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from suspect_cases import Plan

GROUPS = ("given with the data", "planted", "planted, other models", "published", "judged")
COLUMNS = (
    "data, noise, wrong, AP, cleanlab best, difference, F1, cleanlab, both, best, predicted precision, true, "
    "estimated wrong, held, flagged, cleanlab, s"
)
FAST_SHARES = (0.0, 0.08, 0.4)
WORST_SHOWN = 8


@dataclass(frozen=True)
class Row:
    """The scores of one case over its seeds."""

    plan: Plan
    scores: tuple[Score, ...]

    @property
    def name(self) -> str:
        model = "" if self.plan.model == "logistic" else f", {self.plan.model}"
        return f"{self.plan.source.name}{model}"

    @property
    def clean(self) -> bool:
        return self.plan.kind == "clean"

    def mean(self, name: str) -> float:
        values = [getattr(score, name) for score in self.scores]
        return float(np.nanmean(values)) if not np.all(np.isnan(values)) else np.nan

    @property
    def best_ranking(self) -> str:
        return max(RANKINGS, key=lambda name: np.mean([score.peer_ap[name] for score in self.scores]))

    def peer_f1(self, name: str) -> float:
        return float(np.mean([score.peer_f1[name] for score in self.scores]))

    @property
    def best_f1(self) -> float:
        return max(map(self.peer_f1, FILTERS))

    @property
    def ap_differences(self) -> np.ndarray:
        best = self.best_ranking
        return np.array([score.ap - score.peer_ap[best] for score in self.scores])

    @property
    def ap_gain(self) -> float:
        return float(self.ap_differences.mean())

    @property
    def f1_gain(self) -> float:
        return self.mean("f1") - self.peer_f1(FILTERS[0])

    @property
    def precision_error(self) -> float:
        """Mean over seeds of how far the predicted precision is from the true one."""
        errors = [abs(score.predicted_precision - score.precision) for score in self.scores]
        return float(np.nanmean(errors)) if not np.all(np.isnan(errors)) else np.nan

    @property
    def half_width(self) -> float:
        if "planted" not in self.plan.group:
            return 1.96 * self.mean("ap_error")
        count = len(self.scores)
        if count == 1:
            return np.nan
        return float(t.ppf(0.975, count - 1) * self.ap_differences.std(ddof=1) / np.sqrt(count))

    @property
    def held(self) -> float:
        return float(np.mean([score.low <= score.wrong <= score.high for score in self.scores]))


@dataclass(frozen=True)
class Goal:
    """What is asked for: `told` says how it stands over some rows, `met` whether; the lowest `quality` is worst."""

    name: str
    counted: Callable[[Row], bool]
    told: Callable[[Sequence[Row]], str]
    met: Callable[[Sequence[Row]], bool]
    quality: Callable[[Row], float] | None = None


def main() -> None:
    arguments = _arguments()
    vectors = "without" if arguments.without_vectors else "with"
    print(
        f"{os.cpu_count()} cores, cleanlab {version('cleanlab')}, scikit-learn {version('scikit-learn')}, "
        f"{1 if arguments.fast else arguments.seeds} seeds, {vectors} vectors"
    )
    with tempfile.TemporaryDirectory() as folder:
        rows = _print_tables(arguments, arguments.cache or Path(folder))
    counted = [row for row in rows if row.plan.group != "judged"]
    if counted:
        _print_goals(counted)
        _print_worst(counted)


def _print_tables(arguments: argparse.Namespace, kept: Path) -> list[Row]:
    chosen = list(_plans(arguments))
    scores = Parallel(n_jobs=arguments.jobs, return_as="generator")(
        delayed(score_of)(plan, arguments.data, kept, with_vectors=not arguments.without_vectors) for plan in chosen
    )
    rows, group = [], ""
    cases = groupby(zip(chosen, scores, strict=True), key=lambda pair: (pair[0].source, pair[0].model, pair[0].noise))
    for _, pairs in cases:
        same, found = zip(*pairs, strict=True)
        if same[0].group != group:
            group = same[0].group
            _print_header(group.capitalize(), COLUMNS.split(", "))
        rows.append(Row(same[0], found))
        _print_cells(_cells(rows[-1]))
    return rows


def _plans(arguments: argparse.Namespace) -> Iterator[Plan]:
    sources = bundled_sets()
    if arguments.data:
        sources += (*folder_sets(), *published_sets(), *judged_sets())
    seeds, shares = (1, FAST_SHARES) if arguments.fast else (arguments.seeds, SHARES)
    every = [plan for source in sources for plan in plans(source, seeds, shares, other_models=not arguments.fast)]
    for plan in sorted(every, key=lambda plan: GROUPS.index(plan.group)):
        if arguments.only in f"{plan.group}: {plan.source.name}, {plan.model}, {plan.noise}":
            yield plan


def _cells(row: Row) -> list[str]:
    best = row.best_ranking
    return [
        row.name,
        row.plan.noise,
        f"{row.mean('wrong'):.1%}",
        _number(row.mean("ap")),
        f"{_number(np.mean([score.peer_ap[best] for score in row.scores]))}",
        "–" if np.isnan(row.ap_gain) else f"{row.ap_gain:+.3f} ± {_number(row.half_width)}",
        _number(row.mean("f1")),
        *(_number(row.peer_f1(name)) for name in FILTERS[:2]),
        _number(row.best_f1),
        _number(row.mean("predicted_precision")),
        _number(row.mean("precision")),
        f"{row.mean('estimated'):.1%} ({row.mean('low'):.1%} to {row.mean('high'):.1%})",
        "–" if row.plan.group == "judged" else f"{row.held:.0%}",
        f"{row.mean('flagged'):.2%}",
        f"{row.mean('peer_flagged'):.2%}",
        f"{row.mean('seconds'):.1f}",
    ]


def _goals() -> tuple[Goal, ...]:
    def noisy(row: Row) -> bool:
        return not row.clean

    def precise(limit: float, name: str, *, human: bool) -> Goal:
        return Goal(
            f"predicted precision off by at most {limit} on average, {name}",
            lambda row: noisy(row) and row.plan.human == human and not np.isnan(row.precision_error),
            lambda rows: f"{_mean(rows, 'precision_error'):.3f}",
            lambda rows: _mean(rows, "precision_error") <= limit,
            lambda row: -row.precision_error,
        )

    return (
        Goal(
            "AP at most .005 below cleanlab's best",
            noisy,
            lambda rows: f"{sum(row.ap_gain >= -0.005 for row in rows)} of {len(rows)}",
            lambda rows: all(row.ap_gain >= -0.005 for row in rows),
            lambda row: row.ap_gain,
        ),
        Goal(
            "AP above cleanlab's best on average",
            noisy,
            lambda rows: _gain(rows, "ap_gain"),
            lambda rows: _mean(rows, "ap_gain") > 0,
        ),
        Goal(
            "F1 above cleanlab's on 9 of 10 (equal ones in brackets)",
            noisy,
            lambda rows: (
                f"{sum(row.f1_gain > 0 for row in rows)} ({sum(row.f1_gain == 0 for row in rows)}) of {len(rows)}"
            ),
            lambda rows: sum(row.f1_gain > 0 for row in rows) >= 0.9 * len(rows),
            lambda row: row.f1_gain,
        ),
        Goal(
            "F1 .05 above cleanlab's on average",
            noisy,
            lambda rows: _gain(rows, "f1_gain"),
            lambda rows: _mean(rows, "f1_gain") >= 0.05,
        ),
        Goal(
            "F1 on published probabilities .88 on average",
            lambda row: row.plan.group == "published",
            lambda rows: f"{np.mean([row.mean('f1') for row in rows]):.3f}",
            lambda rows: np.mean([row.mean("f1") for row in rows]) >= 0.88,
            lambda row: row.mean("f1"),
        ),
        precise(0.08, "planted", human=False),
        precise(0.15, "human", human=True),
        Goal(
            "at most 0.5 % flagged on clean verified labels",
            lambda row: row.clean and row.plan.source.verified,
            lambda rows: (
                f"{sum(row.mean('flagged') <= 0.005 for row in rows)} of {len(rows)}, "
                f"mean {np.mean([row.mean('flagged') for row in rows]):.2%}"
            ),
            lambda rows: all(row.mean("flagged") <= 0.005 for row in rows),
            lambda row: -row.mean("flagged"),
        ),
        Goal(
            "the interval holds the true number of errors in 95 %",
            noisy,
            lambda rows: f"{_mean(rows, 'held'):.0%}",
            lambda rows: _mean(rows, "held") >= 0.95,
            lambda row: -abs(row.mean("estimated") - row.mean("wrong")),
        ),
    )


def _print_goals(rows: Sequence[Row]) -> None:
    groups = [group for group in GROUPS if any(row.plan.group == group for row in rows)]
    _print_header("Goals", ["goal", "met", "all", *groups])
    for goal in _goals():
        counted = [row for row in rows if goal.counted(row)]
        if counted:
            parts = [[row for row in counted if row.plan.group == group] for group in groups]
            met = "yes" if goal.met(counted) else "no"
            _print_cells([goal.name, met, goal.told(counted), *(goal.told(part) if part else "–" for part in parts)])


def _print_worst(rows: Sequence[Row]) -> None:
    _print_header("Worst rows", ["goal", "data", "noise", "value, lower is worse"])
    for goal in _goals():
        if goal.quality:
            for row in sorted(filter(goal.counted, rows), key=goal.quality)[:WORST_SHOWN]:
                _print_cells([goal.name, row.name, row.plan.noise, f"{goal.quality(row):+.3f}"])


def _gain(rows: Sequence[Row], name: str) -> str:
    """Mean over rows with half of its 95 % interval, as if rows were independent."""
    spread = np.std([getattr(row, name) for row in rows])
    return f"{_mean(rows, name):+.4f} ± {1.96 * spread / np.sqrt(len(rows)):.4f}"


def _mean(rows: Sequence[Row], name: str) -> float:
    return float(np.mean([getattr(row, name) for row in rows]))


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _print_header(title: str, columns: Sequence[str]) -> None:
    print(f"\n{title}\n")
    _print_cells(columns)
    print("|---" * len(columns) + "|")


def _print_cells(cells: Sequence[str]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with images/, probs/, label_errors/, tabular/ and text/")
    parser.add_argument("--cache", type=Path, help="where cases are kept; a temporary folder unless given")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose 'group: data, model, noise' holds this")
    parser.add_argument("--fast", action="store_true", help="one seed, three shares, logistic regression alone")
    parser.add_argument("--without-vectors", action="store_true", help="the detector sees what cleanlab sees")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
