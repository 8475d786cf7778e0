"""How gains, their intervals and what goes with them read in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataclinic.report.wording import NONE, SPACE, check_title, number, percent, plural, shorten
from dataclinic.trials import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.report.trials import CombinedArm, EpochsToBaseline, LabelNoise, MetricGain, Trials, UntriedArm
    from dataclinic.trials import Unit, Verdict

MINUS = "\N{MINUS SIGN}"

MOST_NAMED = 8
"""Fixes that a line names."""

METRIC_TITLES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "log_loss": "log loss",
    "worst_class_recall": "recall of the worst class",
    "mae": "mean absolute error",
    "rmse": "root mean square error",
    "pinball": "pinball loss",
}

ERRORS = {
    "accuracy": "the errors",
    "balanced_accuracy": "the errors, each class weighing the same",
    "macro_f1": "what macro-F1 lacks to 1",
    "worst_class_recall": "the errors of the worst class",
}
"""What a relative error reduction is of; where it is of a loss, the loss."""

UNIT_TITLES: dict[Unit, str] = {"pp": "percentage points", "nats": "nats", "target units": "target units"}

VERDICT_MARKS: dict[Verdict, str] = {"helps": "▲", "no measurable effect": "●", "hurts": "▼"}


def signed(value: float | None, unit: Unit) -> str:
    """A gain without its unit: +1.8, −0.3, +0.04; what rounds to nothing is +0.0."""
    if value is None:
        return NONE
    size = _size(abs(value), unit)
    none = not any(digit in "123456789" for digit in size)
    return f"{MINUS if value < 0 and not none else '+'}{'0.0' if none and unit == 'pp' else size}"


def gain(value: float | None, unit: Unit) -> str:
    """+1.8 pp."""
    return NONE if value is None else f"{signed(value, unit)}{SPACE}{unit}"


def amount(value: float | None, unit: Unit) -> str:
    """0.9 pp: what has no sign."""
    return NONE if value is None else f"{_size(abs(value), unit)}{SPACE}{unit}"


def interval(bounds: tuple[float, float] | None, unit: Unit) -> str:
    """+1.1 to +2.5."""
    return NONE if bounds is None else f"{signed(bounds[0], unit)} to {signed(bounds[1], unit)}"


def score(value: float | None, unit: Unit) -> str:
    """A level, not a gain: 87.1 %, 0.412."""
    return percent(value) if unit == "pp" else number(value)


def about(share: float) -> str:
    """A share of [0, 1] in whole percent: 8 %, less than 1 %."""
    return f"less than 1{SPACE}%" if 0 < share < 0.01 else f"{100 * share:.0f}{SPACE}%"


def reduction(share: float | None) -> str:
    """A relative error reduction for a table: 14 %, −2 %."""
    if share is None:
        return NONE
    whole = f"{abs(100 * share):.0f}"
    return f"{MINUS if share < 0 and whole != '0' else ''}{whole}{SPACE}%"


def removes(share: float | None, metric: str) -> str:
    """The same in words: "removes 14 % of the errors"; nothing where it is not known."""
    if share is None:
        return ""
    errors = ERRORS.get(metric, f"the {metric_title(metric)}")
    return f"removes {about(share)} of {errors}" if share >= 0 else f"adds {about(-share)} to {errors}"


def gain_kind(metric: str) -> str:
    """What a positive gain is: "gain in accuracy", "reduction of log loss"."""
    lower = metric in METRICS and not METRICS[metric].higher_is_better
    return f"{'reduction of' if lower else 'gain in'} {metric_title(metric)}"


def p_value(p: float | None) -> str:
    """0.034, < 0.001."""
    if p is None:
        return NONE
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def metric_title(metric: str) -> str:
    return METRIC_TITLES.get(metric, metric.replace("_", " "))


def fix_title(name: str) -> str:
    """`relabel_suspects` → `Relabel suspects`; of several, joined by " + ", each."""
    return " + ".join(check_title(part) for part in name.split(" + "))


def combined_title(arm: CombinedArm) -> str:
    return " + ".join(map(fix_title, arm.fixes)) or fix_title(arm.arm)


def figures(measured: MetricGain, *, first: bool = False) -> str:
    """+1.8 pp (+1.1 to +2.5); the first of several says what the interval is."""
    what = f"95{SPACE}% interval " if first else ""
    bounds = f" ({what}{interval(measured.interval, measured.unit)})" if measured.interval else ""
    return f"{gain(measured.gain, measured.unit)}{bounds}"


def tried_how(trials: Trials) -> str:
    """How the gains were measured: "gain in accuracy of ridge_head, 5 folds × 3 repeats, labels as given"."""
    times = f"{plural(trials.folds, 'fold')} × {plural(trials.repeats, 'repeat')}"
    return f"{gain_kind(trials.metric)} of {shorten(trials.model.id, 80)}, {times}, labels as given"


HARDLY_ANY = 0.005
"""Share of labels that look wrong that would read "about 0 %"."""


def hidden(noise: LabelNoise) -> str:
    """How much of a gain wrong labels among the scored ones hide."""
    if noise.share < HARDLY_ANY:
        return "Hardly any given label looks wrong, so scores on them hide next to nothing."
    return (
        f"About {about(noise.share)} of the given labels look wrong; scores on them can hide about "
        f"{about(noise.hidden_share)} of a true gain."
    )


def epochs(to_baseline: EpochsToBaseline) -> str:
    return (
        f"reaches the untreated accuracy after {to_baseline.treated:.1f} instead of {to_baseline.untreated:.1f} epochs"
    )


def untried_line(arms: Sequence[UntriedArm]) -> str:
    """Names of arms by how they ended, failed ones first: "Failed: …. Did not apply: …."."""
    by_end: dict[str, list[str]] = {}
    for arm in arms:
        by_end.setdefault(arm.outcome, []).append(fix_title(arm.arm))
    return " ".join(f"{end[0].upper()}{end[1:]}: {_named(names)}." for end, names in by_end.items())


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"


def _size(value: float, unit: Unit) -> str:
    """Points with one digit, two below 0.1; nats with three; the rest with three significant digits."""
    if unit == "pp":
        return f"{value:.2f}" if round(value, 2) < 0.1 else f"{value:.1f}"
    return f"{value:.3f}" if unit == "nats" else number(float(f"{value:.3g}"))
