"""dataclinic import-decisions: what people decided in another tool."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclinic.cli.options import JsonOption, RunArgument

if TYPE_CHECKING:
    from dataclinic.workflow.importing import Import

SHOWN_NAMES = 3


def import_decisions(
    run: RunArgument,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Label Studio export (JSON or JSON-MIN), CSV with id and label, or decisions.jsonl.",
            show_default=False,
        ),
    ],
    reviewer: Annotated[
        str, typer.Option(metavar="NAME", help="Who decided; else whom the file names.", show_default=False)
    ] = "",
    json_output: JsonOption = False,
) -> None:
    """Add verdicts that were given elsewhere to the decisions of a run; importing twice adds nothing new."""
    from dataclinic.rundir import RunDir
    from dataclinic.workflow.importing import import_verdicts

    imported = import_verdicts(RunDir.open_finished(run), file, reviewer)
    if json_output:
        typer.echo(json.dumps(_as_json(imported), indent=2))
    else:
        _print_import(imported)


def _as_json(imported: "Import") -> dict[str, object]:
    found = imported.found
    return {
        "new": [{"id": one.id, "verdict": one.verdict, "label": one.label} for one in found.decisions],
        "known": found.known,
        "open": imported.open,
        "unknown_samples": list(found.unknown_samples),
        "unknown_labels": list(found.unknown_labels),
    }


def _print_import(imported: "Import") -> None:
    from collections import Counter

    found = imported.found
    counts = Counter(decision.verdict for decision in found.decisions)
    told = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in ("relabel", "keep", "drop", "ambiguous"))
    typer.echo(f"{len(found.decisions):,} new decisions: {told}")
    if found.known:
        typer.echo(f"known already: {found.known:,}")
    if imported.open:
        typer.echo(f"without a verdict: {imported.open:,}")
    _print_strange("of samples that are not in the run", found.unknown_samples)
    _print_strange("with a label that the data does not have", found.unknown_labels)


def _print_strange(what: str, names: Sequence[str]) -> None:
    from dataclinic.report.wording import visible

    if names:
        some = ", ".join(f"'{visible(name)}'" for name in dict.fromkeys(names[:SHOWN_NAMES]))
        typer.echo(f"{what}, and left out: {len(names):,} ({some}{' …' if len(names) > SHOWN_NAMES else ''})")
