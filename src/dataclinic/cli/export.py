"""dataclinic export: the cleaned data, in the format it came in, somewhere else."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclinic.cli.options import RunArgument

if TYPE_CHECKING:
    from dataclinic.dataset import Dataset
    from dataclinic.rundir import RunDir
    from dataclinic.steps.export_dataset import ExportPlan

RANKING = ("row", "id", "given_label", "suggested_label", "flagged", "probability", "self_confidence", "reason")
SHOWN_EDITS = 10


class Apply(StrEnum):
    """What to do about suspects."""

    drop = "drop"
    relabel = "relabel"


def export(
    run: RunArgument,
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="New or empty folder.", show_default=False)],
    apply: Annotated[Apply, typer.Option(help="Drop the suspects, or give them the suggested label.")] = Apply.drop,
    min_probability: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Least probability that the label is wrong: calibrated, else 1 - self-confidence; numbers have none.",
        ),
    ] = 0.5,
    write: Annotated[bool, typer.Option("--write", help="Do it; without this, only say what would change.")] = False,
) -> None:
    """Write the cleaned data to DEST with a list of changes; the original is never touched."""
    from dataclinic.rundir import RunDir
    from dataclinic.steps.choose_edits import choose_edits
    from dataclinic.steps.export_dataset import export_dataset

    opened = RunDir.open_finished(run)
    edits = choose_edits(opened.read_table("ranking.parquet", RANKING), apply.value, min_probability)
    plan = export_dataset(_dataset_of(opened), edits, destination, write=write)
    _print_plan(plan, written=write)


def _dataset_of(run: "RunDir") -> "Dataset":
    """The data of the run, loaded again; refused where it changed since the audit."""
    from dataclinic.errors import DataError, ExportError
    from dataclinic.settings import Settings
    from dataclinic.steps.load_dataset import load_dataset
    from dataclinic.workflow import data_fingerprint

    record = run.record
    source = Path(record["source"])
    if not source.exists():
        raise DataError.path_missing(source)
    settings = Settings.model_validate(record["settings"])
    dataset = load_dataset(source, settings.roles, settings.task)
    if data_fingerprint(dataset) != record["dataset"]["fingerprint"]:
        raise ExportError.source_changed(source)
    return dataset


def _print_plan(plan: "ExportPlan", *, written: bool) -> None:
    from dataclinic.report.wording import visible

    typer.echo(
        f"{'kept' if written else 'would keep'} {plan.kept:,}, drop {plan.dropped:,}, relabel {plan.relabelled:,}"
    )
    if plan.unlabelled:
        typer.echo(f"{plan.unlabelled:,} samples without a label stay as they are")
    for note in plan.notes:
        typer.echo(note)
    for edit in plan.edits[:SHOWN_EDITS]:
        typer.echo(visible(f"  {edit.id}: {edit.given} → {getattr(edit, 'to', '(dropped)')}  ({edit.why})"))
    if len(plan.edits) > SHOWN_EDITS:
        typer.echo(f"  … and {len(plan.edits) - SHOWN_EDITS:,} more")
    if written:
        typer.echo(f"written to {plan.destination}; every change is in {plan.destination / 'changes.csv'}")
    else:
        typer.echo(f"nothing was written; add --write to write it to {plan.destination}")
