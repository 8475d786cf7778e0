"""What a run directory holds for the report, each file read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataclinic.report.balance import TrueLabels
from dataclinic.report.classes import Confusion, confusion_of
from dataclinic.report.copies import Copies, read_copies
from dataclinic.report.reading import read_checks, read_findings, read_ranking, read_record
from dataclinic.report.reviewed import Reviewed, read_reviewed
from dataclinic.report.summary import Summary, summary_of, task_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from dataclinic.rundir import RunDir


@dataclass(frozen=True)
class Material:
    """Tables as they lie on disk, and what is counted from them over all samples.

    `truth` is None where it was not estimated how the labels are wrong, `reviewed` where nobody decided anything.
    """

    run: RunDir
    record: Mapping[str, Any]
    checks: list[Mapping[str, Any]]
    ranking: pd.DataFrame
    findings: pd.DataFrame
    summary: Summary
    confusion: Confusion
    truth: TrueLabels | None
    copies: Copies | None
    reviewed: Reviewed | None

    @classmethod
    def read(cls, run: RunDir) -> Material:
        """What `run` holds.

        Raises:
            RunError: a file is missing or broken.
            DecisionsError: decisions.jsonl is broken.
        """
        record, checks = read_record(run), read_checks(run)
        ranking = read_ranking(run, task_of(record))
        summary = summary_of(run, record, checks, ranking)
        known = summary.label_errors is not None and summary.label_errors.known
        return cls(
            run=run,
            record=record,
            checks=checks,
            ranking=ranking,
            findings=read_findings(run),
            summary=summary,
            confusion=confusion_of(ranking, summary.classes),
            truth=TrueLabels.of(ranking, summary.classes) if known else None,
            copies=read_copies(run, ranking),
            reviewed=read_reviewed(run, ranking),
        )
