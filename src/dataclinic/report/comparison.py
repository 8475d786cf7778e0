"""Two runs side by side: what became of the suspects, of the estimate, of the scores and of every check."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.report.audited import Audited
from dataclinic.report.scores import Score, scores_of
from dataclinic.report.suspects import finite
from dataclinic.report.wording import flat
from dataclinic.steps.compare_runs import compare_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from dataclinic.arrays import Mask, Rows
    from dataclinic.edits import Decision
    from dataclinic.report.estimate import Bounds, LabelErrors
    from dataclinic.rundir import RunDir

CHANGES = ("new", "returned", "fixed", "still")
DECIDES_NOTHING = {"fail_on"}
"""Settings that change no number."""


@dataclass(frozen=True)
class CheckCounts:
    """What one check found in either run; None where the run does not know it. `outcome` is how it ended."""

    check: str
    before: int | None
    after: int | None
    outcome_before: str
    outcome_after: str


@dataclass(frozen=True)
class Setting:
    """A setting, version or part that differs, as text; "" where a run has none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """Two runs and what differs.

    `changes` are suspects of either run: columns change, how, id, given_before, given_after, suggested, probability,
    reason, before and after (rows). `same`, `gone` and `added` count samples, `relabelled` those of `same`.
    """

    before: Audited
    after: Audited
    changes: pd.DataFrame
    same: int
    relabelled: int
    scores: tuple[Score, ...]
    checks: tuple[CheckCounts, ...]
    settings: tuple[Setting, ...]

    @property
    def gone(self) -> int:
        return len(self.before.samples) - self.same

    @property
    def added(self) -> int:
        return len(self.after.samples) - self.same

    @property
    def same_labels(self) -> bool:
        """Whether both runs have the same samples with the same labels."""
        return not (self.gone or self.added or self.relabelled)

    @property
    def errors(self) -> tuple[Bounds, Bounds] | None:
        """Estimated numbers of wrong labels; None where one run made no estimate or knows too little."""
        known = [_known(run.estimate) for run in (self.before, self.after)]
        return None if known[0] is None or known[1] is None else (known[0], known[1])

    def count(self, change: str) -> int:
        return int((self.changes["change"] == change).sum())

    @property
    def notes(self) -> tuple[str, ...]:
        """What makes the two runs hard to compare."""
        return tuple(_notes(self))


def compare(first: RunDir, second: RunDir) -> Comparison:
    """What changed from the first run to the second.

    Raises:
        GateError: one audited classes, the other numbers.
        RunError: a file of a run is missing or broken.
        DecisionsError: decisions.jsonl of a run is broken.
    """
    before, after = Audited.read(first), Audited.read(second)
    partner = after.partners(before)
    there = np.flatnonzero(partner >= 0)
    labels = before.samples["given_label"].to_numpy(object), after.samples["given_label"].to_numpy(object)
    relabelled = int((labels[0][partner[there]] != labels[1][there]).sum())
    changes = compare_runs(before.samples, after.samples, partner, _approved(before, after, partner))
    return Comparison(
        before=before,
        after=after,
        changes=_told(changes, before.samples, after.samples),
        same=len(there),
        relabelled=relabelled,
        scores=scores_of(before.record, after.record),
        checks=tuple(_checks(before, after)),
        settings=tuple(_settings(before.record, after.record)),
    )


def comparison_json(found: Comparison) -> dict[str, Any]:
    """The comparison, ready for `json.dumps`, with every suspect that changed."""
    return {
        "before": str(found.before.run.path),
        "after": str(found.after.run.path),
        "task": found.after.task,
        "samples": {
            "before": len(found.before.samples),
            "after": len(found.after.samples),
            **{name: getattr(found, name) for name in ("same", "gone", "added", "relabelled")},
        },
        "suspects": {
            "before": int(found.before.samples["flagged"].sum()),
            "after": int(found.after.samples["flagged"].sum()),
            **{change: found.count(change) for change in CHANGES},
        },
        "changes": {change: _entries(found.changes[found.changes["change"] == change]) for change in CHANGES},
        "estimated_errors": None
        if found.errors is None
        else {name: asdict(end) for name, end in zip(("before", "after"), found.errors, strict=True)},
        "scores": [asdict(score) for score in found.scores],
        "same_labels": found.same_labels,
        "checks": [asdict(counts) for counts in found.checks],
        "settings": [asdict(setting) for setting in found.settings],
        "notes": list(found.notes),
    }


def _entries(changes: pd.DataFrame) -> list[dict[str, Any]]:
    rows = changes.drop(columns="change").to_dict("records")
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """None for what is missing; rows that are not there are missing too."""
    if isinstance(value, str):
        return value
    number = finite(value)
    return None if number is None or number == -1 else int(number) if isinstance(value, int) else number


def _told(changes: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The changes with what the runs say of the samples: the later one where they are there, else the earlier one."""
    now = (changes["after"] >= 0).to_numpy(bool)
    suspect_now = (changes["change"] != "fixed").to_numpy(bool)
    told = changes.assign(
        id=_either(changes, before["id"], after["id"], now),
        given_before=_either(changes, before["given_label"], None, np.zeros(len(now), bool)),
        given_after=_either(changes, None, after["given_label"], np.ones(len(now), bool)),
    )
    for name, column in (("suggested", "suggested_label"), ("probability", "probability"), ("reason", "reason")):
        told[name] = _either(changes, before[column], after[column], suspect_now)
    return told


def _either(changes: pd.DataFrame, before: pd.Series | None, after: pd.Series | None, now: Mask) -> Any:
    """Values of the later run where `now`, of the earlier one elsewhere; None where a sample is not there."""
    values = np.full(len(changes), None, object)
    for column, rows, among in ((before, changes["before"], ~now), (after, changes["after"], now)):
        places = rows.to_numpy(np.int64)
        wanted = among & (places >= 0)
        if column is not None:
            values[wanted] = column.to_numpy(object)[places[wanted]]
    return values


def _approved(before: Audited, after: Audited, partner: Rows) -> Mask:
    """(after,) whether a person said, before the later run ended, that the label it has there is right."""
    approved = np.zeros(len(partner), bool)
    given = after.samples["given_label"].to_numpy(object)
    ended = _moment(after.record.get("finished"))
    rows = {int(old): row for row, old in enumerate(partner.tolist()) if old in before.decided}
    earlier = before.samples["given_label"].to_numpy(object)
    decided = [(rows[old], decision, earlier[old]) for old, decision in before.decided.items() if old in rows]
    decided += [(row, decision, given[row]) for row, decision in after.decided.items()]
    for row, decision, had in decided:
        if not _later(decision, ended):
            approved[row] = _right(decision, had) == given[row]
    return approved


def _right(decision: Decision, given: str) -> str | None:
    """The label that is right by the decision on a sample that had the label `given`; None where none is."""
    if decision.verdict == "keep":
        return decision.given or given
    return decision.label if decision.verdict == "relabel" else None


def _later(decision: Decision, moment: datetime | None) -> bool:
    decided = _moment(decision.time)
    return decided is not None and moment is not None and decided > moment


def _moment(text: object) -> datetime | None:
    """None where the text is no time."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _checks(before: Audited, after: Audited) -> Iterator[CheckCounts]:
    """Every check that either run knows, with its number of findings."""
    sides = [{entry["check"]: entry for entry in run.checks} for run in (before, after)]
    for check in sorted({*sides[0], *sides[1]}):
        entries = [side.get(check) for side in sides]
        counts = [None if entry is None else int(entry["count"]) for entry in entries]
        outcomes = ["" if entry is None else str(entry["outcome"]) for entry in entries]
        yield CheckCounts(check, counts[0], counts[1], outcomes[0], outcomes[1])


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Setting]:
    sides = [_named(record) for record in (before, after)]
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        first, second = (side.get(name, "") for side in sides)
        if first != second:
            yield Setting(name, first, second)


def _named(record: Mapping[str, Any]) -> dict[str, str]:
    """What decides the numbers of a run besides the data, as text."""
    settings = {name: value for name, value in record.get("settings", {}).items() if name not in DECIDES_NOTHING}
    parts = {name: (record.get(name) or {}).get("id") for name in ("encoder", "model")}
    versions = {f"version of {name}": value for name, value in (record.get("versions") or {}).items()}
    told = {"dataclinic": record.get("dataclinic"), **{f"{name} used": part for name, part in parts.items()}}
    told |= {"device used": record.get("device"), **versions}
    return {**dict(flat(settings)), **{name: str(value) for name, value in told.items() if value}}


def _notes(found: Comparison) -> Iterator[str]:
    first, second = (_moment(run.record.get("finished")) for run in (found.before, found.after))
    if first is not None and second is not None and first > second:
        yield "the first run is the later one: to see what changed since the older one, give them the other way round"
    classes = [set(run.record["dataset"]["classes"]) for run in (found.before, found.after)]
    if classes[0] != classes[1]:
        yield f"the classes are not the same: {len(classes[0] - classes[1])} gone, {len(classes[1] - classes[0])} added"
    if not found.same:
        yield "the two runs have no sample in common"


def _known(estimate: LabelErrors | None) -> Bounds | None:
    return None if estimate is None or not estimate.known or not estimate.judged else estimate.errors
