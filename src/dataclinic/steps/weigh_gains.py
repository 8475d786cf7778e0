"""Scores of every arm on every fold -> what each arm gained, with interval, p-value and verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

from dataclinic.methods.holm import holm
from dataclinic.methods.paired_gain import PairedGain, paired_gain, verdict
from dataclinic.trials import METRICS, UNTREATED, Changes, FoldScore, Gain, Metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dataclinic.arrays import Scores

ROUNDING = 1e-6
"""Share of a loss below which a difference may be float32 arithmetic alone: about eight times its epsilon."""

RECALL = Metric("recall", "classification", "pp", higher_is_better=True)

OF_ONE_CLASS = frozenset({"worst_class_recall", RECALL.name})
"""Metrics that count the rows of one class only."""

Folds: TypeAlias = Mapping[tuple[int, int], FoldScore]
"""Scores of one arm by repeat and fold."""

Read: TypeAlias = Callable[[FoldScore], tuple[float, float]]
"""A score, NaN where there is none, and how many rows it counts."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class ArmGains:
    """What one arm gained over the untreated arm, each gain on the folds that both have.

    `metrics` are gains by metric on the labels as given, `trusted` on rows whose label people verified, `classes` in
    the recall of each class code that a fold has. `control` is what the arm's control gained over the untreated arm,
    and `over_control` what the arm gained over its control (`untreated` is then the control's score), both in the
    metric that verdicts go by. `epochs_to_baseline` is (untreated, treated): the mean number of epochs until the
    untreated arm's final accuracy is reached, over the folds where both reach it; None without epochs, or where the arm
    reaches it in less than half of the folds. `changes` are means over folds, rounded.
    """

    metrics: Mapping[str, Gain]
    trusted: Mapping[str, Gain]
    classes: Mapping[int, Gain]
    control: Gain | None
    over_control: Gain | None
    epochs_to_baseline: tuple[float, float] | None
    changes: Changes


def weigh_gains(scores: Sequence[FoldScore], metric: str, controls: Mapping[str, str]) -> Mapping[str, ArmGains]:
    """By arm, in order of appearance; the untreated arm and the control arms have no entry of their own.

    Gains are oriented so that positive is better, in the metric's unit; `untreated` and `treated` stay shares in
    [0, 1]. p-values are adjusted by Holm's procedure within families: the arms in one metric, for given and trusted
    labels separately; all arms and classes for recalls; the controls; the arms over their controls. A metric that no
    common fold has is left out. Bounds are infinite where there is one fold only.

    Args:
        scores: of the untreated arm and of the others, each fold at most once an arm.
        metric: of `dataclinic.trials.METRICS`, by which `control` and `over_control` are told.
        controls: name of an arm -> name of its control arm.
    """
    arms: dict[str, dict[tuple[int, int], FoldScore]] = {}
    for score in scores:
        arms.setdefault(score.arm, {})[score.repeat, score.fold] = score
    control_of = {arm: control for arm, control in controls.items() if arm in arms and control in arms}
    candidates = [arm for arm in arms if arm != UNTREATED and arm not in set(controls.values())]
    return _by_candidate(arms, candidates, METRICS[metric], control_of)


@dataclass(frozen=True)
class _Pair:
    """(folds,) scores of the same folds without and with a treatment, and the mean of the rows that one counts."""

    before: Scores
    after: Scores
    rows: float


def _by_candidate(
    arms: Mapping[str, Folds], candidates: Sequence[str], main: Metric, control_of: Mapping[str, str]
) -> dict[str, ArmGains]:
    untreated = arms[UNTREATED]
    ratio = _test_to_train(untreated)
    over_untreated = {arm: (untreated, arms[arm]) for arm in candidates}
    given = {metric: _gains(over_untreated, metric, _given(metric), ratio) for metric in METRICS.values()}
    trusted = {metric: _gains(over_untreated, metric, _trusted(metric), ratio) for metric in METRICS.values()}
    classes = _class_gains(over_untreated, ratio)
    of_controls = {control: (untreated, arms[control]) for control in control_of.values()}
    control = _gains(of_controls, main, _given(main), ratio)
    over_controls = {arm: (arms[control], arms[arm]) for arm, control in control_of.items()}
    over_control = _gains(over_controls, main, _given(main), ratio)
    return {
        arm: ArmGains(
            metrics={metric.name: gains[arm] for metric, gains in given.items() if arm in gains},
            trusted={metric.name: gains[arm] for metric, gains in trusted.items() if arm in gains},
            classes={code: gain for (name, code), gain in classes.items() if name == arm},
            control=control.get(control_of.get(arm, "")),
            over_control=over_control.get(arm),
            epochs_to_baseline=_epochs_to_baseline(untreated, arms[arm]),
            changes=_mean_changes([score.changes for score in arms[arm].values()]),
        )
        for arm in candidates
    }


def _test_to_train(untreated: Folds) -> float:
    # Trusted scores and recalls keep this ratio: that fewer rows are scored makes training sets overlap no less.
    scored, trained = np.sum([(score.test_rows, score.train_rows) for score in untreated.values()], axis=0).tolist()
    return float(scored / trained)


def _given(metric: Metric) -> Read:
    return lambda score: (score.given.get(metric.name, math.nan), _counted(metric, score, score.test_rows))


def _trusted(metric: Metric) -> Read:
    return lambda score: (score.trusted.get(metric.name, math.nan), _counted(metric, score, score.trusted_rows))


def _recall(code: int) -> Read:
    return lambda score: (score.recalls[code], _counted(RECALL, score, score.test_rows))


def _counted(metric: Metric, score: FoldScore, rows: int) -> float:
    """Rows that one score counts; for a single class about those of a class of mean size, as nothing else is known."""
    return max(rows / max(len(score.recalls), 1), 1.0) if metric.name in OF_ONE_CLASS else rows


def _class_gains(over_untreated: Mapping[str, tuple[Folds, Folds]], ratio: float) -> dict[tuple[str, int], Gain]:
    """By arm and class code."""
    pairs = {}
    for arm, (before, after) in over_untreated.items():
        classes = min((len(score.recalls) for score in (*before.values(), *after.values())), default=0)
        pairs.update({(arm, code): _pair(before, after, _recall(code)) for code in range(classes)})
    return _weighed(pairs, RECALL, ratio)


def _gains(compared: Mapping[str, tuple[Folds, Folds]], metric: Metric, read: Read, ratio: float) -> dict[str, Gain]:
    """Of each name's second scores over its first; they are one family to Holm."""
    return _weighed({name: _pair(before, after, read) for name, (before, after) in compared.items()}, metric, ratio)


def _pair(before: Folds, after: Folds, read: Read) -> _Pair:
    both = [(*read(before[fold]), read(after[fold])[0]) for fold in sorted(before.keys() & after.keys())]
    table = np.array(both, np.float64).reshape(-1, 3)
    table = table[~np.isnan(table).any(axis=1)]
    return _Pair(table[:, 0], table[:, 2], float(table[:, 1].mean()) if len(table) else 0.0)


def _weighed(pairs: Mapping[Key, _Pair], metric: Metric, ratio: float) -> dict[Key, Gain]:
    family = {key: pair for key, pair in pairs.items() if len(pair.before)}
    scale = (100.0 if metric.unit == "pp" else 1.0) * (1 if metric.higher_is_better else -1)
    weighed = [
        paired_gain(
            scale * (pair.after - pair.before),
            ratio,
            resolution=abs(scale) * _resolution(pair, metric),
            comparisons=len(family),
        )
        for pair in family.values()
    ]
    adjusted = holm([gain.p for gain in weighed]).tolist()
    return {
        key: _told(metric, pair, gain, p)
        for (key, pair), gain, p in zip(family.items(), weighed, adjusted, strict=True)
    }


def _resolution(pair: _Pair, metric: Metric) -> float:
    return 1 / pair.rows if metric.unit == "pp" else ROUNDING * abs(float(pair.before.mean()))


def _told(metric: Metric, pair: _Pair, gain: PairedGain, p_adjusted: float) -> Gain:
    untreated, treated = float(pair.before.mean()), float(pair.after.mean())
    error, left = (1 - untreated, 1 - treated) if metric.higher_is_better else (untreated, treated)
    return Gain(
        metric=metric.name,
        unit=metric.unit,
        untreated=untreated,
        treated=treated,
        gain=gain.mean,
        interval=(gain.low, gain.high),
        p=gain.p,
        p_adjusted=p_adjusted,
        verdict=verdict(gain.mean, p_adjusted),
        smallest_measurable=gain.smallest_measurable,
        relative_error_reduction=(error - left) / error if error > 0 else None,
    )


def _epochs_to_baseline(untreated: Folds, treated: Folds) -> tuple[float, float] | None:
    folds = sorted(untreated.keys() & treated.keys())
    both = [(untreated[fold].score_accuracies, treated[fold].score_accuracies) for fold in folds]
    followed = [(plain, own) for plain, own in both if plain and own]
    reached = [
        (_first_epoch(plain, plain[-1]), _first_epoch(own, plain[-1]))
        for plain, own in followed
        if max(own) >= plain[-1]
    ]
    # The mean over a few lucky folds would call an arm fast that hardly ever gets there.
    if not reached or 2 * len(reached) < len(followed):
        return None
    plain_epochs, own_epochs = np.mean(reached, axis=0).tolist()
    return plain_epochs, own_epochs


def _first_epoch(accuracies: Sequence[float], baseline: float) -> int:
    """From 1; some accuracy is at least `baseline`."""
    return next(epoch for epoch, accuracy in enumerate(accuracies, start=1) if accuracy >= baseline)


def _mean_changes(changes: Sequence[Changes]) -> Changes:
    def mean(counts: Iterable[int]) -> int:
        return round(sum(counts) / len(changes))

    return Changes(
        dropped=mean(change.dropped for change in changes),
        relabelled=mean(change.relabelled for change in changes),
        added=mean(change.added for change in changes),
        reweighted=mean(change.reweighted for change in changes),
    )
