"""How good one ranking with its flags is for `suspects.py`, and what cleanlab makes of the same labels and probs."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.metrics import average_precision_score
from suspect_cases import case_name, case_of
from threadpoolctl import threadpool_limits

import dataclinic
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from suspect_cases import Case, Plan

    from dataclinic.arrays import Labels, Mask, Rows, Scores

RANKINGS = {
    "self_confidence": ("self_confidence", False),
    "normalized_margin": ("normalized_margin", False),
    "confidence_weighted_entropy": ("confidence_weighted_entropy", False),
    "adjusted self_confidence": ("self_confidence", True),
    "adjusted normalized_margin": ("normalized_margin", True),
}
FILTERS = (
    "prune_by_noise_rate",
    "both",
    "prune_by_class",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
)
"""All of cleanlab's; the first is its default."""

RESAMPLES = 100


@dataclass(frozen=True)
class Score:
    """One case judged by the detector and by cleanlab, over the samples whose truth is known; NaN where undefined.

    `ap` average precision of the ranking, `f1` of the flags; `peer_ap` and `peer_f1` those of cleanlab by ranking and
    filter. `ap_error` is the standard error, over resampled samples, of `ap` less the best of `peer_ap`. `flagged` is a
    share of all samples, `peer_flagged` that of cleanlab's default; `estimated`, `low` and `high` are the estimated
    errors as such a share.
    """

    wrong: float
    ap: float
    peer_ap: Mapping[str, float]
    ap_error: float
    f1: float
    peer_f1: Mapping[str, float]
    predicted_precision: float
    precision: float
    flagged: float
    peer_flagged: float
    estimated: float
    low: float
    high: float
    seconds: float


def score_of(plan: Plan, data: Path | None, kept: Path, *, with_vectors: bool) -> Score:
    """The detector's score on the case of a plan; cases and cleanlab's flags are kept in the folder `kept`."""
    with threadpool_limits(1):
        case = case_of(plan, data, kept)
        filters = _filters(case, kept / "peers" / f"{case_name(plan, data)}__cleanlab-{version('cleanlab')}.npz")
        return _score(case, filters, with_vectors=with_vectors)


def _score(case: Case, filters: Mapping[str, Mask], *, with_vectors: bool) -> Score:
    started = time.perf_counter()
    judged = dataclinic.rank_labels(case.labels, case.probs, vectors=case.vectors if with_vectors else None)
    seconds = time.perf_counter() - started
    known, wrong = case.known, case.wrong
    suspicion, flagged = judged["suspicion"].to_numpy()[known], judged["flagged"].to_numpy(bool)[known]
    peers = {name: _ranking(case, *way)[known] for name, way in RANKINGS.items()}
    peer_ap = {name: _ap(wrong, scores) for name, scores in peers.items()}
    errors = judged.attrs["errors"]
    return Score(
        wrong=float(wrong.mean()),
        ap=_ap(wrong, suspicion),
        peer_ap=peer_ap,
        ap_error=_difference_error(wrong, suspicion, peers[max(peer_ap, key=peer_ap.__getitem__)]),
        f1=_f1(wrong, flagged),
        peer_f1={name: _f1(wrong, mask[known]) for name, mask in filters.items()},
        predicted_precision=_mean(judged["probability"].to_numpy()[known][flagged]),
        precision=_mean(wrong[flagged]),
        flagged=float(judged["flagged"].mean()),
        peer_flagged=float(filters[FILTERS[0]].mean()),
        estimated=errors["value"] / len(judged),
        low=errors["low"] / len(judged),
        high=errors["high"] / len(judged),
        seconds=seconds,
    )


def _ranking(case: Case, method: str, adjusted: bool) -> Scores:
    return -get_label_quality_scores(case.labels, case.probs, method=method, adjust_pred_probs=adjusted)


def _filters(case: Case, path: Path) -> dict[str, Mask]:
    """(samples,) masks of what each of cleanlab's filters flags, kept at `path`."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        masks = {name: find_label_issues(case.labels, case.probs, filter_by=name, n_jobs=1) for name in FILTERS}
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            np.savez(file, **masks)
        Path(file.name).replace(path)
    with np.load(path) as arrays:
        return {name: arrays[name] for name in FILTERS}


def _ap(wrong: Mask, scores: Scores) -> float:
    return float(average_precision_score(wrong, scores)) if wrong.any() else np.nan


def _f1(wrong: Mask, flagged: Mask) -> float:
    return float(2 * (wrong & flagged).sum() / (wrong.sum() + flagged.sum())) if wrong.any() else np.nan


def _mean(values: Scores | Mask) -> float:
    return float(values.mean()) if len(values) else np.nan


def _difference_error(wrong: Mask, ours: Scores, theirs: Scores) -> float:
    """Standard error of the difference of two average precisions on the same samples, by the bootstrap."""
    if not wrong.any():
        return np.nan
    rng = rng_for(0, "resample")
    orders = [np.argsort(-scores, kind="stable") for scores in (ours, theirs)]
    ends = [_tie_ends(scores[order]) for scores, order in zip((ours, theirs), orders, strict=True)]
    differences = []
    for _ in range(RESAMPLES):
        counts = np.bincount(rng.integers(len(wrong), size=len(wrong)), minlength=len(wrong))
        first, second = (
            _weighted_ap(wrong[order], counts[order], last) for order, last in zip(orders, ends, strict=True)
        )
        differences.append(first - second)
    return float(np.nanstd(differences, ddof=1))


def _tie_ends(ordered: Scores) -> Rows:
    """Last place of each run of equal scores."""
    return np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)


def _weighted_ap(wrong: Mask, counts: Labels, ends: Rows) -> float:
    """Of samples in order of suspicion that count several times or not at all; tied ones are taken together."""
    found = np.cumsum(wrong * counts)[ends]
    precision = found / np.maximum(np.cumsum(counts)[ends], 1)
    return float((np.diff(found, prepend=0) * precision).sum() / found[-1]) if found[-1] else np.nan
