"""dataclinic report: write report.html again from what the run directory holds."""

import typer

from dataclinic.cli.options import RunArgument


def report(run: RunArgument) -> None:
    """Write report.html, report.json, report.md and suspects.csv of a run again."""
    from dataclinic.report.html import write_report
    from dataclinic.rundir import RunDir

    typer.echo(str(write_report(RunDir.open_finished(run))))
