"""A finished run as limits and comparisons see it: its samples, its problems, and what people decided."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dataclinic.errors import GateError, RunError
from dataclinic.limits import limit_name
from dataclinic.report.estimate import LabelErrors, read_label_errors
from dataclinic.report.reading import read_checks, read_findings, read_record
from dataclinic.report.summary import task_of
from dataclinic.rundir.decisions import DECISIONS, read_decisions
from dataclinic.steps.mark_new import NOWHERE
from dataclinic.steps.match_runs import match_runs
from dataclinic.steps.place_decisions import place_decisions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataclinic.arrays import Mask, Rows
    from dataclinic.dataset import Task
    from dataclinic.edits import Decision
    from dataclinic.rundir import RunDir

RANKING = ("row", "id", "given_label", "suggested_label", "flagged", "rank", "probability", "reason")
PROBLEM = ("name", "row", "subject", "label", "reason")


@dataclass(frozen=True)
class Audited:
    """What a run holds, each file read once; `samples` has a row a sample, in the order of the data.

    Its columns: id, content (digest, "" where there is none), given_label, suggested_label, flagged, rank, probability
    and reason. `findings` are those of all checks, `decided` is what people said of a sample, by its row.
    """

    run: RunDir
    record: Mapping[str, Any]
    checks: list[Mapping[str, Any]]
    samples: pd.DataFrame
    findings: pd.DataFrame
    estimate: LabelErrors | None
    decided: Mapping[int, Decision]

    @classmethod
    def read(cls, run: RunDir) -> Audited:
        """What `run`, whose audit is done, holds.

        Raises:
            RunError: a file is missing or broken.
            DecisionsError: decisions.jsonl is broken.
        """
        samples = _samples(run)
        return cls(
            run=run,
            record=read_record(run),
            checks=read_checks(run),
            samples=samples,
            findings=read_findings(run),
            estimate=read_label_errors(run),
            decided=place_decisions(samples, read_decisions(run.path / DECISIONS)),
        )

    @property
    def task(self) -> Task:
        return task_of(self.record)

    @cached_property
    def outcomes(self) -> Mapping[str, Mapping[str, Any]]:
        """Entries of checks.json by the names that limits have for them."""
        return {limit_name(entry["check"]): entry for entry in self.checks}

    def partners(self, before: Audited) -> Rows:
        """(samples,) row of each sample in the run `before`, -1 where it was not there.

        Raises:
            GateError: one of the two is an audit of classes, the other of numbers.
        """
        if before.task != self.task:
            raise GateError.other_task(before.run.path, before.task, self.run.path, self.task)
        return match_runs(before.samples, self.samples)

    def kept(self) -> Mask:
        """(samples,) whether a person decided that the given label is right."""
        kept = np.zeros(len(self.samples), bool)
        given = self.samples["given_label"].to_numpy(object)
        for row, decision in self.decided.items():
            kept[row] = decision.verdict == "keep" and decision.given in {"", given[row]}
        return kept

    def problems(self, kept: Mask) -> pd.DataFrame:
        """Every problem by its name, worst first within each, with the columns of PROBLEM.

        Those are the findings, one of a check for a sample; `label_errors` and `suspects`. `label` is the given one
        where the problem accuses it, else ""; labels that are `kept` are accused by `suspects` alone.
        """
        parts = [self._flagged("label_errors", ~kept), self._flagged("suspects", np.ones(len(kept), bool))]
        found = self._found()
        row = found["row"].to_numpy(np.int64)
        answered = np.zeros(len(found), bool)
        answered[row != NOWHERE] = kept[row[row != NOWHERE]]
        accuses = (found["label"] != "").to_numpy(bool)
        return pd.concat([*parts, found[~(answered & accuses)]], ignore_index=True)

    def _flagged(self, name: str, among: Mask) -> pd.DataFrame:
        flagged = self.samples[self.samples["flagged"].to_numpy(bool) & among].sort_values("rank")
        return pd.DataFrame(
            {
                "name": name,
                "row": flagged.index.to_numpy(np.int64),
                "subject": flagged["id"].to_numpy(),
                "label": flagged["given_label"].to_numpy(),
                "reason": flagged["reason"].to_numpy(),
            },
            columns=list(PROBLEM),
        )

    def _found(self) -> pd.DataFrame:
        findings = self.findings
        row = findings["row"].astype("Int64").fillna(NOWHERE).to_numpy(np.int64)
        if row.max(initial=NOWHERE) >= len(self.samples):
            raise RunError.broken_file(
                self.run.path / "findings.parquet", ValueError("it names rows that are not there")
            )
        accusing = [name for name, entry in self.outcomes.items() if entry.get("accuses_label")]
        found = findings.assign(name=findings["check"].map(limit_name), row=row)
        given = self.samples["given_label"].to_numpy(object)[np.maximum(row, 0)] if len(self.samples) else ""
        found["label"] = np.where(found["name"].isin(accusing) & (row != NOWHERE), given, "")
        again = found.duplicated(["name", "row"]) & (row != NOWHERE)
        return found.loc[~again, list(PROBLEM)]


def _samples(run: RunDir) -> pd.DataFrame:
    name = "ranking.parquet"
    ranking = run.read_columns(name, RANKING)
    if lacking := [column for column in RANKING if column not in ranking]:
        raise RunError.broken_file(run.path / name, ValueError(f"it lacks the column {lacking[0]}"))
    samples = ranking.sort_values("row").set_index("row")
    if not np.array_equal(samples.index, np.arange(len(samples))):
        raise RunError.broken_file(run.path / name, ValueError("its rows are not those of the samples"))
    return samples.assign(content=_content(run, len(samples)))


def _content(run: RunDir, samples: int) -> Any:
    """(samples,) digests; "" where the run has measured nothing, or something else than these samples."""
    measured = run.path / "measurements.parquet"
    found = run.read_columns(measured.name, ("content",)) if measured.is_file() else pd.DataFrame()
    if "content" not in found or len(found) != samples:
        return ""
    return found["content"].fillna("").to_numpy()
