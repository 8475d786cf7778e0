"""One ranked list of all samples, most suspect first, with a reason in numbers for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dataclinic.findings import CheckRecord, Ran, told_share
from dataclinic.methods.label_quality import best_other, margin, mean_loss_nats, self_confidence, spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.arrays import Labels, Probs, Scores
    from dataclinic.evidence import Evidence
    from dataclinic.judgement import Judgement

NEAREST = 10
"""Neighbours that a reason counts."""


def rank_suspects(evidence: Evidence, records: Sequence[CheckRecord], unreadable: Mapping[int, str]) -> pd.DataFrame:
    """Every sample with its suspicion and what speaks against its label, most suspect first.

    Suspicion is the fused score of the judgement: above 0 a label is more probably wrong than right. A sample is
    flagged where the probability of its label being wrong passes the threshold. Samples that could not be judged stand
    last with null suspicion and the reason why.

    Returns:
        Columns rank, row, id, given_label, suggested_label, suggested_probability, suspicion, probability (of the given
        label being wrong), flagged, loss_nats, self_confidence, margin, spread, signal_* (what was fused), checks,
        reason; and the signals of `TrainingDynamics` where models trained in epochs. The suggested label is the given
        one where that is neither flagged nor more probably wrong, and its probability that of being the true one.
    """
    dataset, out_of_fold, judgement = evidence.dataset, evidence.out_of_fold, evidence.judgement
    assert out_of_fold is not None and judgement is not None  # noqa: S101, PT018 - a classification has them
    judged, labels = out_of_fold.judged, dataset.labels
    probs = np.where(judged[:, None], out_of_fold.probs, 0.0).astype(np.float32)
    classes = np.array(dataset.classes, dtype=object)
    doubted = (judgement.suspicion > 0) | judgement.flagged
    losses = mean_loss_nats(out_of_fold.repeat_probs, labels)
    frame = pd.DataFrame(
        {
            "row": np.arange(len(dataset)),
            "id": list(dataset.ids),
            "given_label": classes[labels],
            "suggested_label": classes[np.where(doubted, judgement.suggested, labels)],
            "suggested_probability": np.where(doubted, judgement.suggested_probability, 1 - judgement.probability),
            "suspicion": judgement.suspicion,
            "probability": judgement.probability,
            "flagged": judgement.flagged,
            "loss_nats": losses,
            "self_confidence": np.where(judged, self_confidence(probs, labels), np.nan),
            "margin": np.where(judged, margin(probs, labels), np.nan),
            "spread": spread(out_of_fold.repeat_probs, labels),
            **{f"signal_{name}": values for name, values in judgement.signals.items()},
            "checks": [", ".join(names) for names in _named_by(len(dataset), records)],
            "reason": _Reasons.of(evidence, judgement, probs, losses).all(unreadable),
            **({} if evidence.dynamics is None else vars(evidence.dynamics)),
        }
    )
    frame = frame.sort_values(["suspicion", "loss_nats", "row"], ascending=[False, False, True], na_position="last")
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    return frame.reset_index(drop=True)


def _named_by(samples: int, records: Sequence[CheckRecord]) -> list[list[str]]:
    """Ids of the checks that name each sample."""
    named: list[list[str]] = [[] for _ in range(samples)]
    for record in records:
        if isinstance(record.outcome, Ran):
            for row in sorted({finding.row for finding in record.outcome.findings if finding.row is not None}):
                named[row].append(record.check)
    return named


@dataclass(frozen=True)
class _Reasons:
    """One sentence with numbers for each sample: what models that never saw it say, and what its neighbours are.

    `given` and `rivals` are (samples,) probabilities of the given label and of the class `rival` beside it.
    """

    evidence: Evidence
    judgement: Judgement
    losses: Scores
    rival: Labels
    given: Scores
    rivals: Scores

    @classmethod
    def of(cls, evidence: Evidence, judgement: Judgement, probs: Probs, losses: Scores) -> _Reasons:
        labels = evidence.dataset.labels
        # what is suggested where the label is doubted, else what the models like best beside it
        rival = np.where(judgement.suspicion > 0, judgement.suggested, best_other(probs, labels))
        given, rivals = self_confidence(probs, labels), self_confidence(probs, rival)
        return cls(evidence, judgement, losses, rival, given, rivals)

    def all(self, unreadable: Mapping[int, str]) -> list[str]:
        judged = ~np.isnan(self.judgement.probability)
        return [
            f"not judged: {unreadable[row]}" if row in unreadable else self._judged(row) if known else self._alone(row)
            for row, known in enumerate(judged.tolist())
        ]

    def _alone(self, row: int) -> str:
        given = self.evidence.dataset.classes[self.evidence.dataset.labels[row]]
        return f"not judged: no other sample of '{given}' is left to learn the class from"

    def _judged(self, row: int) -> str:
        dataset = self.evidence.dataset
        given, rival = dataset.classes[dataset.labels[row]], dataset.classes[self.rival[row]]
        if not self.judgement.suspicion[row] > 0:
            verb = "agree on" if self.given[row] >= self.rivals[row] else "give"
            return (
                f"models that never saw it {verb} '{given}' with {told_share(self.given[row])}; "
                f"{told_share(self.judgement.probability[row])} to be wrong"
            )
        return (
            f"models that never saw it say '{rival}' with {told_share(self.rivals[row])}; the given '{given}' gets "
            f"{told_share(self.given[row])} (loss {self.losses[row]:.2f} nats){self._neighbours(row)}"
        )

    def _neighbours(self, row: int) -> str:
        neighbours = self.evidence.neighbours
        if neighbours is None:
            return ""
        near = neighbours.rows[row, :NEAREST]
        labels = self.evidence.dataset.labels[near[near >= 0]]
        if not len(labels):
            return ""
        dataset = self.evidence.dataset
        rival, own = int((labels == self.rival[row]).sum()), int((labels == dataset.labels[row]).sum())
        named = dataset.classes[self.rival[row]], dataset.classes[dataset.labels[row]]
        return f"; {rival} of its {len(labels)} nearest neighbours are '{named[0]}', {own or 'none'} '{named[1]}'"
