"""dataclinic audit: from labelled data to a ranked list of suspects."""

# Typer reads the annotations at run time, so they cannot hide behind TYPE_CHECKING.
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataclinic.cli.check import Limits, conclude, read_limits
from dataclinic.cli.options import (
    CHECKS,
    FIXES,
    MODEL,
    RUN,
    TRIAL_MODEL_HELP,
    BaselineOption,
    ConfirmOption,
    DeviceOption,
    EncoderOption,
    FailOnOption,
    FlagAboveOption,
    FreshOption,
    GroupOption,
    IdOption,
    ImageOption,
    JsonOption,
    LabelOption,
    MetricOption,
    ModelOption,
    OutOption,
    PathArgument,
    PlantedCopiesOption,
    ProbsOption,
    ResumeOption,
    SeedOption,
    SetOption,
    SettingsOption,
    TaskOption,
    TextOption,
    TimeOption,
    TrustedOption,
    WeightsOption,
    option,
)

if TYPE_CHECKING:
    from dataclinic.rundir import RunDir
    from dataclinic.settings import Settings


def audit(  # noqa: PLR0913, PLR0917 - one parameter an option
    path: PathArgument,
    label: LabelOption = None,
    image: ImageOption = None,
    text: TextOption = None,
    id_column: IdOption = None,
    group: GroupOption = None,
    time: TimeOption = None,
    task: TaskOption = None,
    encoder: EncoderOption = None,
    weights: WeightsOption = None,
    model: ModelOption = None,
    folds: Annotated[int | None, option("Parts that take turns being held out (default 5).", MODEL)] = None,
    repeats: Annotated[int | None, option("How often the folds are drawn anew (default 3).", MODEL)] = None,
    seed: SeedOption = None,
    probs: ProbsOption = None,
    planted_copies: PlantedCopiesOption = None,
    flag_above: FlagAboveOption = None,
    device: DeviceOption = None,
    tune: Annotated[
        bool, option("First search the model's settings by inner cross-validation.", MODEL, "--tune")
    ] = False,
    only: Annotated[list[str] | None, option("Run only this check; repeatable.", CHECKS, metavar="CHECK")] = None,
    skip: Annotated[list[str] | None, option("Leave this check out; repeatable.", CHECKS, metavar="CHECK")] = None,
    fixes: Annotated[
        list[str] | None,
        option("Fix whose gain is measured; repeatable. default, all or none are sets.", FIXES, metavar="ID"),
    ] = None,
    trial_model: Annotated[str | None, option(TRIAL_MODEL_HELP, FIXES, metavar="ID")] = None,
    metric: MetricOption = None,
    trusted: TrustedOption = None,
    confirm: ConfirmOption = False,
    assignments: SetOption = None,
    settings: SettingsOption = None,
    tensorboard: Annotated[Path | None, option("Write event files of the training there.", RUN, metavar="DIR")] = None,
    out: OutOption = None,
    resume: ResumeOption = False,
    fresh: FreshOption = False,
    fail_on: FailOnOption = None,
    baseline: BaselineOption = None,
    json_output: JsonOption = False,
) -> int:
    """Find what is wrong in labelled data: train cross-validated models, rank the suspects, write a report."""
    options: dict[str, Any] = {
        "label": label,
        "image": image,
        "text": text,
        "id": id_column,
        "group": group,
        "time": time,
        "task": task,
        "encoder": encoder,
        "weights": weights,
        "model": tuple(model or ()),
        "folds": folds,
        "repeats": repeats,
        "seed": seed,
        "probs": probs,
        "planted_copies": planted_copies,
        "flag_above": flag_above,
        "device": device,
        "tune": tune or None,
        "only": tuple(only or ()),
        "skip": tuple(skip or ()),
        "trials": tuple(fixes or ()),
        "trial_model": trial_model,
        "metric": metric,
        "trusted": trusted,
        "confirm": confirm or None,
        "fail_on": fail_on,
    }
    chosen = read_options(settings, options, assignments or [])
    limits = read_limits(chosen.fail_on, baseline, out)
    run = start_run(path, out, resume=resume, fresh=fresh)
    run_audit(path, chosen, run, tensorboard)
    return show_summary(run, json_output=json_output, limits=limits)


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


def run_audit(path: Path, settings: "Settings", run: "RunDir", tensorboard: Path | None = None) -> None:
    """Audit with progress on stderr."""
    from dataclinic.cli.console import progress_bars

    with progress_bars() as progress:
        progress("start", 0, 1)
        from dataclinic.workflow import audit as audit_data

        progress("start", 1, 1)
        audit_data(
            path,
            settings,
            run,
            command=["dataclinic", *sys.argv[1:]],
            tensorboard=tensorboard,
            progress=progress,
        )


def show_summary(run: "RunDir", *, json_output: bool, limits: "Limits | None" = None) -> int:
    """Print the summary of a finished run, and how it stands to `limits`.

    The exit code is 1 where a limit is broken, else 2 where a check failed.
    """
    import json

    from dataclinic.cli.console import print_summary
    from dataclinic.report.gate import gate_json
    from dataclinic.report.summary import summarise, summary_json

    summary = summarise(run)
    if not json_output:
        print_summary(summary)
    gate = None if limits is None else limits.hold(run)
    if json_output:
        told = summary_json(summary) | ({} if gate is None else {"gate": gate_json(gate)})
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False))
    code = 0 if gate is None else conclude(gate, silent=json_output)
    failed = [check.check for check in summary.checks if check.outcome == "failed"]
    if failed and not code:
        from dataclinic.errors import CheckError

        raise CheckError.some_failed(failed, summary.report)
    return code
