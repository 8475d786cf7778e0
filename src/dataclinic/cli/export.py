"""dataclinic export: the cleaned data, in the format it came in, somewhere else."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataclinic.cli.options import RunArgument

if TYPE_CHECKING:
    from dataclinic.dataset import Dataset
    from dataclinic.edits import Edit
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
    treatment: Annotated[
        bool,
        typer.Option("--treatment", help="Follow the treatment that the trials recommend, not the suspects; see try."),
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Do it; without this, only say what would change.")] = False,
) -> None:
    """Write the cleaned data to DEST with a list of changes; the original is never touched."""
    from dataclinic.rundir import RunDir
    from dataclinic.steps.choose_edits import choose_edits
    from dataclinic.steps.export_dataset import export_dataset

    opened = RunDir.open_finished(run)
    if treatment:
        edits, beside = _treatment_of(opened)
    else:
        ranking = opened.read_table("ranking.parquet", RANKING)
        edits, beside = choose_edits(ranking, apply.value, min_probability), ()
    plan = export_dataset(_dataset_of(opened), edits, destination, beside=beside, write=write)
    _print_plan(plan, written=write)


def _treatment_of(run: "RunDir") -> "tuple[list[Edit], tuple[Path, ...]]":
    """Edits of the recommended treatment, and the files that training needs beside the data."""
    import tomllib

    from dataclinic.errors import ExportError
    from dataclinic.rundir.treatment_files import FILES, PLAN, PLAN_COLUMNS, TREATMENT
    from dataclinic.steps.choose_edits import treatment_edits

    if not (run.path / TREATMENT).is_file():
        raise ExportError.no_treatment(run.path)
    told = tomllib.loads((run.path / TREATMENT).read_text(encoding="utf-8"))["told"]
    edits = treatment_edits(run.read_table(PLAN, PLAN_COLUMNS), told)
    return edits, tuple(run.path / name for name in FILES if (run.path / name).is_file())


def _dataset_of(run: "RunDir") -> "Dataset":
    """The data of the run, loaded again; refused where it changed since the audit."""
    from dataclinic.errors import DataError, ExportError
    from dataclinic.settings import Settings
    from dataclinic.workflow import data_fingerprint, load_source

    record = run.record
    source = Path(record["source"])
    if not source.exists():
        raise DataError.path_missing(source)
    settings = Settings.model_validate(record["settings"])
    dataset = load_source(source, settings)
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
