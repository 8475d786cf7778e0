"""dataclinic suspects: the ranked list in the terminal."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from dataclinic.cli.options import JsonOption, RunArgument

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from dataclinic.rundir import RunDir

MOST_OF_A_TEXT = 120
"""Characters of a text that the table shows."""

COLUMNS = (
    *("rank", "id", "given_label", "suggested_label", "suggested_probability", "probability", "suspicion"),
    *("loss_nats", "flagged", "checks", "reason"),
)


def suspects(
    run: RunArgument,
    top: Annotated[int, typer.Option(help="How many.", min=1)] = 30,
    everything: Annotated[bool, typer.Option("--all", help="Also samples that are not flagged.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Show the samples whose label is most likely wrong, worst first."""
    from rich.console import Console
    from rich.text import Text

    from dataclinic.report.estimate import read_label_errors, told
    from dataclinic.rundir import RunDir

    opened = RunDir.open_finished(run)
    ranking = opened.read_table("ranking.parquet", (*COLUMNS, "row"))
    flagged = int(ranking["flagged"].sum())
    shown = (ranking if everything else ranking[ranking["flagged"]]).head(top)
    if json_output:
        typer.echo(json.dumps(json.loads(shown[list(COLUMNS)].to_json(orient="records")), ensure_ascii=False, indent=2))
        return
    if len(shown):
        _print_table(shown, _texts(opened))
    estimate = read_label_errors(opened)
    if estimate:
        Console().print(Text(told(estimate)))
    if everything:
        typer.echo(f"{len(shown):,} of {len(ranking):,} samples, {flagged:,} of all are suspects")
    else:
        more = "" if flagged else "; --all lists the most suspect samples all the same"
        typer.echo(f"{len(shown):,} of {flagged:,} suspects among {len(ranking):,} samples{more}")


def _texts(run: "RunDir") -> dict[int, str]:
    """The texts that the run keeps, by their rows; none where the data are no texts."""
    from dataclinic.report.reading import read_preview_entries

    entries = read_preview_entries(run)
    return {int(row): entry["text"] for row, entry in entries.items() if entry.get("text") is not None}


def _print_table(shown: "pd.DataFrame", texts: "Mapping[int, str]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from dataclinic.report.estimate import wrong_percent
    from dataclinic.report.suspects import finite
    from dataclinic.report.wording import visible

    columns = ("#", "Sample", "Text", "Given", "Suggested") if texts else ("#", "Sample", "Given", "Suggested")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    calibrated = bool(shown["probability"].notna().any())
    for name in ("Wrong" if calibrated else "Suspicion", "Loss"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Named by", overflow="fold")
    for row in shown.itertuples():
        table.add_row(
            str(row.rank),
            Text(visible(row.id)),
            *([Text(_first_words(texts.get(row.row, "")))] if texts else []),
            Text(visible(row.given_label)),
            Text(visible(row.suggested_label)),
            wrong_percent(finite(row.probability)) if calibrated else f"{row.suspicion:.2f}",
            "" if row.loss_nats != row.loss_nats else f"{row.loss_nats:.2f}",
            Text(row.checks),
        )
    Console().print(table)


def _first_words(text: str) -> str:
    from dataclinic.report.wording import visible

    one_line = " ".join(text.split())
    return visible(one_line if len(one_line) <= MOST_OF_A_TEXT else f"{one_line[: MOST_OF_A_TEXT - 1]}…")
