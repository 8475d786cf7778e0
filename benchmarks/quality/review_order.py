"""What ranking the queue of a review anew after every 25 verdicts is worth: errors found, with and without.

    python benchmarks/quality/review_order.py [--data FOLDER] [--cache FOLDER] [--seeds 3] [--only WORDS] [--jobs 1]

A reviewer who is always right goes down the ranking of `rank_labels`, from the most suspect sample on, also beyond the
suspects. Once the ranking stays as it is, once it is made anew from the verdicts after every 25 of them, as a review
does (`methods/verdict_calibration.py`). Cases are those of `suspects.py`: labels that came with the data, published
probabilities, and errors planted in three ways; where truth is known for some samples only, only those are reviewed.
The spreads of that method were chosen on errors planted in digits, breast cancer and made-up tables with other seeds of
errors, folds and models; those two sets are therefore listed last, apart from all others.

Columns: samples, share of wrong labels, then for the first 100, 200 and 400 verdicts the errors found by the ranking as
it is, and how many more by the one made anew, the mean over seeds with half of its 95 % interval. The last lines are
means over rows, and the share of cases in which the range of the errors left (`methods/errors_left.py`) held their
true number after as many verdicts; published and partly verified sets are as they are, too.
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
from suspect_cases import case_of, plans
from suspect_sets import bundled_sets, folder_sets, published_sets
from threadpoolctl import threadpool_limits

import dataclinic
from dataclinic.judgement import Estimate
from dataclinic.methods.errors_left import errors_left
from dataclinic.methods.verdict_calibration import Candidates, verdict_calibration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from suspect_cases import Plan

AT = (100, 200, 400)
EVERY = 25
SHARES = (0.03, 0.08, 0.2)
GROUPS = ("given with the data", "published", "planted", "planted in sets that settings were chosen on")
CHOSEN_ON = ("digits", "breast cancer")
OFFSET = 100
"""Added to the seeds of planted errors: settings were chosen with 0 and 1."""


@dataclass(frozen=True)
class Found:
    """Errors among the first verdicts, as many as `AT` says, by the ranking as it is and by the one made anew.

    `held` is 1 where the range of the errors left then held their true number, NaN where no sample was left.
    """

    samples: int
    wrong: float
    fixed: tuple[int, ...]
    anew: tuple[int, ...]
    held: tuple[float, ...]


def main() -> None:
    arguments = _arguments()
    print(f"{os.cpu_count()} cores, scikit-learn {version('scikit-learn')}, {arguments.seeds} seeds")
    with tempfile.TemporaryDirectory() as folder:
        chosen = sorted(_plans(arguments), key=lambda plan: GROUPS.index(_group(plan)))
        results = Parallel(n_jobs=arguments.jobs, return_as="generator")(
            delayed(_found)(plan, arguments.data, arguments.cache or Path(folder)) for plan in chosen
        )
        pairs = list(_rows(chosen, results))
    for group in GROUPS:
        gains = np.array([gain for name, gain, _ in pairs if name == group])
        if len(gains):
            held = np.nanmean([share for name, _, share in pairs if name == group], axis=0)
            print(f"\n{group}, {len(gains)} rows: " + "; ".join(_mean_told(gains, place) for place in range(len(AT))))
            print(f"errors left are in their range in {', '.join(f'{share:.0%}' for share in held)} of the cases")


def _rows(chosen: Sequence[Plan], results: Iterator[Found]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Prints a row a case; gives its group, its mean gain and how often the range held, at each of `AT`."""
    before = ""
    cases = groupby(zip(chosen, results, strict=True), key=lambda pair: (pair[0].source, pair[0].noise))
    for _, pairs in cases:
        same, found = zip(*pairs, strict=True)
        group = _group(same[0])
        if group != before:
            before = group
            print(f"\n{group.capitalize()}\n")
            _print_cells(["data", "noise", "samples", "wrong", *(f"first {count} | anew" for count in AT)])
            print("|---" * (4 + 2 * len(AT)) + "|")
        fixed, anew = (np.array([getattr(one, name) for one in found], float) for name in ("fixed", "anew"))
        gains = anew - fixed
        cells = [f"{fixed[:, place].mean():.1f} | {_told(gains[:, place])}" for place in range(len(AT))]
        wrong = np.mean([one.wrong for one in found])
        _print_cells([same[0].source.name, same[0].noise, f"{found[0].samples:,}", f"{wrong:.1%}", *cells])
        yield group, gains.mean(axis=0), np.mean([one.held for one in found], axis=0)


def _found(plan: Plan, data: Path | None, kept: Path) -> Found:
    with threadpool_limits(1):
        case = case_of(plan, data, kept)
        ranking = dataclinic.rank_labels(case.labels, case.probs, vectors=case.vectors, seed=plan.seed)
        suspicion = ranking["suspicion"].to_numpy()
        signals = ranking[[name for name in ranking if name.startswith("signal_")]].to_numpy(np.float64)
        candidates = Candidates.of(
            ranking["probability"].to_numpy(),
            np.column_stack([signals, suspicion]),
            case.labels,
            ranking["suggested_label"].to_numpy(np.int64),
        )
        wrong = case.labels != case.truth
        place = np.argsort(np.argsort(-suspicion, kind="stable"), kind="stable")
        fixed = np.argsort(np.where(case.known, place, len(place)))[: min(max(AT), case.known.sum())]
        before = Estimate(**ranking.attrs["errors"])
        anew, held = _reviewed(candidates, place, wrong, case.known, before)
    return Found(int(case.known.sum()), float(case.wrong.mean()), _counts(wrong[fixed]), _counts(wrong[anew]), held)


def _reviewed(
    candidates: Candidates, place: np.ndarray, wrong: np.ndarray, known: np.ndarray, before: Estimate
) -> tuple[np.ndarray, tuple[float, ...]]:
    """Rows in the order in which they are reviewed, up to the last of `AT`, and `Found.held`."""
    undecided, seen = known.copy(), np.zeros(0, np.int64)
    order, held = np.argsort(place), []
    share = known.mean()
    of_known = Estimate(before.value * share, before.low * share, before.high * share)
    while len(seen) < max(AT) and undecided.any():
        following = order[undecided[order]][:EVERY]
        seen = np.concatenate([seen, following])
        undecided[following] = False
        probability = verdict_calibration(candidates, seen, wrong[seen])
        order = np.lexsort((place, -probability))
        if len(seen) in AT:
            left = errors_left(probability[undecided], of_known, int(wrong[seen].sum()))
            held.append(float(left.low - 0.5 <= wrong[undecided].sum() <= left.high + 0.5))
    return seen, (*held, *[np.nan] * (len(AT) - len(held)))


def _counts(wrong: np.ndarray) -> tuple[int, ...]:
    return tuple(int(wrong[:count].sum()) for count in AT)


def _plans(arguments: argparse.Namespace) -> Iterator[Plan]:
    from dataclasses import replace

    sources = bundled_sets()
    if arguments.data:
        sources += (*folder_sets(), *published_sets())
    for source in sources:
        for plan in plans(source, arguments.seeds, SHARES, other_models=False):
            moved = replace(plan, seed=plan.seed + OFFSET) if "planted" in plan.group else plan
            if arguments.only in f"{_group(moved)}: {source.name}, {moved.noise}":
                yield moved


def _group(plan: Plan) -> str:
    return GROUPS[3] if plan.source.name in CHOSEN_ON else plan.group


def _told(gains: np.ndarray) -> str:
    """+3.0 ± 1.2."""
    if len(gains) == 1:
        return f"{gains.mean():+.1f}"
    return f"{gains.mean():+.1f} ± {t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains)):.1f}"


def _mean_told(gains: np.ndarray, place: int) -> str:
    fewer = int((gains[:, place] < -0.5).sum())
    return f"first {AT[place]}: {_told(gains[:, place])}, fewer in {fewer}, lowest {gains[:, place].min():+.1f}"


def _print_cells(cells: Sequence[str]) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with images/, probs/, tabular/ and text/")
    parser.add_argument("--cache", type=Path, help="where cases are kept; a temporary folder unless given")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", help="rows whose 'group: data, noise' holds this")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
