"""Everything that speaks for or against a label, in numbers that rise with suspicion.

Each signal is a function of the label that a sample is assumed to bear, all else as it is. So the same code says how
suspect the given labels look, and how suspect labels would look that are known to be wrong.

`noise_odds` and `fitted_odds` are log-odds of the label being wrong under the noise found at anchors and under that
fitted by maximum likelihood. `margin` is the log-probability of the likeliest other class less that of the label,
`model_margin` that of the models alone (Kuan & Mueller, *Model-agnostic label quality scoring*, 2022, compare such
scores), `neighbour_margin` that of the nearest neighbours' votes (Zhu, Dong & Liu 2022). `joint_margin` is the margin
after each class's probability is divided by its mean self-confidence, the threshold of the confident joint (Northcutt,
Jiang & Chuang 2021). `probability_gap` is the models' probability of the likeliest other class less that of the label.
`class_distance` is log distance to the nearest sample of the label less that to the nearest of another (Gröger et al.,
*SelfClean*, 2024). `disagreement` is the share of the repeats that prefer another class, `twins` the share of the
copies that bear another label.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.methods.anchored_noise import anchored_transition, clean_posterior, wrong_log_odds
from dataclinic.methods.neighbour_votes import neighbour_votes
from dataclinic.methods.noisy_posterior import NoisyPosterior, fit_noisy_posterior

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Probs

    Floats = NDArray[np.float64]

FLOOR = 1e-9
"""Probabilities below this are not told apart in margins."""

SMALLEST_DISTANCE = 1e-3
"""Cosine distances below this are not told apart: such samples are copies."""


@dataclass(frozen=True)
class Testimony:
    """What is known of samples besides their labels; `labels` are those that models and neighbours learned from.

    `probs` is (samples, classes), out of fold. `repeat_choices` is (repeats, samples), the likeliest class by each
    repeat, -1 where it did not score; None for fewer than two. `neighbours` are (samples, k) rows and cosine distances
    of the nearest others, rows -1 for none; None where there are no vectors. Samples of one of `groups` say nothing
    about each other. `twins` numbers sets of exact and near copies, `copies` those of exact ones alone, -1 for none.
    """

    probs: Probs
    labels: Labels
    repeat_choices: NDArray[np.int64] | None = None
    neighbours: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None
    groups: Codes | None = None
    twins: Codes | None = None
    copies: Codes | None = None
    seed: int = 0

    @property
    def classes(self) -> int:
        return int(self.probs.shape[1])

    def relearned(self, probs: Probs, labels: Labels) -> Testimony:
        """The same samples after models learned from other labels, once."""
        return replace(self, probs=probs, labels=labels, repeat_choices=None)

    @cached_property
    def votes(self) -> Probs | None:
        """(samples, classes) what the neighbours say, own group left out."""
        if self.neighbours is None:
            return None
        return neighbour_votes(*self.neighbours, self.labels, self.classes, self.groups)

    @cached_property
    def posterior(self) -> NoisyPosterior:
        members = [self.probs] if self.votes is None else [self.probs, self.votes]
        return fit_noisy_posterior(members, self.labels, seed=self.seed)

    @cached_property
    def transition(self) -> Floats:
        """(classes, classes) P(given k | true j), found at anchors."""
        return anchored_transition(self.posterior.given)

    @cached_property
    def clean(self) -> Floats:
        """(samples, classes) P(true class j | x) under `transition`."""
        return clean_posterior(self.posterior.given, self.transition)

    @cached_property
    def contradicted(self) -> Floats:
        """(samples,) probability of the label being wrong by what exact copies of the sample bear; 0 without such.

        Copies have one true class: P(class | all their labels) goes with what the sample looks like and with how often
        labels of that class are right. Copies that agree are no evidence: often the label was copied too.
        """
        wrong = np.zeros(len(self.labels))
        if self.copies is None:
            return wrong
        known = np.flatnonzero(self.copies >= 0)
        order = known[np.argsort(self.copies[known], kind="stable")]
        right = np.log(np.diagonal(self.transition))
        other = np.log(np.maximum(1 - np.diagonal(self.transition), FLOOR) / max(1, self.classes - 1))
        for rows in np.split(order, np.flatnonzero(np.diff(self.copies[order])) + 1):
            labels = self.labels[rows]
            if len(rows) < 2 or (labels == labels[0]).all():
                continue
            counts = np.bincount(labels, minlength=self.classes)
            odds = (
                np.log(np.maximum(self.clean[rows].mean(axis=0), FLOOR)) + counts * right + (len(rows) - counts) * other
            )
            shares = np.exp(odds - odds.max())
            wrong[rows] = 1 - shares[labels] / shares.sum()
        return wrong

    def signals(self, assumed: Labels) -> Mapping[str, Floats]:
        """By name (samples,) each, if the samples bore the labels `assumed`: (samples,) codes."""
        found = {
            "noise_odds": wrong_log_odds(self.clean, self.transition, assumed),
            "fitted_odds": wrong_log_odds(self.posterior.clean, self.posterior.transition, assumed),
            "margin": _margin(self.posterior.clean, assumed),
            "model_margin": _margin(self.probs, assumed),
            "joint_margin": _margin(self._above_thresholds, assumed),
            "probability_gap": _gap(self.probs, assumed),
        }
        if self.votes is not None:
            found["neighbour_margin"] = _margin(self.votes, assumed)
            found["class_distance"] = self._class_distance(assumed)
        if self.repeat_choices is not None:
            scored = self.repeat_choices >= 0
            other = scored & (self.repeat_choices != assumed)
            found["disagreement"] = other.sum(axis=0) / np.maximum(scored.sum(axis=0), 1)
        if self.twins is not None and (self.twins >= 0).any():
            found["twins"] = self._unlike_twins(assumed)
        return found

    @cached_property
    def _above_thresholds(self) -> Floats:
        given = self.posterior.given
        counts = np.bincount(self.labels, minlength=self.classes)
        own = np.bincount(self.labels, given[np.arange(len(given)), self.labels], minlength=self.classes)
        above = given / np.maximum(own / np.maximum(counts, 1), FLOOR)
        return np.asarray(above / above.sum(axis=1, keepdims=True))

    def _class_distance(self, assumed: Labels) -> Floats:
        assert self.neighbours is not None  # noqa: S101 - asked by the caller
        rows, distances = self.neighbours
        near = np.where(rows >= 0, distances, 2.0).astype(np.float64)
        if self.groups is not None:
            near = np.where(self.groups[rows] == self.groups[:, None], 2.0, near)
        alike = self.labels[rows] == assumed[:, None]
        same = np.where(alike, near, 2.0).min(axis=1, initial=2.0)
        other = np.where(alike, 2.0, near).min(axis=1, initial=2.0)
        return np.asarray(np.log(same + SMALLEST_DISTANCE) - np.log(other + SMALLEST_DISTANCE))

    def _unlike_twins(self, assumed: Labels) -> Floats:
        assert self.twins is not None  # noqa: S101 - asked by the caller
        known = self.twins >= 0
        sets = np.zeros((int(self.twins.max()) + 1, self.classes))
        np.add.at(sets, (self.twins[known], self.labels[known]), 1.0)
        rows = np.flatnonzero(known)
        votes = sets[self.twins[rows]]
        votes[np.arange(len(rows)), self.labels[rows]] -= 1
        unlike = np.zeros(len(self.labels))
        total = votes.sum(axis=1)
        unlike[rows] = (total - votes[np.arange(len(rows)), assumed[rows]]) / np.maximum(total, 1)
        return unlike


def _gap(probs: NDArray[np.floating], labels: Labels) -> Floats:
    """Probability of the likeliest other class less that of the label."""
    own = probs[np.arange(len(labels)), labels].astype(np.float64)
    others = probs.astype(np.float64)
    others[np.arange(len(labels)), labels] = -np.inf
    return np.asarray(others.max(axis=1) - own)


def _margin(probs: NDArray[np.floating], labels: Labels) -> Floats:
    """Log-probability of the likeliest other class less that of the label, in nats."""
    logs = np.log(np.clip(probs, FLOOR, 1.0).astype(np.float64))
    rows = np.arange(len(labels))
    own = logs[rows, labels].copy()
    logs[rows, labels] = -np.inf
    return np.asarray(logs.max(axis=1) - own)
