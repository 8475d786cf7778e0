"""Progress and summaries for a person at a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from dataclinic.report import gains
from dataclinic.report.estimate import power_told, told, wrong_percent
from dataclinic.report.headline import arm_words, worth, worth_trusted
from dataclinic.report.wording import agreement, command_line, number, percent, sentence, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.progress import TaskID

    from dataclinic.progress import Progress
    from dataclinic.report.estimate import LabelErrors
    from dataclinic.report.summary import CheckLine, Summary
    from dataclinic.report.targets import TargetErrors
    from dataclinic.report.trials import Trials, TriedArm
    from dataclinic.trials import Verdict

QUIET = (("ran", "Nothing found"), ("did not apply", "Did not apply"), ("skipped", "Skipped"))
"""Outcomes of checks that are listed by name alone, and how they are told; the report has the reasons."""

VERDICT_STYLE: dict[Verdict, str] = {"helps": "bold green", "no measurable effect": "dim", "hurts": "bold red"}

MOST_ARMS = 12
"""Arms that are listed: the rest is in the report."""


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """A progress callable that draws one bar a step on stderr; a line a step where stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line_a_step(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:24}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


def _line_a_step(console: Console) -> Progress:
    seen: set[str] = set()

    def show(step: str, done: int, total: int) -> None:  # noqa: ARG001 - part of Progress
        if step not in seen:
            seen.add(step)
            console.print(f"{step} …", highlight=False, markup=False)

    return show


def print_summary(summary: Summary) -> None:
    """The summary of a run on stdout; labels and paths are shown as plain text, never as markup."""
    console = Console()
    console.print()
    console.print(_facts(summary))
    if summary.notes:
        console.print(Text("\nNotes", style="bold"))
        for note in summary.notes:
            console.print(Text(f"  {visible(note)}"))
    _print_checks(console, summary.checks)
    if summary.trials:
        _print_fixes(console, summary.trials, summary.run)
    if summary.worst:
        console.print(Text("\nMost suspect", style="bold"))
        for place, suspect in enumerate(summary.worst, start=1):
            wrong = f" ({wrong_percent(suspect.probability)} likely wrong)" if suspect.probability is not None else ""
            console.print(Text(f"  {place}. {visible(suspect.id)}{wrong}: {visible(suspect.reason)}"))
    console.print(Text(f"\nReport    {summary.report}", style="bold"), soft_wrap=True)
    console.print(Text(f"Next      dataclinic review {summary.run}"), soft_wrap=True)


def print_trials(trials: Trials, run: str) -> None:
    """What each fix is worth, on stdout; `run` is the path of the run directory."""
    _print_fixes(Console(), trials, run)


def _facts(summary: Summary) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in _fact_rows(summary):
        table.add_row(Text(name, style="bold"), Text(visible(value)))
    return table


def _fact_rows(summary: Summary) -> Iterator[tuple[str, str]]:
    left_out = f"; {summary.unlabelled:,} more have no label and were left out" if summary.unlabelled else ""
    classes = f" in {len(summary.classes):,} classes" if summary.task == "classification" else ""
    yield "Samples", f"{summary.samples:,}{classes}{left_out}"
    if summary.split:
        yield "Split", ", ".join(f"{name} {count:,}" for name, count in summary.split.items())
    if summary.encoder:
        yield "Encoder", summary.encoder.description
    if summary.model:
        yield "Model", f"{summary.model.id} on {summary.device}"
    if summary.accuracy:
        agreed, guessed = agreement(summary.accuracy), percent(summary.accuracy.majority_share)
        yield "Accuracy", f"{agreed} out of fold, on the labels as given (always the largest class: {guessed})"
    if summary.errors:
        yield from _error_rows(summary.errors)
    if summary.label_errors:
        yield from _label_rows(summary.label_errors)
    yield "Suspects", f"{summary.suspects:,} ({percent(summary.suspect_share)})"


def _label_rows(found: LabelErrors) -> Iterator[tuple[str, str]]:
    yield "Labels", told(found)
    if planted := power_told(found):
        yield "", planted
    for note in found.notes:
        yield "", sentence(note)


def _error_rows(errors: TargetErrors) -> Iterator[tuple[str, str]]:
    models, middle = errors.models, errors.of_median
    names = (("mean absolute", "mae"), ("median absolute", "median_absolute_error"), ("root mean square", "rmse"))
    each = (f"{name} {number(getattr(models, key))} ({number(getattr(middle, key))})" for name, key in names)
    yield "Errors", f"{', '.join(each)} out of fold (always the median: in brackets)"
    yield "R²", number(models.r2)


def _print_checks(console: Console, checks: Sequence[CheckLine]) -> None:
    """Those that failed or found something with what they say; the others by name, for there are many."""
    telling = [check for check in checks if check.outcome == "failed" or check.count]
    if telling:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        table.add_column("\nCheck")
        table.add_column("\nFound", justify="right")
        table.add_column("\nWhat")
        for check in telling:
            found = Text("failed", style="bold red") if check.outcome == "failed" else Text(f"{check.count:,}")
            table.add_row(Text(visible(check.check)), found, Text(visible(check.reason)))
        console.print(table)
    console.print()
    rest = Table.grid(padding=(0, 2))
    for outcome, said in QUIET:
        names = [check.check for check in checks if check.outcome == outcome and not check.count]
        if names:
            rest.add_row(Text(said, style="bold"), Text(visible(", ".join(names)), style="dim"))
    console.print(rest)


def _print_fixes(console: Console, trials: Trials, run: str) -> None:
    console.print(Text.assemble(("\nFixes", "bold"), f"  {visible(gains.tried_how(trials))}"))
    arms = trials.tried
    if arms:
        console.print(_gains(arms))
    if len(arms) > MOST_ARMS:
        console.print(Text(f"… and {len(arms) - MOST_ARMS:,} more"))
    if nothing := worth(trials).nothing:
        console.print(Text(nothing))
    if (beside := _beside_gains(trials)).row_count:
        console.print(beside)
    if trials.recommended:
        names = visible(", then ".join(map(gains.fix_title, trials.recommended)))
        command = command_line(["dataclinic", "export", run, "DEST", "--treatment"])
        console.print(Text(f"Recommended  {names}: {command}", style="bold"), soft_wrap=True)


def _gains(arms: Sequence[TriedArm]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Fix")
    table.add_column("Gain", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("Verdict")
    for arm in arms[:MOST_ARMS]:
        found = arm.measured
        table.add_row(
            Text(arm_words(arm, arms)),
            Text(gains.gain(found.gain, found.unit)),
            Text(gains.interval(found.interval, found.unit)),
            Text(f"{gains.VERDICT_MARKS[found.verdict]} {found.verdict}", style=VERDICT_STYLE[found.verdict]),
        )
    return table


def _beside_gains(trials: Trials) -> Table:
    table = Table.grid(padding=(0, 2))
    if trials.combined:
        words = f"{gains.combined_title(trials.combined)}: {gains.figures(trials.combined.measured)}"
        verdict = trials.combined.measured.verdict
        table.add_row("Together", Text(visible(f"{words}, {verdict}, on folds that did not choose it")))
    if verified := worth_trusted(trials):
        table.add_row("Verified", Text(f"On labels that people verified: {verified.told}"))
    if trials.noise:
        table.add_row("Labels", Text(gains.hidden(trials.noise)))
    if trials.untried:
        table.add_row("Not tried", Text(visible(gains.untried_line(trials.untried))))
    return table
