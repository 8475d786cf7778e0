"""A run held against limits, alone or against an earlier run: what is too much, and who broke it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.errors import GateError
from dataclinic.limits import NAMES, Judged, Kept, Limit, limit_name
from dataclinic.registry import CHECKS
from dataclinic.report.audited import Audited
from dataclinic.report.measures import Measures
from dataclinic.report.wording import plural
from dataclinic.steps.check_limits import check_limits
from dataclinic.steps.mark_new import NOWHERE, mark_new
from dataclinic.steps.parse_limits import parse_limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from dataclinic.arrays import Mask, Rows
    from dataclinic.rundir import RunDir

MOST_OFFENDERS = 20
"""Of a limit in JSON and JUnit; the run directory has all."""


@dataclass(frozen=True)
class Gate:
    """A run and its limits.

    `problems` are those of the run with the column new, True for each where there is no baseline; `gone` those of the
    baseline that the run no longer has, `kept` the samples whose label a person said is right.
    """

    audited: Audited
    baseline: Audited | None
    limits: tuple[Judged, ...]
    problems: pd.DataFrame
    gone: pd.DataFrame
    kept: int

    @property
    def verdict(self) -> Kept:
        """Broken where one limit is, since nothing can mend that; else unknown where one is."""
        states = [judged.kept for judged in self.limits]
        return "broken" if "broken" in states else "unknown" if "unknown" in states else "held"

    def offenders(self, limit: Limit) -> pd.DataFrame:
        """The problems that count for `limit`, worst first; none where it is about another number."""
        return self.problems[(self.problems["name"] == limit.name) & self.problems["new"]]

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What one should know to read the values."""
        notes = []
        if self.kept:
            of = plural(self.kept, "label")
            notes.append(f"{of} that people kept as given {'does' if self.kept == 1 else 'do'} not count as wrong")
        if self.baseline is not None:
            known = int((~self.problems["new"] & (self.problems["name"] != "suspects")).sum())
            notes.append(
                f"only what is new since {self.baseline.run.path} counts: {plural(known, 'problem')} "
                f"{'was' if known == 1 else 'were'} there before"
            )
        return tuple(notes)


def known_names(checks: Iterable[str] = ()) -> frozenset[str]:
    """Names that limits may have: of the checks of this version and of `checks`, and of numbers."""
    return frozenset({*NAMES, *map(limit_name, (*CHECKS.ids(), *checks))})


def hold(run: RunDir, expression: str, baseline: RunDir | None = None) -> Gate:
    """The run held against the limits of `expression`; with a baseline only what is new since then counts.

    Raises:
        GateError: the expression is none, or the baseline is the run itself or of another task.
        RunError: a file of a run is missing or broken.
        DecisionsError: decisions.jsonl of a run is broken.
    """
    if baseline is not None and baseline.path.resolve() == run.path.resolve():
        raise GateError.own_baseline(run.path)
    audited = Audited.read(run)
    limits = parse_limits(expression, known_names(entry["check"] for entry in audited.checks))
    before = None if baseline is None else Audited.read(baseline)
    kept, problems, gone = _compared(audited, before)
    measures = Measures(audited, before, problems)
    judged = check_limits(limits, {limit.name: measures.of(limit.name) for limit in limits})
    return Gate(audited, before, judged, problems, gone, int(kept.sum()))


def gate_json(gate: Gate) -> dict[str, Any]:
    """The gate, ready for `json.dumps`: verdict, every limit with its value, and the first offenders of each."""
    return {
        "run": str(gate.audited.run.path),
        "baseline": None if gate.baseline is None else str(gate.baseline.run.path),
        "samples": len(gate.audited.samples),
        "verdict": gate.verdict,
        "kept_by_people": gate.kept,
        "limits": [_limit_json(gate, judged) for judged in gate.limits],
        "notes": list(gate.notes),
    }


def _limit_json(gate: Gate, judged: Judged) -> dict[str, Any]:
    found = gate.offenders(judged.limit)
    first = found.head(MOST_OFFENDERS)
    return {
        "limit": judged.limit.text,
        "name": judged.limit.name,
        "value": judged.measured.value,
        "share": judged.measured.share,
        "verdict": judged.kept,
        "note": judged.measured.note,
        "found": len(found),
        "first": [
            {"subject": subject, "row": None if row == NOWHERE else int(row), "reason": reason}
            for subject, row, reason in zip(first["subject"], first["row"], first["reason"], strict=True)
        ],
    }


def _compared(audited: Audited, before: Audited | None) -> tuple[Mask, pd.DataFrame, pd.DataFrame]:
    """Which labels people kept, the problems of the run, and those that the baseline had alone."""
    kept = audited.kept()
    if before is None:
        problems = audited.problems(kept)
        return kept, problems.assign(new=True), problems.iloc[:0]
    partner = audited.partners(before)
    kept |= _kept_before(audited, before, partner)
    problems, old = audited.problems(kept), before.problems(before.kept())
    new = mark_new(problems, old, partner)
    return kept, problems.assign(new=new), old[mark_new(old, problems, _back(partner, len(before.samples)))]


def _kept_before(audited: Audited, before: Audited, partner: Rows) -> Mask:
    """(samples,) whether a person kept the label in the baseline, it is the same since, and nobody decided anew."""
    kept = np.zeros(len(partner), bool)
    there = np.flatnonzero(partner >= 0)
    given = before.samples["given_label"].to_numpy(object)[partner[there]]
    same = given == audited.samples["given_label"].to_numpy(object)[there]
    kept[there] = before.kept()[partner[there]] & same
    kept[list(audited.decided)] = False
    return kept


def _back(partner: Rows, before: int) -> Rows:
    """(before,) row of each earlier sample among the later ones, -1 where it is gone."""
    back = np.full(before, NOWHERE, np.int64)
    there = np.flatnonzero(partner >= 0)
    back[partner[there]] = there
    return back
