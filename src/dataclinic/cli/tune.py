"""dataclinic tune: better settings for a model, searched by inner cross-validation."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataclinic.cli.options import (
    DeviceOption,
    EncoderOption,
    FreshOption,
    GroupOption,
    IdOption,
    ImageOption,
    JsonOption,
    LabelOption,
    ModelOption,
    OutOption,
    PathArgument,
    ResumeOption,
    SeedOption,
    SetOption,
    SettingsOption,
    TaskOption,
    TextOption,
    TimeOption,
    WeightsOption,
    option,
)

if TYPE_CHECKING:
    from rich.table import Table

    from dataclinic.rundir import RunDir
    from dataclinic.search import Search, Trial, Tuning
    from dataclinic.settings import Settings

SEARCH = "Search"

SHOWN = 10
"""Trials in the table: the best ones."""


def tune(  # noqa: PLR0913, PLR0917 - one parameter an option
    path: PathArgument,
    trials: Annotated[int | None, option("Settings to try, the model's own among them (default 20).", SEARCH)] = None,
    sampler: Annotated[
        str | None, option("tpe (learns from earlier trials), random or grid (default tpe).", SEARCH, metavar="NAME")
    ] = None,
    folds: Annotated[int | None, option("Inner folds that every trial is scored on (default 3).", SEARCH)] = None,
    seconds: Annotated[
        float | None, option("Begin no further trial after so many (default: no limit).", SEARCH)
    ] = None,
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
    seed: SeedOption = None,
    device: DeviceOption = None,
    assignments: SetOption = None,
    settings: SettingsOption = None,
    out: OutOption = None,
    resume: ResumeOption = False,
    fresh: FreshOption = False,
    json_output: JsonOption = False,
) -> None:
    """Search better settings for a model, so that a gain from cleaning is not that of a badly tuned baseline."""
    from dataclinic.cli.audit import read_options, start_run
    from dataclinic.rundir.tuning import load_tuning
    from dataclinic.search import Search

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
        "seed": seed,
        "device": device,
    }
    chosen = read_options(settings, options, assignments or [])
    asked = {"trials": trials, "sampler": sampler, "folds": folds, "seconds": seconds}
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    search = Search(**given, seed=chosen.seed)
    run = start_run(path, out, resume=resume, fresh=fresh)
    _run_tune(path, chosen, search, run)
    _show(path, run, load_tuning(run.path), json_output=json_output)


def _run_tune(path: Path, settings: "Settings", search: "Search", run: "RunDir") -> None:
    """Search with progress on stderr."""
    from dataclinic.cli.console import progress_bars

    with progress_bars() as progress:
        progress("start", 0, 1)
        from dataclinic.workflow import tune as tune_data

        progress("start", 1, 1)
        tune_data(path, settings, search, run, command=["dataclinic", *sys.argv[1:]], progress=progress)


def _show(path: Path, run: "RunDir", tuning: "Tuning", *, json_output: bool) -> None:
    import json
    import shlex

    from rich.console import Console
    from rich.text import Text

    from dataclinic.rundir.tuning import SETTINGS, tuning_json

    if json_output:
        content = {"run": str(run.path), **tuning_json(tuning)}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False, default=str))
        return
    console = Console()
    console.print()
    console.print(_trial_table(tuning))
    for line in _lines(tuning):
        console.print(Text(line), soft_wrap=True)
    command = f"dataclinic audit {shlex.quote(str(path))} --settings {shlex.quote(str(run.path / SETTINGS))}"
    console.print(Text(f"\nNext      {command}"), soft_wrap=True)


def _trial_table(tuning: "Tuning") -> "Table":
    """The best of the trials that ran on all folds, and the default one."""
    from rich.table import Table
    from rich.text import Text

    from dataclinic.report.wording import percent, visible

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("Trial", tuning.measure.capitalize(), "Accuracy", "Seconds"):
        table.add_column(name, justify="right")
    table.add_column("Settings", overflow="fold")
    whole = sorted((trial for trial in tuning.trials if not trial.pruned), key=lambda trial: trial.loss)
    for trial in whole[:SHOWN] + [trial for trial in whole[SHOWN:] if trial is tuning.default]:
        accuracy = "" if trial.accuracy is None else percent(trial.accuracy)
        style = "bold" if trial is tuning.chosen else ""
        row = (str(trial.number), f"{trial.loss:.4f}", accuracy, f"{trial.seconds:.1f}", visible(_settings(trial)))
        table.add_row(*(Text(cell, style=style) for cell in row))
    return table


def _lines(tuning: "Tuning") -> list[str]:
    from dataclinic.report.wording import visible

    pruned = sum(trial.pruned for trial in tuning.trials)
    folds = len(tuning.fold_rows)
    trials = "1 trial" if len(tuning.trials) == 1 else f"{len(tuning.trials)} trials"
    return [
        f"\n{trials} of {tuning.model} on {folds} inner folds, {pruned} of them stopped early",
        f"Default   {tuning.measure} {tuning.default.loss:.4f}",
        f"Chosen    {tuning.measure} {tuning.chosen.loss:.4f}: {visible(_settings(tuning.chosen))}",
        f"Why       {tuning.reason}",
    ]


def _settings(trial: "Trial") -> str:
    return ", ".join(f"{name} {value}" for name, value in trial.settings.items()) or "as given"
