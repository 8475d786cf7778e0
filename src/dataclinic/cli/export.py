"""dataclinic export: the cleaned data, somewhere else, in the format it came in or one that training wants."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dataclinic.cli.options import JsonOption, RunArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.edits import Edit
    from dataclinic.steps.export_dataset import ExportPlan

SHOWN_EDITS = 10


class Apply(StrEnum):
    """What to do about suspects on whom nobody decided."""

    drop = "drop"
    relabel = "relabel"


class Ambiguous(StrEnum):
    """What to do about samples on which a person could not tell."""

    keep = "keep"
    drop = "drop"


APPLIED: dict[Apply, Literal["drop", "relabel"]] = {Apply.drop: "drop", Apply.relabel: "relabel"}


def export(  # noqa: PLR0913, PLR0917 - one parameter an option
    run: RunArgument,
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="New or empty folder.", show_default=False)],
    format_id: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="ID",
            help="image-folder, parquet, csv, huggingface, label-studio, fiftyone, cleanlab; else that of the source.",
            show_default=False,
        ),
    ] = None,
    apply: Annotated[
        Apply | None,
        typer.Option(
            help="Also drop suspects on whom nobody decided, or give them the suggested label.", show_default=False
        ),
    ] = None,
    min_probability: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Least probability that the label is wrong: calibrated, else 1 - self-confidence; numbers have none.",
        ),
    ] = 0.5,
    ambiguous: Annotated[Ambiguous, typer.Option(help="What to do where a person could not tell.")] = Ambiguous.keep,
    treatment: Annotated[
        bool,
        typer.Option("--treatment", help="Follow the treatment that the trials recommend, not decisions; see try."),
    ] = False,
    copy: Annotated[bool, typer.Option("--copy", help="Copy files; without this they are hard links.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Do it; without this, only say what would change.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Write the cleaned data to DEST with a list of changes; the original is never touched."""
    from dataclinic.rundir import RunDir
    from dataclinic.workflow.exporting import ExportOptions
    from dataclinic.workflow.exporting import export as export_run

    options = ExportOptions(
        format_id, None if apply is None else APPLIED[apply], min_probability, ambiguous.value, treatment, copy
    )
    plan = export_run(RunDir.open_finished(run), destination, options, write=write)
    if json_output:
        typer.echo(json.dumps(_as_json(plan, written=write), indent=2))
    else:
        _print_plan(plan, written=write)


def _as_json(plan: "ExportPlan", *, written: bool) -> dict[str, Any]:
    return {
        "written": written,
        "destination": str(plan.destination),
        "format": plan.format,
        "kept": plan.kept,
        "dropped": plan.dropped,
        "relabelled": plan.relabelled,
        "unlabelled": plan.unlabelled,
        "notes": list(plan.notes),
        "changes": edits_json(plan.edits),
    }


def edits_json(edits: "Sequence[Edit]") -> list[dict[str, Any]]:
    """What changes.csv says of each, as it is."""
    from dataclinic.outgoing.manifest import what_is_done

    return [
        {"id": edit.id, "what": what_is_done(edit), "from": edit.given, "to": getattr(edit, "to", None)}
        | {"why": edit.why, "who": edit.who, "when": edit.when, "source": edit.source}
        for edit in edits
    ]


def _print_plan(plan: "ExportPlan", *, written: bool) -> None:
    from dataclinic.outgoing.manifest import CHANGES
    from dataclinic.report.wording import visible

    typer.echo(
        f"{'kept' if written else 'would keep'} {plan.kept:,}, drop {plan.dropped:,}, relabel {plan.relabelled:,}"
    )
    for note in plan.notes:
        typer.echo(visible(note))
    print_edits(plan.edits)
    if written:
        typer.echo(visible(f"written to {plan.destination}; every change is in {plan.destination / CHANGES}"))
    else:
        typer.echo(visible(f"nothing was written; add --write to write it to {plan.destination}"))


def print_edits(edits: "Sequence[Edit]") -> None:
    """The first few, and how many more there are."""
    from dataclinic.report.wording import visible

    for edit in edits[:SHOWN_EDITS]:
        typer.echo(visible(f"  {edit.id}: {edit.given} → {getattr(edit, 'to', '(dropped)')}  ({edit.why})"))
    if len(edits) > SHOWN_EDITS:
        typer.echo(f"  … and {len(edits) - SHOWN_EDITS:,} more")
