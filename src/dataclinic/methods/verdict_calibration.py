"""Probabilities of being wrong after a person's verdicts: those of before, corrected as far as the verdicts ask for it.

A logistic regression with the log-odds of before as an offset: log-odds = before + a + w · signals + u[given class] +
v[given, suggested], fitted to the verdicts by penalised likelihood (maximum a posteriori) with a normal prior of mean 0
on every term. Without verdicts nothing changes; a term moves as far as verdicts outweigh its prior. The terms for
classes and pairs are random effects: A. Gelman, J. Hill: Data analysis using regression and multilevel/hierarchical
models. Cambridge University Press 2007, chapter 14. A log-odds offset with few free terms is how scores are usually
calibrated anew: J. Platt: Probabilistic outputs for support vector machines. Advances in large margin classifiers 1999.
Newton steps with halving.

The four spreads of the prior were chosen on errors planted in scikit-learn's digits and breast cancer and in made-up
tables (uniform, class-dependent and nearest-class errors of 3 to 40 %), by how many errors the first 50 to 400 verdicts
found and by how many errors were then said to be left. A vote of reviewed neighbours found no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array, hstack
from scipy.special import expit, logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dataclinic.arrays import Codes, Labels, Mask, Rows, Scores

    Floats = NDArray[np.float64]

LEVEL_SPREAD = 0.7
"""Standard deviation, in log-odds, by which all probabilities may be off."""

SIGNAL_SPREAD = 0.5
"""Of the weight of each signal, whose own standard deviation is 1."""

CLASS_SPREAD = 0.25
"""By which labels of one class may be more often wrong than said."""

PAIR_SPREAD = 0.5
"""By which samples of one class that look like a certain other one may be more often wrong than said."""

MOST_LOG_ODDS = 8.0
"""Before; a model that is surer than 3,000 to 1 would let no verdict correct it."""

MOST_DEVIATIONS = 4.0
"""At which signals are cut: they have long tails."""

MOST_LEVELS = 400
"""Classes, and pairs, with a term of their own: those with the most verdicts. It bounds the cost."""

MOST_STEPS = 50
ENOUGH = 1e-9
"""Gain of a step below which the fit has arrived."""


@dataclass(frozen=True)
class Candidates:
    """What is known of samples before any verdict; arrays are (samples, …).

    `log_odds` of being wrong are NaN where nobody judged the sample, `signals` are scaled, `given` and `pair` number
    the given class and the pair of the given and the suggested one.
    """

    log_odds: Scores
    signals: Floats
    given: Labels
    pair: Codes

    @classmethod
    def of(cls, probability: Scores, signals: Floats, given: Labels, suggested: Labels) -> Candidates:
        """Scaled and cut; `signals` is (samples, signals) on any scale, where NaN says nothing."""
        kept = np.clip(probability, expit(-MOST_LOG_ODDS), expit(MOST_LOG_ODDS))
        classes = int(max(suggested.max(initial=0), given.max(initial=0))) + 2
        return cls(logit(kept), _scaled(signals), given, given * classes + suggested + 1)


def verdict_calibration(candidates: Candidates, rows: Rows, wrong: Mask) -> Scores:
    """(samples,) probabilities of being wrong after verdicts on some of them, NaN where there were none before.

    Samples that were not judged are passed over. The cost is linear in samples; a million take half a second.

    Args:
        candidates: all samples.
        rows: (verdicts,) those with a verdict, each once.
        wrong: (verdicts,) whether the given label is wrong.
    """
    known = ~np.isnan(candidates.log_odds[rows])
    rows, wrong = rows[known], wrong[known]
    given, pair = _Term.of(candidates.given, rows, CLASS_SPREAD), _Term.of(candidates.pair, rows, PAIR_SPREAD)
    dense = np.column_stack([np.ones(len(rows)), candidates.signals[rows]])
    design = csr_array(hstack([csr_array(dense), given.columns(rows), pair.columns(rows)]))
    signals = candidates.signals.shape[1]
    spreads = np.concatenate(
        [[LEVEL_SPREAD], np.full(signals, SIGNAL_SPREAD), given.spreads(), pair.spreads()], dtype=np.float64
    )
    weights = _fitted(design, candidates.log_odds[rows], wrong.astype(np.float64), spreads)
    level, by_signal, by_class, by_pair = np.split(weights, np.cumsum([1, signals, len(given.levels)]))
    correction = level + candidates.signals @ by_signal + given.effect(by_class) + pair.effect(by_pair)
    return np.asarray(expit(candidates.log_odds + correction))


@dataclass(frozen=True)
class _Term:
    """A factor with an effect a level; `codes` is (samples,), `levels` those with verdicts, in order."""

    codes: Codes
    levels: Codes
    spread: float

    @classmethod
    def of(cls, codes: Codes, rows: Rows, spread: float) -> _Term:
        levels, counts = np.unique(codes[rows], return_counts=True)
        most = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
        return cls(codes, np.sort(levels[most]), spread)

    def spreads(self) -> Floats:
        return np.full(len(self.levels), self.spread)

    def columns(self, rows: Rows) -> csr_array:
        """(rows, levels) 1 where the sample is of the level."""
        places, found = self.places(self.codes[rows])
        at = np.flatnonzero(found)
        return csr_array((np.ones(len(at)), (at, places[at])), shape=(len(rows), len(self.levels)))

    def effect(self, weights: Floats) -> Floats:
        """(samples,) that of each one's level, 0 where the level has none."""
        places, found = self.places(self.codes)
        return np.append(weights, 0.0)[np.where(found, places, len(self.levels))]

    def places(self, codes: Codes) -> tuple[Codes, Mask]:
        places = np.minimum(np.searchsorted(self.levels, codes), max(len(self.levels) - 1, 0))
        found = self.levels[places] == codes if len(self.levels) else np.zeros(len(codes), bool)
        return places, found


def _scaled(signals: Floats) -> Floats:
    finite = np.isfinite(signals)
    kept = np.where(finite, signals, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        counts = np.maximum(finite.sum(axis=0), 1)
        middle = np.nansum(kept, axis=0) / counts
        spread = np.sqrt(np.nansum((kept - middle) ** 2, axis=0) / counts)
    away = np.nan_to_num((kept - middle) / np.where(spread > 0, spread, 1.0))
    return np.asarray(np.clip(away, -MOST_DEVIATIONS, MOST_DEVIATIONS))


def _fitted(design: csr_array, offset: Floats, wrong: Floats, spreads: Floats) -> Floats:
    """The weights of highest posterior density."""
    precision = 1 / spreads**2
    weights = np.zeros(len(spreads))

    def loss(at: Floats) -> float:
        log_odds = offset + design @ at
        return float(np.logaddexp(0, log_odds).sum() - wrong @ log_odds + 0.5 * precision @ at**2)

    reached = loss(weights)
    for _ in range(MOST_STEPS):
        slope, curvature = _derivatives(design, offset, wrong, precision, weights)
        step = np.linalg.solve(curvature, slope)
        while (tried := loss(weights - step)) > reached and np.abs(step).max() > ENOUGH:
            step /= 2
        gain = reached - tried
        if gain <= 0:
            break
        weights, reached = weights - step, tried
        if gain < ENOUGH:
            break
    return weights


def _derivatives(
    design: csr_array, offset: Floats, wrong: Floats, precision: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    said = expit(offset + design @ weights)
    slope = design.T @ (said - wrong) + precision * weights
    curvature = (design.T @ design.multiply((said * (1 - said))[:, None])).toarray() + np.diag(precision)
    return slope, curvature
