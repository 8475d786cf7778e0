"""What an audit leaves of its verdicts: checks, findings, ranking, copies, the map, and previews of what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataclinic.report.shown_rows import shown_rows
from dataclinic.rundir import artifacts
from dataclinic.steps.preview_samples import preview_samples
from dataclinic.workflow.judging import write_map, write_verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dataclinic.evidence import Evidence
    from dataclinic.findings import CheckRecord
    from dataclinic.workflow.line import Line


def save_verdicts(line: Line, evidence: Evidence, records: Sequence[CheckRecord], ranking: pd.DataFrame) -> None:
    """Write all that the checks and the ranking say, and previews of the samples that the report will show."""
    run, checks, findings = line.run, artifacts.checks_json(records), artifacts.findings_frame(records)
    run.write_json("checks.json", checks)
    run.write_table("findings.parquet", findings)
    run.write_table("ranking.parquet", ranking)
    if evidence.near_duplicates is not None:
        run.write_table("duplicates.parquet", artifacts.duplicates_frame(evidence.near_duplicates))
    for name, content in artifacts.extra_files(records).items():
        run.write_json(name, content)
    write_map(line, evidence, ranking)
    line.progress("make previews", 0, 1)
    shown = shown_rows(run, ranking, findings)
    rows = {*shown.all, *write_verdicts(line, evidence, shown.cards)}
    previews = preview_samples(evidence.dataset, sorted(rows), run.path)
    run.write_json("previews.json", {str(row): preview for row, preview in previews.items()})
    line.progress("make previews", 1, 1)
