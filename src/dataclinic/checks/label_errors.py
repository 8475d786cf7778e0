"""Samples whose given label is probably wrong, by confident learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from dataclinic.evidence import Need
from dataclinic.findings import Finding, Ran, told_share
from dataclinic.methods.label_quality import best_other, log_margin

if TYPE_CHECKING:
    from dataclinic.arrays import Rows
    from dataclinic.evidence import Evidence
    from dataclinic.predictions import OutOfFold

Filter = Literal["prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given"]


@dataclass(frozen=True)
class LabelErrors:
    """Samples whose given label is probably wrong.

    What it finds:
        Samples that models which never saw them confidently put into another class than the given one.

    Why it matters:
        Wrong labels teach the model the wrong thing and make every score on held-out data a little untrue.

    How it decides:
        Confident learning, computed by cleanlab's `find_label_issues`. From the out-of-fold probabilities each class
        gets a threshold, its mean self-confidence; samples whose probability for another class passes that class's
        threshold are counted in the confident joint, which estimates how many labels are wrong, and from which class
        to which. A sample is flagged when it is among the worst of its class and among the worst of its pair of
        classes, each by that estimate ("both"). With errors planted at random in scikit-learn's digits and breast
        cancer data, at 1 to 40 %, "both" had the highest mean F1 of cleanlab's filters and, on labels left clean, the
        fewest false alarms.

    Known limits:
        It is as good as the model: with weak features it takes hard samples for wrong ones, and a class that overlaps
        another is accused more often. Errors that follow a pattern the model can learn (all "wolf" called "husky")
        stay unseen.

    Fixes:
        Review the suspects and relabel or drop them: `dataclinic export RUN DEST --apply relabel|drop`.

    References:
        Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70, 2021.

    Attributes:
        filter_by: which of cleanlab's filters decides.
    """

    filter_by: Filter = "both"

    summary: ClassVar[str] = "samples whose given label is probably wrong (confident learning)"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.OUT_OF_FOLD})
    accuses_label: ClassVar[bool] = True

    def run(self, evidence: Evidence) -> Ran:
        assert evidence.out_of_fold is not None  # noqa: S101 - named in `needs`
        rows = self._accused(evidence)
        findings = _findings(evidence, evidence.out_of_fold, rows)
        judged = int(evidence.out_of_fold.judged.sum())
        share = len(rows) / judged if judged else 0.0
        summary = (
            f"{len(rows):,} of {judged:,} judged labels {'looks' if len(rows) == 1 else 'look'} wrong ({share:.1%})"
        )
        return Ran(findings, summary, {"flagged": len(rows), "judged": judged})

    def _accused(self, evidence: Evidence) -> Rows:
        from cleanlab.filter import find_label_issues

        assert evidence.out_of_fold is not None  # noqa: S101 - named in `needs`
        judged = np.flatnonzero(evidence.out_of_fold.judged)
        labels = evidence.dataset.labels[judged]
        present, codes = np.unique(labels, return_inverse=True)
        if len(present) < 2:
            return judged[:0]
        # cleanlab wants every class to have a sample; a class that only unjudged samples bear takes no part.
        probs = evidence.out_of_fold.probs[judged][:, present].astype(np.float64)
        probs /= probs.sum(axis=1, keepdims=True)
        issues = find_label_issues(codes, probs, filter_by=self.filter_by, n_jobs=1)
        return np.asarray(judged[np.asarray(issues, bool)])


def _findings(evidence: Evidence, out_of_fold: OutOfFold, rows: Rows) -> tuple[Finding, ...]:
    dataset = evidence.dataset
    probs, labels = out_of_fold.probs[rows], dataset.labels[rows]
    suspicion = -log_margin(probs, labels)
    other = best_other(probs, labels)
    order = np.argsort(-suspicion, kind="stable")

    def reason(place: int) -> str:
        given, said = labels[place], other[place]
        return (
            f"given '{dataset.classes[given]}' ({told_share(probs[place, given])}), models that never saw it "
            f"say '{dataset.classes[said]}' ({told_share(probs[place, said])})"
        )

    return tuple(
        Finding("label_errors", dataset.ids[rows[place]], reason(place), float(suspicion[place]), int(rows[place]))
        for place in order
    )
