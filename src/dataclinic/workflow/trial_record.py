"""trials.json: what each arm gained, in the words and keys that reports and other programs read."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from dataclinic.findings import Failed
from dataclinic.steps.weigh_gains import weigh_gains
from dataclinic.trials import COMBINATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.findings import DidNotApply
    from dataclinic.steps.try_fixes import Combined
    from dataclinic.steps.weigh_gains import ArmGains
    from dataclinic.trials import FoldScore, Gain
    from dataclinic.workflow.whole import Whole


@dataclass(frozen=True)
class TrialRecord:
    """Entries of trials.json; verdicts go by `metric`, and `whole` tells what fixes do to the whole data."""

    whole: Whole
    metric: str

    def arms(self, gains: Mapping[str, ArmGains], declined: Mapping[str, DidNotApply | Failed]) -> list[dict[str, Any]]:
        """Best gain first, then those that did not apply, then those that failed."""
        classes = self.whole.part.classes
        tried = [
            {**self._named(name), "told": self.whole.told(name), **tried_entry(gain, self.metric, classes)}
            for name, gain in gains.items()
        ]
        others = [{**self._named(name), "told": None, **declined_entry(why)} for name, why in declined.items()]
        rank = {"tried": 0, "did not apply": 1, "failed": 2}
        return sorted(
            [*tried, *others], key=lambda arm: (rank[arm["outcome"]], -arm.get("gain_pp", arm.get("gain", 0.0)))
        )

    def combination(self, combined: Combined | None) -> dict[str, Any] | None:
        """What goes together and gains; None where fewer than two fixes help."""
        if combined is None:
            return None
        if len(combined.fixes) < 2:
            return {"fixes": [], "reason": f"nothing that helps adds measurably to {', '.join(combined.fixes)}"}
        gains = weigh_gains(combined.scores, self.metric, {})[COMBINATION]
        entry = tried_entry(gains, self.metric, self.whole.part.classes)
        return {"arm": COMBINATION, "fixes": list(combined.fixes), "told": self.whole.told(*combined.fixes), **entry}

    def _named(self, name: str) -> dict[str, Any]:
        fix = self.whole.fixes[name]
        return {"arm": name, "fix": name, "settings": repr(fix), "summary": fix.summary}


def tried_entry(gains: ArmGains, metric: str, classes: Sequence[str]) -> dict[str, Any]:
    """What an arm that was trained gained: the chosen metric first, then all metrics, verified labels and classes."""
    main = gains.metrics[metric]
    suffix = "_pp" if main.unit == "pp" else ""
    return {
        "outcome": "tried",
        "reason": None,
        "metric": metric,
        "unit": main.unit,
        f"gain{suffix}": main.gain,
        f"interval{suffix}": _interval(main),
        "p": main.p,
        "p_adjusted": main.p_adjusted,
        "verdict": main.verdict,
        f"smallest_measurable{suffix}": _finite(main.smallest_measurable),
        "relative_error_reduction": main.relative_error_reduction,
        f"control_gain{suffix}": None if gains.control is None else gains.control.gain,
        f"control_interval{suffix}": None if gains.control is None else _interval(gains.control),
        f"over_control{suffix}": None if gains.over_control is None else gains.over_control.gain,
        f"over_control_interval{suffix}": None if gains.over_control is None else _interval(gains.over_control),
        "metrics": {name: _gain_entry(gain) for name, gain in gains.metrics.items()},
        "trusted": {name: _gain_entry(gain) for name, gain in gains.trusted.items()} or None,
        "classes": {
            classes[code]: {"gain_pp": gain.gain, "interval_pp": _interval(gain)}
            for code, gain in gains.classes.items()
        },
        "epochs_to_baseline": None
        if gains.epochs_to_baseline is None
        else dict(zip(("untreated", "treated"), gains.epochs_to_baseline, strict=True)),
        "changes": asdict(gains.changes),
    }


def declined_entry(why: DidNotApply | Failed) -> dict[str, Any]:
    """Why an arm was not scored."""
    return {"outcome": "failed" if isinstance(why, Failed) else "did not apply", "reason": why.reason}


def mean_scores(scores: Sequence[FoldScore], arm: str) -> dict[str, float]:
    """Metrics of one arm on the labels as given, mean over folds."""
    own = [score.given for score in scores if score.arm == arm]
    return _means(own)


def trusted_entry(scores: Sequence[FoldScore], arm: str, notes: Sequence[str]) -> dict[str, Any] | None:
    """How many verified labels were scored, and how well the untreated arm did on them; None where there are none."""
    own = [score for score in scores if score.arm == arm and score.trusted_rows]
    if not own:
        return None
    repeats = len({score.repeat for score in own})
    rows = sum(score.trusted_rows for score in own) // repeats
    return {"rows": rows, "untreated": _means([score.trusted for score in own]), "notes": list(notes)}


def _means(own: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for metrics in own for name in metrics)
    return {name: _mean([metrics[name] for metrics in own if name in metrics]) for name in names}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _gain_entry(gain: Gain) -> dict[str, Any]:
    return {
        "unit": gain.unit,
        "untreated": gain.untreated,
        "treated": gain.treated,
        "gain": gain.gain,
        "interval": _interval(gain),
        "p": gain.p,
        "p_adjusted": gain.p_adjusted,
        "verdict": gain.verdict,
        "smallest_measurable": _finite(gain.smallest_measurable),
        "relative_error_reduction": gain.relative_error_reduction,
    }


def _interval(gain: Gain) -> list[float | None]:
    """Bounds; null where a single fold says nothing of them."""
    return [_finite(bound) for bound in gain.interval]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
