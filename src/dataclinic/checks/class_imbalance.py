"""How unequal the classes are, and which of them the models miss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.findings import DidNotApply, Finding, Ran

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence, Need


@dataclass(frozen=True)
class ClassImbalance:
    """Classes that are rare beside the largest one.

    What it finds:
        Every class with its count, share, ratio to the largest class and out-of-fold recall; a class is a finding
        when it has less than `ratio` of the samples of the largest class.

    Why it matters:
        A model can score well and still never predict a rare class; accuracy alone does not show it.

    How it decides:
        By counting. The class weights written to class_weights.json are scikit-learn's "balanced" ones,
        samples / (classes × count), ready for `class_weight=` or a weighted loss.

    Known limits:
        Rare is not wrong: the shares may be those of the real world. Recall is that of the labels as given.

    Fixes:
        Choose the metric first (balanced accuracy, macro F1), then decision thresholds or class weights, resampling
        last.

    References:
        King & Zeng, "Logistic Regression in Rare Events Data", Political Analysis 9, 2001 (the balanced weights).
        Elor & Averbuch-Elor, "To SMOTE, or not to SMOTE?", 2022.

    Attributes:
        ratio: a class below this share of the largest class is a finding.
    """

    ratio: Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)] = 0.2

    summary: ClassVar[str] = "rare classes, their recall, and balanced class weights"
    needs: ClassVar[frozenset[Need]] = frozenset()
    accuses_label: ClassVar[bool] = False

    def run(self, evidence: Evidence) -> Ran | DidNotApply:
        dataset = evidence.dataset
        if not dataset.classes:
            return DidNotApply("regression has no classes")
        counts = np.bincount(dataset.labels, minlength=len(dataset.classes))
        weights = _balanced_weights(dataset.labels, len(dataset.classes))
        recall = _recall(evidence)
        table: list[dict[str, Any]] = [
            {
                "class": name,
                "count": int(counts[code]),
                "share": float(counts[code] / len(dataset)),
                "ratio_to_largest": float(counts[code] / counts.max()),
                "recall": None if np.isnan(recall[code]) else float(recall[code]),
                "weight": float(weights[code]),
            }
            for code, name in enumerate(dataset.classes)
        ]
        rare = sorted((row for row in table if row["ratio_to_largest"] < self.ratio), key=lambda row: row["count"])
        findings = tuple(_finding(row, int(counts.max())) for row in rare)
        imbalance = float(counts.max() / counts.min())
        summary = f"{_told_imbalance(imbalance)}; {_told_rare(len(rare))}"
        by_class = {row["class"]: row["weight"] for row in table}
        return Ran(
            findings, summary, {"classes": table, "imbalance_ratio": imbalance}, {"class_weights.json": by_class}
        )


def _told_imbalance(imbalance: float) -> str:
    if imbalance == 1:
        return "all classes have the same number of samples"
    if imbalance < 1.005:
        return "the largest class has hardly more samples than the smallest"
    return f"the largest class has {imbalance:.3g} times the samples of the smallest"


def _told_rare(count: int) -> str:
    return {0: "no class is rare", 1: "one class is rare"}.get(count, f"{count} classes are rare")


def _balanced_weights(labels: Any, classes: int) -> Any:
    from sklearn.utils.class_weight import compute_class_weight

    return compute_class_weight("balanced", classes=np.arange(classes), y=labels)


def _recall(evidence: Evidence) -> Any:
    """(classes,) share of each class that the out-of-fold models predict; NaN where none was judged."""
    recall = np.full(len(evidence.dataset.classes), np.nan)
    if evidence.out_of_fold is None:
        return recall
    judged = evidence.out_of_fold.judged
    labels = evidence.dataset.labels[judged]
    right = evidence.out_of_fold.probs[judged].argmax(axis=1) == labels
    for code in np.unique(labels):
        recall[code] = right[labels == code].mean()
    return recall


def _finding(row: dict[str, Any], largest: int) -> Finding:
    recall = "not known" if row["recall"] is None else f"{row['recall']:.0%}"
    samples = f"{row['count']:,} sample{'s' * (row['count'] != 1)}"
    reason = f"{samples} ({row['share']:.1%}), the largest class has {largest:,}; recall {recall}"
    return Finding("class_imbalance", row["class"], reason, 1.0 - row["ratio_to_largest"])
