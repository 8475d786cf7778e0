"""dataclinic undo: an export taken back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataclinic.cli.options import JsonOption

if TYPE_CHECKING:
    from dataclinic.steps.undo_export import Undo

SHOWN_FILES = 10


def undo(
    destination: Annotated[
        Path, typer.Argument(metavar="DEST", help="Folder that an export wrote.", show_default=False)
    ],
    sample: Annotated[
        list[str] | None,
        typer.Option(
            "--id", metavar="ID", help="Take back the change of this sample alone; repeatable.", show_default=False
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Do it; without this, only say what would go.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Remove what an export wrote to DEST, and nothing else; with --id write it anew without that change."""
    from dataclinic.workflow.exporting import undo as undo_export

    undone = undo_export(destination, sample or (), write=write)
    if json_output:
        typer.echo(json.dumps(_as_json(undone, written=write), indent=2))
    elif undone.undone:
        _print_changes(undone, written=write)
    else:
        _print_files(undone, written=write)


def _as_json(undone: "Undo", *, written: bool) -> dict[str, Any]:
    from dataclinic.cli.export import edits_json

    return {
        "written": written,
        "destination": str(undone.folder),
        "removed": list(undone.removed),
        "changed": list(undone.changed),
        "foreign": list(undone.foreign),
        "undone": edits_json(undone.undone),
        "kept_changes": len(undone.kept_edits),
    }


def _print_changes(undone: "Undo", *, written: bool) -> None:
    from dataclinic.cli.export import print_edits

    typer.echo(f"{'took back' if written else 'would take back'} {_changes(len(undone.undone))}:")
    print_edits(undone.undone)
    typer.echo(f"{_changes(len(undone.kept_edits))} of the export {'stay' if len(undone.kept_edits) != 1 else 'stays'}")
    if not written:
        typer.echo("nothing was written; add --write to do it")


def _print_files(undone: "Undo", *, written: bool) -> None:
    from dataclinic.report.wording import visible

    typer.echo(f"{'removed' if written else 'would remove'} {_files(len(undone.removed))} from {undone.folder}")
    for what, names in (("have changed since", undone.changed), ("were never written by it", undone.foreign)):
        if names:
            typer.echo(f"{_files(len(names))} that {what} and stay:")
            for name in names[:SHOWN_FILES]:
                typer.echo(visible(f"  {name}"))
            if len(names) > SHOWN_FILES:
                typer.echo(f"  … and {len(names) - SHOWN_FILES:,} more")
    if not written:
        typer.echo("nothing was removed; add --write to do it")


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count:,} changes"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
