"""dataclinic compare: what changed from one run to another."""

# Typer reads the annotations at run time, so Path cannot hide behind TYPE_CHECKING.
import json
from pathlib import Path
from typing import Annotated

import typer

from dataclinic.cli.options import JsonOption


def compare(
    before: Annotated[Path, typer.Argument(metavar="RUN_A", help="The earlier run.", show_default=False)],
    after: Annotated[Path, typer.Argument(metavar="RUN_B", help="The later run.", show_default=False)],
    top: Annotated[int, typer.Option(help="How many suspects of each kind.", min=0)] = 10,
    json_output: JsonOption = False,
) -> None:
    """Show new, returned and fixed suspects, and the change in estimate, scores and checks."""
    from dataclinic.report.comparison import compare as compare_runs
    from dataclinic.report.comparison import comparison_json
    from dataclinic.rundir import RunDir

    found = compare_runs(RunDir.open_finished(before), RunDir.open_finished(after))
    if json_output:
        typer.echo(json.dumps(comparison_json(found), ensure_ascii=False, indent=2, allow_nan=False))
        return
    from dataclinic.cli.comparison_console import print_comparison

    print_comparison(found, top)
