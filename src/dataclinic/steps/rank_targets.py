"""One ranked list of all samples of a regression, most suspect first, with a reason in numbers for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dataclinic.findings import CheckRecord, Ran
from dataclinic.methods.number_text import exact_number, short_number
from dataclinic.methods.scaled_residuals import ScaledResiduals, scaled_residuals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.arrays import Mask, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.predictions import OutOfFoldTargets


def rank_targets(
    dataset: Dataset, out_of_fold: OutOfFoldTargets, records: Sequence[CheckRecord], unreadable: Mapping[int, str]
) -> pd.DataFrame:
    """Every sample with its suspicion and what speaks against its number, most suspect first.

    Suspicion is how many robust standard deviations the number lies from where the out-of-fold predictions put it,
    at least 0 (`methods/scaled_residuals.py`). A sample is flagged when a check accuses its label and its suspicion is
    above 0; then the prediction is suggested, as text of four digits. Samples that could not be judged stand last
    with null suspicion and the reason why.

    Returns:
        The columns of `rank_suspects`, of which suggested_probability, probability, loss_nats, self_confidence and
        margin are null and spread is the standard deviation of the predictions over repeats; then target, prediction
        and residual (target - prediction), in the unit of the label.
    """
    assert dataset.targets is not None  # noqa: S101 - the task of the dataset is regression
    targets, predictions = dataset.targets, out_of_fold.predictions
    scaled = scaled_residuals(targets, predictions)
    suspicion = np.abs(scaled.z)
    named, accused = _named_by(len(dataset), records)
    flagged = accused & (suspicion > 0)
    given = [exact_number(target) for target in targets]
    nothing = np.full(len(dataset), np.nan)
    frame = pd.DataFrame(
        {
            "row": np.arange(len(dataset)),
            "id": list(dataset.ids),
            "given_label": given,
            "suggested_label": _suggested(given, predictions, flagged),
            "suggested_probability": nothing,
            "suspicion": suspicion,
            "probability": nothing,
            "flagged": flagged,
            "loss_nats": nothing,
            "self_confidence": nothing,
            "margin": nothing,
            "spread": _spread(out_of_fold),
            "checks": [", ".join(names) for names in named],
            "reason": _reasons(given, predictions, scaled, unreadable),
            "target": targets,
            "prediction": predictions,
            "residual": targets - predictions,
        }
    )
    frame = frame.sort_values(["suspicion", "row"], ascending=[False, True], na_position="last")
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    return frame.reset_index(drop=True)


def _suggested(given: Sequence[str], predictions: Scores, flagged: Mask) -> list[str]:
    return [
        short_number(said) if doubted else text for text, said, doubted in zip(given, predictions, flagged, strict=True)
    ]


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


def _spread(out_of_fold: OutOfFoldTargets) -> Scores:
    """(samples,) standard deviation over the repeats that scored a sample; NaN for fewer than two."""
    scored = ~np.isnan(out_of_fold.repeat_predictions)
    away = np.where(scored, out_of_fold.repeat_predictions - out_of_fold.predictions, 0.0)
    more = scored.sum(axis=0) - 1
    variance = np.divide((away**2).sum(axis=0), more, out=np.full(scored.shape[1], np.nan), where=more > 0)
    return np.asarray(np.sqrt(variance), np.float64)


def _reasons(
    given: Sequence[str], predictions: Scores, scaled: ScaledResiduals, unreadable: Mapping[int, str]
) -> list[str]:
    reasons = []
    for row, (text, said, z) in enumerate(zip(given, predictions, scaled.z, strict=True)):
        if row in unreadable:
            reasons.append(f"not judged: {unreadable[row]}")
        elif np.isnan(said):
            reasons.append("not judged: no sample is left that a model could learn from before judging it")
        else:
            reasons.append(
                f"models that never saw it say {short_number(said)}; the given {text} is {short_number(abs(z))} times "
                f"the usual spread of ± {short_number(scaled.spread[row])} away from what is usual there"
            )
    return reasons
