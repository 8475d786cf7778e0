"""What to add to log-probabilities so that the likeliest class does best by a metric that counts classes alike.

Coordinate search: one class's offset after another is set to what is best with the others as they are, which a sort
finds exactly, since a metric of decisions changes only where a row goes over to the class. Choosing one threshold so
is Fan & Lin, "A Study on Threshold Selection for Multi-label Classification", 2007, section 2; we have one offset a
class and rows that go to one class each. How far to trust the offsets is decided on rows that they were not chosen by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Scores

Counts: TypeAlias = "NDArray[np.int64]"

MOST_SWEEPS = 10
"""Passes over all classes; a search settles after two to five."""

ROUNDING = 1e-12
"""Metrics that differ by less are the same."""

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the offsets, from which the one is taken that does best on rows that they were not chosen by."""


class ClassMetric(Protocol):
    """What one class adds to a mean over classes, in [0, 1], from counts of its rows; arrays go together."""

    def __call__(self, hits: Counts, predicted: Counts, members: Counts) -> Scores: ...


def recall(hits: Counts, predicted: Counts, members: Counts) -> Scores:  # noqa: ARG001 - a ClassMetric
    """Mean over classes: balanced accuracy."""
    return np.asarray(hits / np.maximum(members, 1))


def f1(hits: Counts, predicted: Counts, members: Counts) -> Scores:
    """Mean over classes: macro F1."""
    return np.asarray(2 * hits / np.maximum(predicted + members, 1))


@dataclass(frozen=True)
class CheckedOffsets:
    """Offsets (classes,) as far as they are trusted; the metric of held-out rows without and with them."""

    offsets: Scores
    share: float
    before: float
    after: float


def checked_offsets(logs: Scores, labels: Labels, folds: Codes, metric: ClassMetric) -> CheckedOffsets:
    """Offsets chosen by all rows, times the share that does best where each fold is judged by offsets of the others.

    Args:
        logs: (rows, classes) log-probabilities of models that did not see the row.
        labels: (rows,) codes.
        folds: (rows,) fold numbers, at least two different ones.
        metric: whose mean over classes is to be large.
    """
    decided = np.empty((len(SHARES), len(labels)), np.int64)
    for fold in np.unique(folds):
        held = folds == fold
        offsets = fitted_offsets(logs[~held], labels[~held], metric)
        decided[:, held] = [(logs[held] + share * offsets).argmax(axis=1) for share in SHARES]
    reached = [class_mean(one, labels, logs.shape[1], metric) for one in decided]
    best = next(place for place, value in enumerate(reached) if value >= max(reached) - ROUNDING)
    offsets = SHARES[best] * fitted_offsets(logs, labels, metric)
    return CheckedOffsets(offsets, SHARES[best], reached[0], reached[best])


def fitted_offsets(logs: Scores, labels: Labels, metric: ClassMetric) -> Scores:
    """(classes,) offsets under which these very rows do best, as far as moves of one class reach; 0 for the largest.

    Args:
        logs: (rows, classes) log-probabilities.
        labels: (rows,) codes.
        metric: whose mean over classes is to be large.
    """
    members = np.bincount(labels, minlength=logs.shape[1])
    decision = _Decision.of(logs)
    offsets = np.zeros(logs.shape[1])
    for _ in range(MOST_SWEEPS):
        moved = False
        for code in np.flatnonzero(members).tolist():
            step = _best_step(decision, labels, code, members, metric)
            if step:
                decision.move(code, step)
                offsets[code] += step
                moved = True
        if not moved:
            break
    return np.where(members > 0, offsets - offsets[members.argmax()], 0.0)


def class_mean(decided: Labels, labels: Labels, classes: int, metric: ClassMetric) -> float:
    """Mean of the metric over the classes that have rows, for decisions (rows,)."""
    members = np.bincount(labels, minlength=classes)
    hits = np.bincount(labels[decided == labels], minlength=classes)
    values = metric(hits, np.bincount(decided, minlength=classes), members)
    return float(values[members > 0].mean())


@dataclass(frozen=True)
class _Decision:
    """Log-probabilities with the offsets so far, and the two likeliest classes of each row; changed in place."""

    logs: Scores
    leaders: Labels  # (rows, 2)

    @classmethod
    def of(cls, logs: Scores) -> _Decision:
        return cls(logs.astype(np.float64), _leaders(logs))

    def rival(self, code: int) -> Labels:
        """(rows,) the likeliest other class."""
        return np.where(self.leaders[:, 0] == code, self.leaders[:, 1], self.leaders[:, 0])

    def move(self, code: int, step: float) -> None:
        self.logs[:, code] += step
        second = np.take_along_axis(self.logs, self.leaders[:, 1:], axis=1)[:, 0]
        changed = (self.leaders == code).any(axis=1) | (self.logs[:, code] > second)
        self.leaders[changed] = _leaders(self.logs[changed])


def _leaders(logs: Scores) -> Labels:
    """(rows, 2) codes of the likeliest class and the next."""
    return np.asarray(np.argsort(-logs, axis=1, kind="stable")[:, :2])


def _best_step(decision: _Decision, labels: Labels, code: int, members: Counts, metric: ClassMetric) -> float:
    """What to add to one class's offset; 0 where nothing is better than what it is."""
    rival = decision.rival(code)
    needed = np.take_along_axis(decision.logs, rival[:, None], axis=1)[:, 0] - decision.logs[:, code]
    order = np.argsort(needed, kind="stable")
    needed, rival, truth = needed[order], rival[order], labels[order]
    # place i: the first i rows have gone over to the class
    total = metric(_from_zero(truth == code), np.arange(len(labels) + 1), members[code])
    total = total + _from_zero(_taken(rival, rival == truth, members, metric))
    between = np.concatenate([needed[:1] - 1, (needed[1:] + needed[:-1]) / 2, needed[-1:] + 1])
    total[1:-1][needed[1:] == needed[:-1]] = -np.inf
    good = total >= total.max() - ROUNDING
    if good[np.searchsorted(needed, 0.0)]:
        return 0.0
    return float(between[good][np.abs(between[good]).argmin()])


def _taken(rival: Labels, lost: NDArray[np.bool_], members: Counts, metric: ClassMetric) -> Scores:
    """(rows,) what each row's rival gains in the metric when it goes, after those before it have gone."""
    predicted = np.bincount(rival, minlength=len(members))
    hits = np.bincount(rival[lost], minlength=len(members))
    by_rival = np.argsort(rival, kind="stable")
    of, hit = rival[by_rival], lost[by_rival]
    first = _from_zero(predicted)[:-1][of]
    gone, hits_gone = np.arange(len(of)) - first, _from_zero(hit)
    hits_gone = hits_gone[:-1] - hits_gone[first]
    before = metric(hits[of] - hits_gone, predicted[of] - gone, members[of])
    after = metric(hits[of] - hits_gone - hit, predicted[of] - gone - 1, members[of])
    gained = np.empty(len(of))
    gained[by_rival] = after - before
    return gained


def _from_zero(values: NDArray[Any]) -> NDArray[Any]:
    """Running sums, with 0 before the first."""
    return np.concatenate([[0], np.cumsum(values)])
