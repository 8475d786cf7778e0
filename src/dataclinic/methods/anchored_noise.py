"""Noise that the models themselves have learnt, found at the samples they are surest of.

A flexible model that was trained on noisy labels says "60 % cat, 40 % dog" of every cat: its probabilities are right
about the labels, and the true class is hidden in them. At an anchor, a sample that is surely of class j, they equal
row j of the transition matrix (Liu & Tao, *Classification with noisy labels by importance reweighting*, TPAMI 38(3),
2016; Patrini et al., CVPR 2017, who take the 97th percentile). The true classes are then what, seen through that
matrix, gives the probabilities: p = c T, solved on the simplex by the multiplicative steps of Richardson (1972) and
Lucy (1974).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Labels

    Floats = NDArray[np.float64]

ANCHOR_PERCENTILE = 97.0
"""Of a class's probability among the samples that are put into it; that of Patrini et al."""

ANCHOR_SHARE = 0.1
"""Of the samples that are put into a class: the surest, whose mean says where its wrong labels go."""

DOUBT = 0.4
"""Standard deviation, in log-odds, of the errors of estimation of a probability; chosen by errors
planted in small sets."""

UPPER_IN_DEVIATIONS = 1.88
"""Where the 97th percentile of a normal distribution lies."""

FEWEST_ANCHORS = 3
STEPS = 30
"""Multiplicative steps; more of them sharpen what is noise of estimation."""


def anchored_transition(given: Floats, doubt: float = DOUBT) -> Floats:
    """(classes, classes) P(given k | true j), from calibrated P(given k | x), (samples, classes)."""
    classes = given.shape[1]
    likeliest = given.argmax(axis=1)
    transition = np.empty((classes, classes))
    for code in range(classes):
        rows = np.flatnonzero(likeliest == code)
        if len(rows) < FEWEST_ANCHORS:
            # few samples are put into it: those that come nearest must do
            most = max(FEWEST_ANCHORS, len(given) // (20 * classes))
            rows = np.argsort(-given[:, code], kind="stable")[:most]
        sure = given[rows, code]
        top = rows[np.argsort(-sure, kind="stable")[: max(FEWEST_ANCHORS, round(ANCHOR_SHARE * len(rows)))]]
        elsewhere = given[top].mean(axis=0) + 1e-9
        elsewhere[code] = 0
        kept = _kept(sure, doubt)
        transition[code] = (1 - kept) * elsewhere / elsewhere.sum()
        transition[code, code] = kept
    return transition


def _kept(sure: Floats, doubt: float) -> float:
    """Share of a class's labels that are right, from its probability among the samples put into it.

    Were all of them surely of the class, the probabilities would differ only by errors of estimation, and their median
    would be the share. The more they differ beyond that, the more of the samples are hard, and the nearer to the
    surest the share must lie.
    """
    odds = np.log(np.clip(sure, 1e-6, 1 - 1e-6) / np.clip(1 - sure, 1e-6, 1 - 1e-6))
    middle, upper = np.percentile(odds, [50, ANCHOR_PERCENTILE])
    beyond = max(0.0, (upper - middle) ** 2 - (UPPER_IN_DEVIATIONS * doubt) ** 2)
    return float(1 / (1 + np.exp(-(middle + np.sqrt(beyond)))))


def clean_posterior(given: Floats, transition: Floats) -> Floats:
    """(samples, classes) P(true class j | x) that, seen through `transition`, gives `given`, (samples, classes)."""
    clean = given.copy()
    for _ in range(STEPS):
        clean *= (given / np.maximum(clean @ transition, 1e-12)) @ transition.T
        clean /= clean.sum(axis=1, keepdims=True)
    return clean


def wrong_log_odds(clean: Floats, transition: Floats, labels: Labels) -> Floats:
    """(samples,) log-odds, in nats, that the true class is not the given one."""
    rows = np.arange(len(labels))
    blame = clean * transition[:, labels].T
    right = blame[rows, labels]
    blame[rows, labels] = 0
    return np.asarray(np.log(np.maximum(blame.sum(axis=1), 1e-12)) - np.log(np.maximum(right, 1e-12)))


def true_classes(clean: Floats, transition: Floats, labels: Labels) -> Floats:
    """(samples, classes) P(true class j | x, given label)."""
    blame = clean * transition[:, labels].T
    return np.asarray(blame / np.maximum(blame.sum(axis=1, keepdims=True), 1e-300))
