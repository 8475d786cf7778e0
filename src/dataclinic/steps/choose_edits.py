"""From decisions, ranking or treatment to edits: which samples to drop or relabel, and why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from dataclinic.edits import Drop, Edit, Relabel
from dataclinic.errors import ExportError
from dataclinic.methods.number_text import exact_number

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    from dataclinic.dataset import Dataset
    from dataclinic.edits import Decision

_WHY = {
    "queue": "reviewed as a suspect",
    "audit": "reviewed as one of a random sample",
    "import": "decided in another tool",
}
"""By the origin of a decision."""


def decided_edits(
    dataset: Dataset, decisions: Mapping[int, Decision], ambiguous: Literal["keep", "drop"]
) -> list[Edit]:
    """What people decided to change, in the order of samples; kept samples, and ambiguous ones to keep, need no edit.

    Args:
        dataset: all samples.
        decisions: by row.
        ambiguous: what to do about samples on which a person could not tell.

    Raises:
        ExportError: a decision names a class that the data does not have, or no number in regression.
    """
    edits: list[Edit] = []
    for row in sorted(decisions):
        decision = decisions[row]
        sample, given = dataset.ids[row], given_label(dataset, row)
        why, who, when = _WHY[decision.origin], decision.reviewer, decision.time
        if decision.verdict == "relabel":
            label = _label(dataset, sample, decision)
            if not _same(dataset, row, label):
                edits.append(Relabel(row, sample, given, label, why, "decision", who, when))
        elif decision.verdict == "drop" or (decision.verdict == "ambiguous" and ambiguous == "drop"):
            edits.append(Drop(row, sample, given, why, "decision", who, when))
    return edits


def choose_edits(
    ranking: pd.DataFrame, apply: Literal["drop", "relabel"], min_probability: float, decided: Collection[int] = ()
) -> list[Edit]:
    """One edit for each flagged sample whose label is wrong with at least `min_probability`, most suspect first.

    The probability is the calibrated one where the run has it. Where it is null, the out-of-fold probability that
    the label is another one than given, 1 - self-confidence, stands in for it.

    Args:
        ranking: columns of ranking.parquet.
        apply: "drop" leaves those samples out, "relabel" gives them the suggested label.
        min_probability: in [0, 1]. The ranking of a regression has no probabilities: each flagged sample gets an edit.
        decided: rows that people decided on; they get none, whatever was decided.

    Raises:
        ExportError: numbers are to be relabelled.
    """
    open_ones = ranking[ranking["flagged"] & ~ranking["row"].isin(list(decided))]
    if "target" in ranking.columns:
        return _drops(open_ones, apply)
    probability = open_ones["probability"].fillna(1.0 - open_ones["self_confidence"])
    chosen = open_ones[probability >= min_probability]
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
        Drop(sample.row, sample.id, str(sample.given), told, "treatment")
        if sample.copies == 0
        else Relabel(sample.row, sample.id, str(sample.given), str(sample.label), told, "treatment")
        for sample in changed.itertuples()
    ]


def given_label(dataset: Dataset, row: int) -> str:
    """The label as it was given: the name of a class, or the shortest text of a number."""
    return (
        dataset.classes[dataset.labels[row]] if dataset.targets is None else exact_number(float(dataset.targets[row]))
    )


def _label(dataset: Dataset, sample: str, decision: Decision) -> str:
    label = (decision.label or "").strip() if dataset.targets is not None else decision.label or ""
    if dataset.targets is None:
        if label not in dataset.classes:
            raise ExportError.new_class(label, sample, dataset.classes)
        return label
    try:
        finite = math.isfinite(float(label))
    except ValueError:
        finite = False
    if not finite or "_" in label:
        raise ExportError.no_number(label, sample)
    return label


def _same(dataset: Dataset, row: int, label: str) -> bool:
    if dataset.targets is None:
        return bool(dataset.classes[dataset.labels[row]] == label)
    return bool(dataset.targets[row] == float(label))


def _drops(suspects: pd.DataFrame, apply: Literal["drop", "relabel"]) -> list[Edit]:
    if apply == "relabel":
        raise ExportError.numbers_not_relabelled()
    return [Drop(suspect.row, suspect.id, suspect.given_label, suspect.reason) for suspect in suspects.itertuples()]
