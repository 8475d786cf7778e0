"""What a run shows under the names that limits have: counts, estimates and scores, or why it cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataclinic.limits import ESTIMATES, LABEL_LISTS, NAMES, SHARES, Measured
from dataclinic.report.suspects import finite
from dataclinic.steps.mark_new import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import pandas as pd

    from dataclinic.report.audited import Audited

UNKNOWING = "models know too little of these labels to say which are wrong"
WHOLE = "of the whole run: a baseline does not change it"
OF_NUMBERS = "target_errors"
UNANSWERED = {"failed", "skipped"}
"""Outcomes of a check that say nothing of the data."""


@dataclass(frozen=True)
class Measures:
    """What `audited` shows; counts are those of `problems` that are new, which without a baseline are all."""

    audited: Audited
    before: Audited | None
    problems: pd.DataFrame

    def of(self, name: str) -> Measured:
        if name in LABEL_LISTS:
            return self._labels(name)
        if name in ESTIMATES:
            return self._estimate(name.partition(".")[2] or "value")
        if name in SHARES:
            return self._share(name)
        return self._number(name) if name in NAMES else self._check(name)

    def _labels(self, name: str) -> Measured:
        if why := _no_labels(self.audited):
            return Measured(None, note=why)
        count = self._count(name)
        if self.before is not None and count and (why := _no_labels(self.before)):
            return Measured(None, note=f"which of {count:,} are new is not known; in the baseline {why}")
        return Measured(count, len(self.audited.samples))

    def _estimate(self, end: str) -> Measured:
        estimate = self.audited.estimate
        if estimate is None:
            return Measured(None, note="this run estimated no number of wrong labels")
        if not estimate.known or not estimate.judged:
            return Measured(None, note=UNKNOWING)
        value: float = getattr(estimate.errors, end)
        return Measured(float(value), estimate.judged, self._whole)

    def _share(self, name: str) -> Measured:
        entry = self.audited.record.get("accuracy") or {}
        value = finite(entry.get({"accuracy": "mean", "balanced_accuracy": "balanced"}[name]))
        if value is None:
            numbers = self.audited.task == "regression"
            why = "a regression has none: it has mae, rmse, r2" if numbers else "no model was scored"
            return Measured(None, note=why)
        return Measured(float(value), 1, self._whole)

    def _number(self, name: str) -> Measured:
        value = finite(_number(self.audited, name))
        if value is None:
            return Measured(None, note="this run has no such number")
        return Measured(int(value) if value.is_integer() else value, note=self._whole)

    def _check(self, name: str) -> Measured:
        entry = self.audited.outcomes.get(name)
        if entry is None:
            return Measured(None, note="the run knows no such check: audit again with this version")
        if entry["outcome"] in UNANSWERED:
            return Measured(None, note=f"the check {_ended(entry)}")
        if entry["outcome"] == "did not apply":
            return Measured(0, len(self.audited.samples), f"the check {_ended(entry)}")
        count = self._count(name)
        if self.before is not None and count:
            earlier = self.before.outcomes.get(name)
            if earlier is None or earlier["outcome"] in UNANSWERED:
                told = "knows no such check" if earlier is None else f"did not run it: it {_ended(earlier)}"
                return Measured(None, note=f"which of {count:,} are new is not known; the baseline {told}")
        about = self.problems.loc[self.problems["name"] == name, "row"]
        return Measured(count, None if (about == NOWHERE).any() else len(self.audited.samples))

    def _count(self, name: str) -> int:
        return int(((self.problems["name"] == name) & self.problems["new"]).sum())

    @property
    def _whole(self) -> str:
        return WHOLE if self.before is not None else ""


def _no_labels(audited: Audited) -> str:
    """Why the run cannot say which labels are wrong; "" where it can."""
    estimate = audited.estimate
    if estimate is not None:
        return "" if estimate.known and estimate.judged else UNKNOWING
    if audited.task == "classification":
        return ""
    # In a regression a check alone flags labels.
    asked = audited.outcomes.get(OF_NUMBERS)
    return "" if asked is None or asked["outcome"] not in UNANSWERED else f"the check {OF_NUMBERS} {_ended(asked)}"


def _ended(entry: Mapping[str, Any]) -> str:
    """Failed (why), was skipped (why), did not apply (why)."""
    said = {"failed": "failed", "skipped": "was skipped", "did not apply": "did not apply"}[entry["outcome"]]
    return f"{said} ({entry['reason']})"


def _number(audited: Audited, name: str) -> Any:
    """None where the run has no such number."""
    dataset, errors = audited.record["dataset"], audited.record.get("errors") or {}
    outcomes = [entry["outcome"] for entry in audited.checks]
    if name == "imbalance_ratio":
        entry = audited.outcomes.get("class_imbalance", {})
        return entry.get("details", {}).get("imbalance_ratio")
    own = {
        "failed_checks": outcomes.count("failed"),
        "skipped_checks": outcomes.count("skipped"),
        "samples": dataset["samples"],
        "unlabelled": dataset.get("unlabelled", 0),
        "classes": len(dataset["classes"]) or None,
    }
    return own[name] if name in own else errors.get(name)
