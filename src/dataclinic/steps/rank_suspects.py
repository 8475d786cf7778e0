"""One ranked list of all samples, most suspect first, with a reason in numbers for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dataclinic.findings import CheckRecord, Ran, told_share
from dataclinic.methods.label_quality import best_other, log_margin, margin, mean_loss_nats, self_confidence, spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.arrays import Mask
    from dataclinic.dataset import Dataset
    from dataclinic.fits import TrainingDynamics
    from dataclinic.predictions import OutOfFold


def rank_suspects(
    dataset: Dataset,
    out_of_fold: OutOfFold,
    records: Sequence[CheckRecord],
    unreadable: Mapping[int, str],
    dynamics: TrainingDynamics | None = None,
) -> pd.DataFrame:
    """Every sample with its suspicion and what speaks against its label, most suspect first.

    Suspicion is the negative log-margin of the temperature-fitted out-of-fold probabilities in nats: above 0 the
    models prefer another class. A sample is flagged when a check accuses its label and its suspicion is above 0.
    Samples that could not be judged stand last with null suspicion and the reason why.

    Returns:
        Columns rank, row, id, given_label, suggested_label, suggested_probability, suspicion, probability (null: it
        is not calibrated), flagged, loss_nats, self_confidence, margin, spread, checks, reason; and the signals of
        `TrainingDynamics` where models trained in epochs.
    """
    judged = out_of_fold.judged
    probs = np.where(judged[:, None], out_of_fold.probs, 0.0).astype(np.float32)
    labels = dataset.labels
    other = best_other(probs, labels)
    classes = np.array(dataset.classes, dtype=object)
    suspicion = np.where(judged, -log_margin(probs, labels), np.nan)
    # An exact tie has no preference; without this it would read -0.0.
    suspicion = suspicion + 0.0
    named, accused = _named_by(len(dataset), records)
    suggested = np.where(suspicion > 0, other, labels)
    frame = pd.DataFrame(
        {
            "row": np.arange(len(dataset)),
            "id": list(dataset.ids),
            "given_label": classes[labels],
            "suggested_label": classes[suggested],
            "suggested_probability": np.where(judged, self_confidence(probs, suggested), np.nan),
            "suspicion": suspicion,
            "probability": np.full(len(dataset), np.nan),
            "flagged": accused & (suspicion > 0),
            "loss_nats": mean_loss_nats(out_of_fold.repeat_probs, labels),
            "self_confidence": np.where(judged, self_confidence(probs, labels), np.nan),
            "margin": np.where(judged, margin(probs, labels), np.nan),
            "spread": spread(out_of_fold.repeat_probs, labels),
            "checks": [", ".join(names) for names in named],
            "reason": _reasons(dataset, out_of_fold, unreadable),
            **({} if dynamics is None else vars(dynamics)),
        }
    )
    frame = frame.sort_values(["suspicion", "loss_nats", "row"], ascending=[False, False, True], na_position="last")
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    return frame.reset_index(drop=True)


def _named_by(samples: int, records: Sequence[CheckRecord]) -> tuple[list[list[str]], Mask]:
    """Ids of the checks that name each sample, and whether one of them accuses its label."""
    named: list[list[str]] = [[] for _ in range(samples)]
    accused = np.zeros(samples, bool)
    for record in records:
        if not isinstance(record.outcome, Ran):
            continue
        for row in sorted({finding.row for finding in record.outcome.findings if finding.row is not None}):
            named[row].append(record.check)
            accused[row] |= record.accuses_label
    return named, accused


def _reasons(dataset: Dataset, out_of_fold: OutOfFold, unreadable: Mapping[int, str]) -> list[str]:
    probs = np.where(out_of_fold.judged[:, None], out_of_fold.probs, 0.0)
    labels = dataset.labels
    other = best_other(probs.astype(np.float32), labels)
    given_prob = self_confidence(probs, labels)
    other_prob = self_confidence(probs, other)
    losses = mean_loss_nats(out_of_fold.repeat_probs, labels)
    reasons = []
    for row, judged in enumerate(out_of_fold.judged):
        given, rival = dataset.classes[labels[row]], dataset.classes[other[row]]
        if row in unreadable:
            reasons.append(f"not judged: {unreadable[row]}")
        elif not judged:
            reasons.append(f"not judged: no other sample of '{given}' is left to learn the class from")
        elif given_prob[row] >= other_prob[row]:
            reasons.append(f"models that never saw it agree on '{given}' with {told_share(given_prob[row])}")
        else:
            reasons.append(
                f"models that never saw it say '{rival}' with {told_share(other_prob[row])}; the given '{given}' gets "
                f"{told_share(given_prob[row])} (loss {losses[row]:.2f} nats)"
            )
    return reasons
