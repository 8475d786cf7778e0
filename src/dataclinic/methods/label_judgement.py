"""How probably each given label is wrong: signals, fused by planted errors, then calibrated.

1. Every signal is computed for the labels as given, and for copies of them in which known errors were planted.
2. A monotone fusion learns from the planted errors how much each signal counts: the suspicion, by which samples rank.
3. The probability of being wrong is that of the noise model, made to rise with the suspicion (isotonic regression), and
   believed as far as planted errors are found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import expit

from dataclinic.judgement import DetectionPower, Estimate, Judgement
from dataclinic.methods.anchored_noise import (
    anchored_transition,
    clean_posterior,
    true_classes,
    wrong_log_odds,
)
from dataclinic.methods.monotone_fusion import fusion_weights
from dataclinic.methods.planted_errors import switched_labels
from dataclinic.seeding import rng_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Mask, Probs, Scores
    from dataclinic.methods.label_signals import Testimony

    Floats = NDArray[np.float64]

PLANTINGS = 4
"""Times that every sample's label is switched in thought, its models and neighbours as they are."""

MOST_PLANTED = 20_000
"""Switched labels that are learned from; samples are drawn where there would be more."""

LEAST_DEVIATIONS = 2.0
"""By which models must know labels better than chance, or none is flagged."""

LITTLE_KNOWN = 0.3
"""Agreement beyond that, as a share of what is left to know, below which a note warns."""

LEAST_FOUND = 0.2
"""Share of found errors below which the upper end of the estimate rises no more: there is an end to all guessing."""

FEWEST_REFITTED = 50
"""Planted errors of refitted copies from which they are learned from too."""

FEW, MANY = 0.0, 0.75
"""Errors of estimation, as `anchored_noise.DOUBT`, that make the noise look smallest and largest within reason."""


@dataclass(frozen=True)
class PlantedCopy:
    """Labels with planted errors, and what models say that were trained on them; every array is (samples, …).

    `extra` are further signals of these labels, such as the area under the margin.
    """

    labels: Labels
    planted: Mask
    probs: Probs
    extra: Mapping[str, Scores] = field(default_factory=lambda: MappingProxyType({}))


def judge(
    testimony: Testimony,
    copies: Sequence[PlantedCopy] = (),
    extra: Mapping[str, Scores] = MappingProxyType({}),
    *,
    threshold: float = 0.5,
) -> Judgement:
    """Verdicts on the labels of `testimony`: two classes or more, all of them borne by some sample.

    Args:
        testimony: what is known of the samples.
        copies: with planted errors and refitted models; none means that errors are planted in thought alone.
        extra: (samples,) signals of the given labels besides those of `testimony`; they are only learned from where
            the copies have them too.
        threshold: probability above which a label is flagged.
    """
    labels = testimony.labels
    signals = {**testimony.signals(labels), **extra}
    believed = 1 - expit(signals["noise_odds"])
    learned = [name for name in signals if name not in extra or (copies and all(name in one.extra for one in copies))]
    in_thought = _planted_in_thought(testimony, believed)
    heard = [(copy, _signals_of(testimony, copy)) for copy in copies]
    refitted = _refitted(heard, believed)
    weights = _weights(signals, learned, believed, in_thought, refitted)
    observed = _fused(signals, weights)
    rising = _monotone(1 - believed, observed)
    # further signals are known of the errors planted in copies alone
    planted = in_thought if refitted is None or weights.keys() <= in_thought.signals.keys() else refitted
    found = _share_found(_fused(planted.signals, weights), planted.counts, observed, rising)
    known = _know_something(testimony)
    probability, notes = _if_known(testimony, _believed_by(rising, found))
    observed, probability = _raised(observed, probability, testimony.contradicted)
    suggested, share = _suggested(testimony)
    return Judgement(
        suspicion=_centred(observed, probability),
        probability=probability,
        flagged=probability > threshold,
        suggested=suggested,
        suggested_probability=probability * share,
        signals=signals,
        errors=_estimate(testimony, observed, probability, found) if known else _anything(probability),
        threshold=threshold,
        known=known,
        power=_power(heard, weights, believed, found, threshold) if known else None,
        notes=notes,
        weights=_shares(signals, weights),
    )


def judge_by_noise(testimony: Testimony, *, threshold: float = 0.5) -> Judgement:
    """Verdicts by the noise model alone, without planted errors: a tenth of the time, and nearly as good."""
    odds = wrong_log_odds(testimony.clean, testimony.transition, testimony.labels)
    probability, notes = _if_known(testimony, expit(odds))
    suggested, share = _suggested(testimony)
    known, wrong = _know_something(testimony), float(probability.sum())
    chance = 1.96 * float(np.sqrt((probability * (1 - probability)).sum()))
    return Judgement(
        suspicion=np.where(probability < expit(odds), np.minimum(odds, 0.0), odds),
        probability=probability,
        flagged=probability > threshold,
        suggested=suggested,
        suggested_probability=probability * share,
        signals={"noise_odds": odds},
        errors=Estimate(wrong, max(0.0, wrong - chance), min(float(len(odds)), wrong + chance))
        if known
        else _anything(probability),
        threshold=threshold,
        known=known,
        notes=notes,
        weights={"noise_odds": 1.0},
    )


@dataclass(frozen=True)
class _Planted:
    """Signals by name of labels that are known to be wrong, and how much each counts."""

    signals: Mapping[str, Floats]
    counts: Floats


def _planted_in_thought(testimony: Testimony, believed: Floats) -> _Planted:
    """Signals if single labels were switched: models that never saw a sample do not depend on its label."""
    rng = rng_for(testimony.seed, "plant in thought")
    samples = len(testimony.labels)
    drawn = rng.permutation(samples)[: max(1, MOST_PLANTED // PLANTINGS)]
    parts = []
    for _ in range(PLANTINGS):
        switched = switched_labels(testimony.labels, testimony.posterior.clean, rng)
        parts.append({name: values[drawn] for name, values in testimony.signals(switched).items()})
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return _Planted(joined, np.tile(believed[drawn], PLANTINGS))


def _weights(
    signals: Mapping[str, Floats],
    learned: Sequence[str],
    believed: Floats,
    in_thought: _Planted,
    refitted: _Planted | None,
) -> dict[str, float]:
    """By signal its weight in the suspicion; where planted errors tell nothing, noise odds and margin count alike."""
    sources = [refitted] if refitted is not None else []
    if all(name in in_thought.signals for name in learned):
        sources.append(in_thought)
    elif not sources:
        learned = [name for name in learned if name in in_thought.signals]
        sources.append(in_thought)
    rows = [np.column_stack([source.signals[name] for name in learned]) for source in sources]
    counts = [source.counts / max(source.counts.sum(), 1e-12) / len(sources) for source in sources]
    given = np.column_stack([signals[name] for name in learned])
    wrong = np.concatenate([np.ones(sum(map(len, rows))), np.zeros(len(given))])
    counted = np.concatenate([*counts, believed / max(believed.sum(), 1e-12)]) * len(given)
    found = fusion_weights(np.concatenate([*rows, given]), wrong, counted)
    if not found.any():
        return {"noise_odds": 0.5, "margin": 0.5}
    return {name: float(weight) for name, weight in zip(learned, found, strict=True) if weight > 0}


def _signals_of(testimony: Testimony, copy: PlantedCopy) -> dict[str, Floats]:
    """Signals of a copy's labels, after models and noise model learned from them."""
    found = {**testimony.relearned(copy.probs, copy.labels).signals(copy.labels), **copy.extra}
    if testimony.repeat_choices is not None:
        # one fit has no repeats that could disagree: its own choice stands for them
        found["disagreement"] = (copy.probs.argmax(axis=1) != copy.labels).astype(np.float64)
    return found


def _refitted(heard: Sequence[tuple[PlantedCopy, Mapping[str, Floats]]], believed: Floats) -> _Planted | None:
    """Signals of the planted errors of refitted copies; None where there are too few to learn from."""
    if sum(int(copy.planted.sum()) for copy, _ in heard) < FEWEST_REFITTED:
        return None
    parts = [{name: values[copy.planted] for name, values in signals.items()} for copy, signals in heard]
    names = set.intersection(*(set(part) for part in parts))
    joined = {name: np.concatenate([part[name] for part in parts]) for name in sorted(names)}
    return _Planted(joined, np.concatenate([believed[copy.planted] for copy, _ in heard]))


def _fused(signals: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    return np.asarray(sum(weight * signals[name] for name, weight in weights.items()))


def _monotone(probability: Floats, suspicion: Floats) -> Floats:
    """The nearest probabilities that rise with the suspicion; samples that are equally suspect have the same."""
    _, place, counts = np.unique(suspicion, return_inverse=True, return_counts=True)
    means = np.bincount(place, probability) / counts
    return np.asarray(isotonic_regression(means, weights=counts).x[place])


def _share_found(planted: Floats, counts: Floats, observed: Floats, probability: Floats) -> float:
    """Share of the planted errors that are more suspect than what is probably right."""
    doubted = observed[probability > 0.5]
    if not len(doubted) or counts.sum() <= 0:
        return 1.0
    return float(counts[planted >= doubted.min()].sum() / counts.sum())


def _believed_by(probability: Floats, found: float) -> Floats:
    """Probabilities above one half, as far from it as planted errors are found.

    Where half of the planted errors go unseen, the features are weak, and a noise model takes samples that are merely
    unusual for errors. On errors planted in small sets its flagged labels were then wrong about as often as this says.
    """
    return np.asarray(np.where(probability > 0.5, 0.5 + found * (probability - 0.5), probability))


def _if_known(testimony: Testimony, probability: Floats) -> tuple[Floats, tuple[str, ...]]:
    """The probabilities, none above one half where models know too little to contradict labels; and notes."""
    agree, largest = _agreement(testimony)
    told = f"models agree with {agree:.0%} of the labels, and always naming the largest class would with {largest:.0%}"
    if not _know_something(testimony):
        return np.minimum(probability, 0.5), (f"{told}: they know too little to judge labels, and none is flagged",)
    if agree - largest < LITTLE_KNOWN * (1 - largest):
        return probability, (f"{told}: either most labels are wrong, or the features hardly tell the classes apart",)
    return probability, ()


def _know_something(testimony: Testimony) -> bool:
    """Whether models give a sample's label more than they give labels drawn at random, beyond chance."""
    given, labels = testimony.posterior.given, testimony.labels
    shares = np.bincount(labels, minlength=testimony.classes) / len(labels)
    more = given[np.arange(len(labels)), labels] - given @ shares
    return bool(more.mean() > 0 and more.mean() >= LEAST_DEVIATIONS * more.std() / np.sqrt(len(labels)))


def _agreement(testimony: Testimony) -> tuple[float, float]:
    """Share of the labels that models and neighbours choose too, and the share of the largest class."""
    agree = float((testimony.posterior.given.argmax(axis=1) == testimony.labels).mean())
    return agree, float(np.bincount(testimony.labels).max() / len(testimony.labels))


def _raised(observed: Floats, probability: Floats, least: Floats) -> tuple[Floats, Floats]:
    """Suspicion and probability with the latter at least `least`, and the former as high as that of its equals."""
    higher = least > probability
    if not higher.any():
        return observed, probability
    order = np.argsort(probability, kind="stable")
    climbing = np.maximum.accumulate(observed[order])
    places = np.minimum(np.searchsorted(probability[order], least[higher]), len(order) - 1)
    suspicion, raised = observed.copy(), probability.copy()
    # the first that is as probable; among those beyond all others the surer comes first
    suspicion[higher] = np.maximum(observed[higher], climbing[places] + 1e-6 * least[higher])
    raised[higher] = least[higher]
    return suspicion, _monotone(raised, suspicion)


def _centred(observed: Floats, probability: Floats) -> Floats:
    """Suspicion that is above 0 where a label is more probably wrong than right."""
    above, below = observed[probability > 0.5], observed[probability <= 0.5]
    if not len(above):
        return np.asarray(observed - observed.max() - 1e-6)
    if not len(below):
        return np.asarray(observed - above.min() + 1e-6)
    middle = (above.min() + below.max()) / 2
    # between neighbouring numbers there is no middle
    return np.asarray(observed - (middle if middle < above.min() else below.max()))


def _suggested(testimony: Testimony) -> tuple[Labels, Floats]:
    """(samples,) likeliest class if the given one is wrong, and its share among the others."""
    likely = true_classes(testimony.clean, testimony.transition, testimony.labels)
    rows = np.arange(len(likely))
    likely[rows, testimony.labels] = 0
    suggested = likely.argmax(axis=1)
    # where nothing speaks for any other class, the first that is not the given one
    suggested = np.where(suggested == testimony.labels, (testimony.labels + 1) % testimony.classes, suggested)
    return suggested, likely[rows, suggested] / np.maximum(likely.sum(axis=1), 1e-300)


def _estimate(testimony: Testimony, observed: Floats, probability: Floats, found: float) -> Estimate:
    """Number of wrong labels.

    The interval spans what anchors allow and the chance of the draw; and as many errors may go unseen, or not be
    errors, as planted ones go unseen.
    """
    ends = []
    for doubt in (FEW, MANY):
        transition = anchored_transition(testimony.posterior.given, doubt)
        clean = clean_posterior(testimony.posterior.given, transition)
        wrong = expit(wrong_log_odds(clean, transition, testimony.labels))
        ends.append(_believed_by(_monotone(wrong, observed), found).sum())
    value = float(probability.sum())
    chance = 1.96 * float(np.sqrt((probability * (1 - probability)).sum()))
    low, high = min(*ends, value) * found - chance, max(*ends, value) / max(found, LEAST_FOUND) + chance
    return Estimate(value, max(0.0, float(low)), min(float(len(observed)), float(high)))


def _anything(probability: Floats) -> Estimate:
    """Where nothing is known: any number of labels may be wrong."""
    return Estimate(float(probability.sum()), 0.0, float(len(probability)))


def _power(
    heard: Sequence[tuple[PlantedCopy, Mapping[str, Floats]]],
    weights: Mapping[str, float],
    believed: Floats,
    found: float,
    threshold: float,
) -> DetectionPower | None:
    """Of the errors that were planted in copies where no error was suspected, how many are flagged there."""
    planted = flagged = 0
    for copy, signals in heard:
        rising = _monotone(expit(signals["noise_odds"]), _fused(signals, weights))
        probability = _believed_by(rising, found)
        counted = copy.planted & (believed > 0.5)
        planted += int(counted.sum())
        flagged += int((probability[counted] > threshold).sum())
    return DetectionPower(planted, flagged / planted) if planted else None


def _shares(signals: Mapping[str, Floats], weights: Mapping[str, float]) -> dict[str, float]:
    """How much each signal moves the suspicion: its weight times its spread, as shares that sum to 1."""
    moved = {name: weight * float(np.std(signals[name])) for name, weight in weights.items()}
    total = sum(moved.values())
    return {name: amount / total if total > 0 else 1 / len(moved) for name, amount in moved.items()}
