"""dataclinic try: retrain to measure what further fixes are worth, on a run that is there."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from dataclinic.cli.audit import read_options
from dataclinic.cli.options import (
    FIXES,
    TRIAL_MODEL_HELP,
    ConfirmOption,
    DeviceOption,
    JsonOption,
    MetricOption,
    RunArgument,
    SetOption,
    TrustedOption,
    option,
)


def try_fixes(  # noqa: PLR0913, PLR0917 - one parameter an option
    run: RunArgument,
    fix: Annotated[
        list[str] | None, option("Fix to try; repeatable. default and all are sets.", FIXES, metavar="ID")
    ] = None,
    model: Annotated[str | None, option(TRIAL_MODEL_HELP, FIXES, metavar="ID")] = None,
    metric: MetricOption = None,
    trusted: TrustedOption = None,
    confirm: ConfirmOption = False,
    folds: Annotated[int | None, option("Outer folds (default: those of the audit).", FIXES)] = None,
    repeats: Annotated[int | None, option("How often they are drawn (default: as the audit).", FIXES)] = None,
    device: DeviceOption = None,
    assignments: SetOption = None,
    json_output: JsonOption = False,
) -> None:
    """Measure what fixes are worth by retraining: paired with the untreated data, with intervals, without peeking."""
    from dataclinic.cli.console import print_trials, progress_bars
    from dataclinic.report.trials import read_trials
    from dataclinic.rundir import RunDir

    opened = RunDir.open_finished(run)
    options: dict[str, Any] = {
        "trial_model": model,
        "metric": metric,
        "trusted": trusted,
        "confirm": confirm or None,
        "trial_folds": folds,
        "trial_repeats": repeats,
        "device": device,
    }
    settings = read_options(None, {**opened.record["settings"], **_given(options)}, assignments or [])
    with progress_bars() as progress:
        progress("start", 0, 1)
        from dataclinic.workflow import try_fixes as try_on

        progress("start", 1, 1)
        try_on(opened, fix or ["default"], settings, command=["dataclinic", *sys.argv[1:]], progress=progress)
    if json_output:
        typer.echo(Path(opened.path, "trials.json").read_text(encoding="utf-8"))
    elif (trials := read_trials(opened)) is not None:
        print_trials(trials, str(opened.path))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
