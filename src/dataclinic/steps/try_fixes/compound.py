"""Several fixes on one training part, each proposed from what the one before left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dataclinic.findings import CheckRecord, DidNotApply, Ran
from dataclinic.methods.column_features import ColumnFeatures
from dataclinic.recipe import Recipe
from dataclinic.treatments import ColumnMap, Treatment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Labels, Rows, Scores
    from dataclinic.dataset import Dataset
    from dataclinic.evidence import Evidence
    from dataclinic.fixes import Fix, TrainingPart


@dataclass(frozen=True)
class Chained:
    """One column map after another."""

    first: ColumnMap
    second: ColumnMap

    @property
    def names(self) -> tuple[str, ...]:
        return self.second.names

    def apply(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.second.apply(self.first.apply(numbers))


def apply_in_turn(fixes: Sequence[Fix], part: TrainingPart) -> Treatment | DidNotApply:
    """One treatment of `fixes`: columns first, then rows and labels, weights, resampling, and how to train.

    Each fix is proposed from the part as those before it left it, so that class weights are those of the labels as
    relabelled. After a resampling, which adds rows, no further fix changes rows.

    Raises:
        CheckError: as the fixes.
    """
    alone = [(fix, fix.propose(part.heard(fix.listens))) for fix in fixes]
    known = [(_stage(part, made), place, fix) for place, (fix, made) in enumerate(alone) if isinstance(made, Treatment)]
    if not known:
        return DidNotApply("none of its fixes applies")
    whole = Treatment(part.rows, part.given, "")
    left, place_of, told = part, part.rows, []
    for stage, _, fix in sorted(known, key=lambda entry: entry[:2]):
        made = fix.propose(left.heard(fix.listens))
        if isinstance(made, DidNotApply) or (whole.synthetic is not None and stage == _RESAMPLING):
            continue
        whole = _joined(whole, made, place_of)
        told.append(made.told)
        if stage == _RESAMPLING:
            continue
        place_of = place_of[made.rows]
        left = _left_by(left, made)
    return replace(whole, told=", ".join(told)) if told else DidNotApply("none of its fixes applies")


_COLUMNS, _ROWS, _WEIGHTS, _RESAMPLING, _TRAINING = range(5)


def _stage(part: TrainingPart, made: Treatment) -> int:
    if made.column_map is not None:
        return _COLUMNS
    if made.synthetic is not None or len(np.unique(made.rows)) < len(made.rows):
        return _RESAMPLING
    if made.weights is not None:
        return _WEIGHTS
    untouched = len(made.rows) == len(part) and bool((np.asarray(made.labels) == part.given[made.rows]).all())
    return _TRAINING if untouched else _ROWS


def _joined(whole: Treatment, made: Treatment, place_of: Rows) -> Treatment:
    """`whole` and then `made`, whose rows are places in `place_of`; the rows of `whole` are those of `place_of`."""
    weights = None if whole.weights is None else whole.weights[made.rows]
    if made.weights is not None:
        weights = made.weights if weights is None else weights * made.weights
    return Treatment(
        place_of[made.rows],
        made.labels,
        made.told,
        weights,
        Recipe(**{**whole.recipe.asked(), **made.recipe.asked()}),
        made.synthetic or whole.synthetic,
        _chained(whole.column_map, made.column_map),
        _sum(whole.offsets, made.offsets),
    )


def _chained(first: ColumnMap | None, second: ColumnMap | None) -> ColumnMap | None:
    return Chained(first, second) if first is not None and second is not None else first or second


def _sum(first: Scores | None, second: Scores | None) -> Scores | None:
    return first + second if first is not None and second is not None else second if first is None else first


def _left_by(part: TrainingPart, made: Treatment) -> TrainingPart:
    """The part that `made` trains on: fewer rows, other labels, other columns."""
    rows = made.rows
    features = part.features.take(rows)
    if made.column_map is not None and isinstance(features, ColumnFeatures):
        features = features.with_numbers(made.column_map.apply(features.numbers), made.column_map.names)
    return replace(
        part,
        evidence=_evidence_left(part.evidence, made),
        features=features,
        records=tuple(_record_left(record, rows) for record in part.records),
        trusted=None if part.trusted is None else part.trusted[rows],
    )


def _evidence_left(evidence: Evidence, made: Treatment) -> Evidence:
    left = evidence.take(made.rows)
    changed = left.dataset.given != made.labels
    renamed = replace(left, dataset=_with_given(left.dataset, made.labels))
    if left.judgement is None:
        return renamed
    # The verdict was on the label that is gone.
    return replace(renamed, judgement=replace(left.judgement, flagged=left.judgement.flagged & ~changed))


def _with_given(dataset: Dataset, given: Labels | Scores) -> Dataset:
    if dataset.targets is None:
        return replace(dataset, labels=np.asarray(given, np.int64))
    return replace(dataset, targets=np.asarray(given, np.float64))


def _record_left(record: CheckRecord, rows: Rows) -> CheckRecord:
    """The record with its findings on the rows that are left, by their new places."""
    if not isinstance(record.outcome, Ran):
        return record
    place_of = {int(row): place for place, row in enumerate(rows)}
    left = tuple(
        replace(finding, row=place_of[finding.row])
        for finding in record.outcome.findings
        if finding.row is not None and finding.row in place_of
    )
    return replace(record, outcome=replace(record.outcome, findings=left))
