"""Judge labels: how probably each given one is wrong, by everything that models, neighbours and copies say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dataclinic.dataset import Table
from dataclinic.judgement import Estimate, Judgement
from dataclinic.methods.content_twins import content_sets
from dataclinic.methods.label_judgement import PlantedCopy, judge
from dataclinic.methods.label_signals import Testimony

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Mask, Rows, Scores
    from dataclinic.evidence import Evidence
    from dataclinic.fits import TrainingDynamics
    from dataclinic.predictions import OutOfFold


def judge_labels(
    evidence: Evidence,
    copies: Sequence[tuple[Labels, Mask, OutOfFold, TrainingDynamics | None]] = (),
    *,
    threshold: float = 0.5,
    seed: int = 0,
) -> Judgement:
    """Verdicts on all samples; of those that no model judged there is none.

    Args:
        evidence: has out-of-fold predictions; neighbours, near duplicates and dynamics speak where they are there.
        copies: (samples,) labels with planted errors, which they are, and what models say that were trained on them.
        threshold: probability of being wrong above which a label is flagged.
        seed: of errors that are planted in thought.
    """
    out_of_fold = evidence.out_of_fold
    assert out_of_fold is not None  # noqa: S101 - a classification has them
    rows = np.flatnonzero(out_of_fold.judged)
    given = evidence.dataset.labels
    present = np.unique(given[rows])
    if len(present) < 2:
        return _without_verdict(len(given), threshold)
    near = None if evidence.neighbours is None else evidence.neighbours.take(rows)
    testimony = Testimony(
        _probs(out_of_fold, rows, present),
        np.searchsorted(present, given[rows]),
        repeat_choices=_choices(out_of_fold.repeat_probs[:, rows][:, :, present]),
        neighbours=None if near is None else (near.rows, near.distances),
        groups=evidence.groups[rows],
        twins=None if evidence.near_duplicates is None else evidence.near_duplicates.sets[rows],
        copies=_copies(evidence, rows),
        seed=seed,
    )
    planted = [
        PlantedCopy(
            np.searchsorted(present, labels[rows]),
            wrong[rows] & predicted.judged[rows],
            _known(_probs(predicted, rows, present), testimony.probs),
            _extra(dynamics, rows),
        )
        for labels, wrong, predicted, dynamics in copies
    ]
    verdicts = judge(testimony, planted, _extra(evidence.dynamics, rows), threshold=threshold)
    return verdicts.placed(rows, len(given), present)


def _copies(evidence: Evidence, rows: Rows) -> NDArray[np.int64] | None:
    """Sets of equal content; None in tables, where rows of equal cells may well be different samples."""
    if evidence.measurements is None or isinstance(evidence.dataset.payload, Table):
        return None
    return content_sets(evidence.measurements.content)[rows]


def _probs(out_of_fold: OutOfFold, rows: Rows, present: Labels) -> NDArray[np.float32]:
    kept = out_of_fold.probs[rows][:, present].astype(np.float64)
    return np.asarray(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12), np.float32)


def _known(probs: NDArray[np.float32], otherwise: NDArray[np.float32]) -> NDArray[np.float32]:
    """`probs`, where the models of a copy did not judge a sample what the others say of it."""
    return np.where(np.isnan(probs), otherwise, probs)


def _choices(repeat_probs: NDArray[np.float32]) -> NDArray[np.int64] | None:
    """(repeats, samples) the likeliest class, -1 where not scored; None for a single repeat."""
    if len(repeat_probs) < 2:
        return None
    scored = ~np.isnan(repeat_probs[:, :, 0])
    return np.where(scored, np.nan_to_num(repeat_probs, nan=-1.0).argmax(axis=2), -1)


def _extra(dynamics: TrainingDynamics | None, rows: Rows) -> Mapping[str, Scores]:
    """What training tells of labels: a small area under the margin is suspicious (Pleiss et al., NeurIPS 2020)."""
    if dynamics is None:
        return {}
    against = -dynamics.area_under_margin[rows]
    known = ~np.isnan(against)
    if not known.any():
        return {}
    return {"area_under_margin": np.where(known, against, np.median(against[known]))}


def _without_verdict(samples: int, threshold: float) -> Judgement:
    nothing = np.full(samples, np.nan)
    return Judgement(
        suspicion=nothing,
        probability=nothing,
        flagged=np.zeros(samples, bool),
        suggested=np.zeros(samples, np.int64),
        suggested_probability=nothing,
        signals={},
        errors=Estimate(0.0, 0.0, 0.0),
        threshold=threshold,
        notes=("fewer than two classes were judged, so no label could be doubted",),
    )
