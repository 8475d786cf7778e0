"""From the ranking to edits: which suspects to drop or relabel, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dataclinic.edits import Drop, Edit, Relabel
from dataclinic.errors import ExportError

if TYPE_CHECKING:
    import pandas as pd


def choose_edits(ranking: pd.DataFrame, apply: Literal["drop", "relabel"], min_probability: float) -> list[Edit]:
    """One edit for each flagged sample whose label is wrong with at least `min_probability`, most suspect first.

    The probability is the calibrated one where the run has it. Where it is null, the out-of-fold probability that
    the label is another one than given, 1 - self-confidence, stands in for it.

    Args:
        ranking: columns of ranking.parquet.
        apply: "drop" leaves those samples out, "relabel" gives them the suggested label.
        min_probability: in [0, 1]. The ranking of a regression has no probabilities: each flagged sample gets an edit.

    Raises:
        ExportError: numbers are to be relabelled.
    """
    if "target" in ranking.columns:
        return _drops(ranking, apply)
    probability = ranking["probability"].fillna(1.0 - ranking["self_confidence"])
    chosen = ranking[ranking["flagged"] & (probability >= min_probability)]
    edits: list[Edit] = []
    for suspect in chosen.itertuples():
        if apply == "relabel":
            edits.append(Relabel(suspect.row, suspect.id, suspect.given_label, suspect.suggested_label, suspect.reason))
        else:
            edits.append(Drop(suspect.row, suspect.id, suspect.given_label, suspect.reason))
    return edits


def treatment_edits(plan: pd.DataFrame, told: str) -> list[Edit]:
    """What a training plan changes about the samples: one edit for each that is dropped or has another label.

    Copies and weights are no edits: they stay in the plan.

    Args:
        plan: columns of training_plan.parquet.
        told: what the treatment does, the reason of every edit.

    Raises:
        ExportError: it gives samples of a regression other numbers.
    """
    if plan["given"].dtype.kind == "f" and (plan["label"] != plan["given"])[plan["copies"] > 0].any():
        raise ExportError.numbers_stay_in_the_plan()
    changed = plan[(plan["copies"] == 0) | (plan["label"] != plan["given"])]
    return [
        Drop(sample.row, sample.id, str(sample.given), told)
        if sample.copies == 0
        else Relabel(sample.row, sample.id, str(sample.given), str(sample.label), told)
        for sample in changed.itertuples()
    ]


def _drops(ranking: pd.DataFrame, apply: Literal["drop", "relabel"]) -> list[Edit]:
    if apply == "relabel":
        raise ExportError.numbers_not_relabelled()
    chosen = ranking[ranking["flagged"]].itertuples()
    return [Drop(suspect.row, suspect.id, suspect.given_label, suspect.reason) for suspect in chosen]
