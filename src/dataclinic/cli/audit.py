"""dataclinic audit: from labelled data to a ranked list of suspects."""

# Typer reads the annotations at run time, so Path cannot hide behind TYPE_CHECKING.
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataclinic.cli.options import JsonOption

if TYPE_CHECKING:
    from dataclinic.rundir import RunDir
    from dataclinic.settings import Settings

DATA = "Data"
MODEL = "Models"
CHECKS = "Checks"
RUN = "Run"


def _option(help_text: str, panel: str, *names: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel=panel, metavar=metavar, show_default=False)


def audit(  # noqa: PLR0913, PLR0917 - one parameter an option
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="Folder of class folders, parquet or CSV file.", show_default=False)
    ],
    label: Annotated[str | None, _option("Label column; guessed and said if left out.", DATA, metavar="COL")] = None,
    image: Annotated[str | None, _option("Column of image bytes or paths.", DATA, metavar="COL")] = None,
    id_column: Annotated[str | None, _option("Column that names each sample.", DATA, "--id", metavar="COL")] = None,
    group: Annotated[
        str | None, _option("Column of groups (patient, video …) that folds keep together.", DATA, metavar="COL")
    ] = None,
    encoder: Annotated[str | None, _option("See: dataclinic list encoders.", MODEL, metavar="ID")] = None,
    weights: Annotated[
        Path | None, _option("Pretrained weights for timm_image (.safetensors, .pth).", MODEL, metavar="FILE")
    ] = None,
    model: Annotated[str | None, _option("See: dataclinic list models.", MODEL, metavar="ID")] = None,
    folds: Annotated[int | None, _option("Parts that take turns being held out (default 5).", MODEL)] = None,
    repeats: Annotated[int | None, _option("How often the folds are drawn anew (default 3).", MODEL)] = None,
    seed: Annotated[int | None, _option("Same data, settings and seed: same numbers (default 0).", MODEL)] = None,
    device: Annotated[str | None, _option("auto, cpu, cuda or mps (default auto).", MODEL)] = None,
    only: Annotated[list[str] | None, _option("Run only this check; repeatable.", CHECKS, metavar="CHECK")] = None,
    skip: Annotated[list[str] | None, _option("Leave this check out; repeatable.", CHECKS, metavar="CHECK")] = None,
    assignments: Annotated[
        list[str] | None,
        _option(
            "Setting of one plug-in, e.g. checks.high_loss.factor=3; repeatable.", CHECKS, "--set", metavar="NAME=VALUE"
        ),
    ] = None,
    settings: Annotated[Path | None, _option("TOML file of settings.", RUN, metavar="FILE")] = None,
    out: Annotated[
        Path | None, _option("Run directory (default dataclinic-runs/NAME-001, -002 …).", RUN, metavar="RUN")
    ] = None,
    resume: Annotated[bool, _option("Go on with an interrupted run.", RUN, "--resume")] = False,
    fresh: Annotated[bool, _option("Overwrite an earlier run in --out.", RUN, "--fresh")] = False,
    json_output: JsonOption = False,
) -> int:
    """Find what is wrong in labelled data: train cross-validated models, rank the suspects, write a report."""
    options: dict[str, Any] = {
        "label": label,
        "image": image,
        "id": id_column,
        "group": group,
        "encoder": encoder,
        "weights": weights,
        "model": model,
        "folds": folds,
        "repeats": repeats,
        "seed": seed,
        "device": device,
        "only": tuple(only or ()),
        "skip": tuple(skip or ()),
    }
    chosen = read_options(settings, options, assignments or [])
    run = start_run(path, out, resume=resume, fresh=fresh)
    run_audit(path, chosen, run)
    return show_summary(run, json_output=json_output)


def read_options(file: Path | None, options: dict[str, Any], assignments: list[str]) -> "Settings":
    """Settings from a TOML file, the options and the --set assignments, later ones on top."""
    from dataclinic.settings import merged, parse_assignment, read_settings

    for assignment in assignments:
        options = merged(options, parse_assignment(assignment))
    return read_settings(file, options)


def start_run(path: Path, out: Path | None, *, resume: bool, fresh: bool) -> "RunDir":
    """A run directory for `path`, which must exist: a mistyped path must not leave an empty run behind."""
    from dataclinic.errors import DataError
    from dataclinic.rundir import RunDir

    if not path.exists():
        raise DataError.path_missing(path)
    return RunDir.start(out, path, resume=resume, fresh=fresh)


def run_audit(path: Path, settings: "Settings", run: "RunDir") -> None:
    """Audit with progress on stderr."""
    from dataclinic.cli.console import progress_bars

    with progress_bars() as progress:
        progress("start", 0, 1)
        from dataclinic.workflow import audit as audit_data

        progress("start", 1, 1)
        audit_data(path, settings, run, command=["dataclinic", *sys.argv[1:]], progress=progress)


def show_summary(run: "RunDir", *, json_output: bool) -> int:
    """Print the summary of a finished run; the exit code is 2 where a check failed."""
    import json

    from dataclinic.cli.console import print_summary
    from dataclinic.report.summary import summarise, summary_json

    summary = summarise(run)
    if json_output:
        typer.echo(json.dumps(summary_json(summary), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        print_summary(summary)
    failed = [check.check for check in summary.checks if check.outcome == "failed"]
    if failed:
        from dataclinic.errors import CheckError

        raise CheckError.some_failed(failed, summary.report)
    return 0
