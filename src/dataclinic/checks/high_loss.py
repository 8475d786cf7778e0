"""Samples on which a model that never saw them fails far worse than on others of their class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from dataclinic.evidence import Need
from dataclinic.findings import Finding, Ran
from dataclinic.methods.label_quality import mean_loss_nats
from dataclinic.methods.tukey_fences import tukey_fences

if TYPE_CHECKING:
    from dataclinic.evidence import Evidence

_LARGEST_LOG = 700.0
"""Cap of a fence's logarithm, so that the fence is a number; no loss comes near it."""


@dataclass(frozen=True)
class HighLoss:
    """Samples with an outlying loss: the batch-size-1 scan.

    What it finds:
        Samples whose own loss, each alone through the model that did not train on it, stands far above the losses of
        their class: wrong labels, broken or odd samples, and truly hard ones.

    Why it matters:
        A mean loss over a batch hides single samples. One by one they show which data the model cannot explain.

    How it decides:
        Cross-entropy of the given label in nats, mean over repeats. Within each given class a sample is flagged when
        the log of its loss lies above the upper Tukey fence, Q3 + factor × (Q3 - Q1). Losses are right-skewed over
        orders of magnitude, and the log makes the fence mean the same for easy and hard classes. The models are in
        evaluation mode, where a batch of many gives each sample the loss that a batch of one would.

    Known limits:
        A fence needs a few samples: a class with fewer than `min_samples` judged ones is left out. Where a fifth or
        more of a class is wrong, the fence moves out and finds little; the ranking by suspicion still does.

    Fixes:
        Look at them: wrong label → relabel; broken → drop; hard but right → keep, and collect more like it.

    References:
        Tukey, "Exploratory Data Analysis", 1977. Chong, Hong & Manning, "Detecting Label Errors by Using Pre-Trained
        Language Models", EMNLP 2022 (loss of a held-out model as a label-error score).

    Attributes:
        factor: fences lie this many inter-quartile ranges outside the quartiles.
        min_samples: smallest class, in judged samples, that is looked at.
    """

    factor: Annotated[float, Field(gt=0, le=1e6, strict=True, allow_inf_nan=False)] = 1.5
    min_samples: Annotated[int, Field(ge=1, strict=True)] = 8

    summary: ClassVar[str] = "samples with an outlying out-of-fold loss within their class (batch-size-1 scan)"
    needs: ClassVar[frozenset[Need]] = frozenset({Need.OUT_OF_FOLD})
    accuses_label: ClassVar[bool] = True

    def run(self, evidence: Evidence) -> Ran:
        assert evidence.out_of_fold is not None  # noqa: S101 - named in `needs`
        dataset = evidence.dataset
        losses = mean_loss_nats(evidence.out_of_fold.repeat_probs, dataset.labels)
        findings: list[Finding] = []
        fences: dict[str, float] = {}
        for code, name in enumerate(dataset.classes):
            rows = np.flatnonzero((dataset.labels == code) & ~np.isnan(losses))
            if len(rows) < self.min_samples:
                continue
            fence = float(np.exp(min(tukey_fences(np.log(losses[rows] + 1e-12), self.factor)[1], _LARGEST_LOG)))
            typical = float(np.median(losses[rows]))
            fences[name] = fence
            findings += [
                Finding(
                    "high_loss",
                    dataset.ids[row],
                    f"loss {losses[row]:.3g} nats, above the fence {fence:.3g} of '{name}' (median {typical:.3g})",
                    float(losses[row]),
                    int(row),
                )
                for row in rows[losses[rows] > fence]
            ]
        findings.sort(key=lambda finding: -finding.score)
        summary = self._told(len(findings), len(dataset.classes) - len(fences))
        return Ran(tuple(findings), summary, {"fence_nats": fences})

    def _told(self, found: int, left_out: int) -> str:
        which = (
            "1 sample lies above the loss fence of its"
            if found == 1
            else f"{found:,} samples lie above the loss fence of their"
        )
        if not left_out:
            return f"{which} class"
        few = f"fewer than {self.min_samples} judged samples"
        return f"{which} class; left out, with {few}: {left_out:,} {'class' if left_out == 1 else 'classes'}"
