"""Verdicts that were given elsewhere, added to the decisions of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dataclinic.edits import Verdict
from dataclinic.errors import DecisionsError
from dataclinic.rundir.decisions import DECISIONS, DecisionLog, now, read_decisions
from dataclinic.steps.import_decisions import Imported, import_decisions
from dataclinic.steps.place_decisions import place_decisions
from dataclinic.steps.read_verdicts import Verdicts, read_verdicts

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.edits import Decision
    from dataclinic.rundir import RunDir


@dataclass(frozen=True)
class Import:
    """What was imported, and how many tasks or lines nobody has decided on."""

    found: Imported
    open: int


def import_verdicts(run: RunDir, file: Path, reviewer: str = "") -> Import:
    """Add the verdicts in `file` to decisions.jsonl of `run`; what was imported before is not added again.

    Args:
        run: finished.
        file: a Label Studio export, a table with the columns id and label, or a decisions.jsonl.
        reviewer: who gave them; "" means those whom the file names.

    Raises:
        DecisionsError: the file cannot be read, or the decisions cannot be written.
        RunError: the run is broken.
    """
    samples = run.read_table("samples.parquet", ("id", "given_label"))[["id", "given_label"]]
    samples["content"] = run.read_table("measurements.parquet", ("content",))["content"].fillna("")
    time = now().isoformat(timespec="seconds")
    verdicts = _verdicts(file)
    said = [replace(one, time=one.time or time, reviewer=reviewer or one.reviewer) for one in verdicts.said]
    log = DecisionLog(run.path / DECISIONS)
    earlier = [one for one in read_decisions(log.file) if one.origin == "import"]
    classes = run.record["dataset"]["classes"]
    found = import_decisions(samples, classes, said, place_decisions(samples, earlier))
    for decision in found.decisions:
        log.append(decision)
    return Import(found, verdicts.open)


def _verdicts(file: Path) -> Verdicts:
    if file.suffix.lower() != ".jsonl":
        return read_verdicts(file)
    if not file.is_file():
        raise DecisionsError.file_missing(file)
    return Verdicts(tuple(map(_verdict, read_decisions(file))))


def _verdict(decision: Decision) -> Verdict:
    """A label that was kept is one that was given, in a run whose labels may have been others."""
    label = decision.given or None if decision.verdict == "keep" else decision.label
    verdict = decision.verdict if label is None else None
    return Verdict(decision.id, decision.content, label, verdict, decision.time, decision.reviewer)
