"""Samples whose given number is probably wrong, by the residual of models that never saw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from dataclinic.evidence import Need
from dataclinic.findings import Finding, Ran
from dataclinic.methods.number_text import exact_number, short_number
from dataclinic.methods.scaled_residuals import ScaledResiduals, scaled_residuals

if TYPE_CHECKING:
    from dataclinic.arrays import Rows, Scores
    from dataclinic.evidence import Evidence


@dataclass(frozen=True)
class TargetErrors:
    """Samples whose given number is probably wrong.

    What it finds:
        Samples whose number lies far from what models that never saw them predict, measured by how far the others
        usually lie: slipped decimal points, other units, another row's number.

    Why it matters:
        One wrong number can pull a model that minimises squared errors further than a hundred right ones, and every
        error measured on held-out data counts it again.

    How it decides:
        The residual of the out-of-fold prediction is divided by the robust spread of the residuals of samples with
        similar predictions (`methods/scaled_residuals.py`), so that noise which grows with the number does not accuse
        all large ones. A sample is flagged beyond `fence` of these robust standard deviations. At 5.5, clean data
        whose noise is normal brought no finding, and with the heavy tails of Student's t at 3 degrees of freedom less
        than 1 % of it; of errors planted at 3 and 10 %, most that stand out from the noise are found. Findings are
        ordered by cleanlab's `regression.rank.get_label_quality_scores` of the scaled residuals. Its method "residual"
        ranked planted errors better than "outre", whose cost also grows with the square of the samples.

    Known limits:
        It is as good as the model: where the columns say little about the number, errors hide in the noise. Errors
        that follow a pattern the model can learn stay unseen. Noise with one long tail (incomes, prices) looks like
        errors on that side: audit the logarithm. Where most numbers are equal (many zeros), rare other ones are
        flagged.

    Fixes:
        Look up the number at its source and correct it in the review. What cannot be corrected can be dropped:
        `dataclinic export RUN DEST --apply drop`.

    References:
        Zhou, Chaudhari & Mueller, "Detecting Errors in a Numerical Response via any Regression Model", DMLR 2023.
        Iglewicz & Hoaglin, "How to Detect and Handle Outliers", 1993.

    Attributes:
        fence: robust standard deviations beyond which a residual is flagged.
        method: which of cleanlab's scores orders the findings.
    """

    fence: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 5.5
    method: Literal["residual", "outre"] = "residual"

    summary: ClassVar[str] = "samples whose given number is probably wrong (regression)"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.TARGETS})
    accuses_label: ClassVar[bool] = True

    def run(self, evidence: Evidence) -> Ran:
        assert evidence.targets is not None  # noqa: S101 - named in `needs`
        assert evidence.dataset.targets is not None  # noqa: S101 - there are predictions of them
        given, predicted = evidence.dataset.targets, evidence.targets.predictions
        scaled = scaled_residuals(given, predicted)
        judged = np.flatnonzero(~np.isnan(scaled.z))
        rows = judged[np.abs(scaled.z[judged]) > self.fence]
        if rows.size:
            quality = np.full(len(given), np.nan)
            quality[judged] = self._quality(scaled, judged)
            rows = rows[np.lexsort((rows, -np.abs(scaled.z[rows]), quality[rows]))]
        findings = tuple(_finding(evidence.dataset.ids[row], int(row), given, predicted, scaled) for row in rows)
        share = len(rows) / max(len(judged), 1)
        lie = "lies" if len(rows) == 1 else "lie"
        summary = (
            f"{len(rows):,} of {len(judged):,} judged numbers {lie} beyond {self.fence:g} robust standard deviations "
            f"of the residuals ({share:.1%})"
        )
        return Ran(findings, summary, {"flagged": len(rows), "judged": len(judged), "fence": self.fence})

    def _quality(self, scaled: ScaledResiduals, judged: Rows) -> Scores:
        """(judged,) in [0, 1], 0 worst."""
        from cleanlab.regression.rank import get_label_quality_scores

        predictions = scaled.expected[judged] / np.median(scaled.spread[judged])
        labels = predictions + scaled.z[judged]
        scores = get_label_quality_scores(labels, predictions, method=self.method)
        return np.asarray(scores, np.float64)


def _finding(name: str, row: int, given: Scores, predicted: Scores, scaled: ScaledResiduals) -> Finding:
    away = abs(float(scaled.z[row]))
    reason = (
        f"given {exact_number(given[row])}, models that never saw it say {short_number(predicted[row])}: "
        f"{short_number(away)} times the usual spread of ± {short_number(scaled.spread[row])} there"
    )
    return Finding("target_errors", name, reason, away, row)
