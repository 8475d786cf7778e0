"""dataclinic suspects: the ranked list in the terminal."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from dataclinic.cli.options import JsonOption, RunArgument

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("rank", "id", "given_label", "suggested_label", "suspicion", "loss_nats", "flagged", "checks", "reason")


def suspects(
    run: RunArgument,
    top: Annotated[int, typer.Option(help="How many.", min=1)] = 30,
    everything: Annotated[bool, typer.Option("--all", help="Also samples that are not flagged.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Show the samples whose label is most likely wrong, worst first."""
    from dataclinic.rundir import RunDir

    ranking = RunDir.open_finished(run).read_table("ranking.parquet", COLUMNS)
    flagged = int(ranking["flagged"].sum())
    shown = (ranking if everything else ranking[ranking["flagged"]]).head(top)
    if json_output:
        typer.echo(json.dumps(json.loads(shown[list(COLUMNS)].to_json(orient="records")), ensure_ascii=False, indent=2))
        return
    if len(shown):
        _print_table(shown)
    if everything:
        typer.echo(f"{len(shown):,} of {len(ranking):,} samples, {flagged:,} of all are suspects")
    else:
        more = "" if flagged else "; --all lists the most suspect samples all the same"
        typer.echo(f"{len(shown):,} of {flagged:,} suspects among {len(ranking):,} samples{more}")


def _print_table(shown: "pd.DataFrame") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from dataclinic.report.wording import visible

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("#", "Sample", "Given", "Suggested"):
        table.add_column(name, overflow="fold")
    for name in ("Suspicion", "Loss"):
        table.add_column(name, justify="right")
    table.add_column("Named by", overflow="fold")
    for row in shown.itertuples():
        table.add_row(
            str(row.rank),
            Text(visible(row.id)),
            Text(visible(row.given_label)),
            Text(visible(row.suggested_label)),
            f"{row.suspicion:.2f}",
            f"{row.loss_nats:.2f}",
            Text(row.checks),
        )
    Console().print(table)
