"""dataclinic merge-decisions: join what two people decided, and say how far they agree."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dataclinic.cli.options import JsonOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.edits import Decision
    from dataclinic.rundir.decisions import DecisionLog
    from dataclinic.steps.merge_decisions import Merged

MOST_SHOWN = 30
"""Disagreements in the terminal; --json has all."""


class Disagreements(StrEnum):
    """What becomes of samples on which they disagree."""

    leave_out = "leave-out"
    ambiguous = "ambiguous"
    first = "first"
    second = "second"


Decided = Annotated[Path, typer.Argument(help="Folder of a run, or its decisions.jsonl.", show_default=False)]


def merge_decisions(
    first: Decided,
    second: Decided,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write the joint decisions: a new file, or one of the two.", show_default=False),
    ] = None,
    disagreements: Annotated[
        Disagreements,
        typer.Option(help="Leave disagreements undecided, call them ambiguous, or follow the first or the second."),
    ] = Disagreements.leave_out,
    json_output: JsonOption = False,
) -> None:
    """Join the decisions of two people who reviewed copies of a run, and say how far they agree (Cohen's kappa)."""
    from dataclinic.errors import DecisionsError
    from dataclinic.rundir.decisions import DecisionLog, standing_decisions
    from dataclinic.steps.merge_decisions import merge_decisions as join

    logs = [DecisionLog(_file_of(path)) for path in (first, second)]
    if logs[0].file.resolve() == logs[1].file.resolve():
        raise DecisionsError.same_file(logs[0].file)
    target = None if out is None else _target(out, logs)
    decided = [standing_decisions(_decisions(log)) for log in logs]
    merged = join(decided[0], decided[1], disagreements.value)
    if target is not None:
        target.replace(merged.decisions)
    written = None if target is None else target.file
    if json_output:
        typer.echo(json.dumps(_as_json(merged, written), ensure_ascii=False, indent=2))
        return
    _print_agreement(merged, _names(decided))
    typer.echo(_written(merged, written, disagreements))


def _file_of(path: Path) -> Path:
    """The file of decisions; of a run the one in it.

    Raises:
        DecisionsError: there is none.
    """
    from dataclinic.errors import DecisionsError
    from dataclinic.rundir.decisions import DECISIONS

    file = path / DECISIONS if path.is_dir() else path
    if not file.is_file():
        raise DecisionsError.missing(file)
    return file


def _target(out: Path, logs: "Sequence[DecisionLog]") -> "DecisionLog":
    """The file to write, which is new or one of the two.

    Raises:
        DecisionsError: it is another file that is there.
    """
    from dataclinic.errors import DecisionsError
    from dataclinic.rundir.decisions import DECISIONS, DecisionLog

    target = out / DECISIONS if out.is_dir() else out
    if not target.exists():
        return DecisionLog(target)
    same = next((log for log in logs if log.file.resolve() == target.resolve()), None)
    if same is None:
        raise DecisionsError.in_the_way(target)
    return same


def _decisions(log: "DecisionLog") -> "tuple[Decision, ...]":
    from dataclinic.errors import DecisionsError

    found = log.read()
    if not found:
        raise DecisionsError.empty(log.file)
    return found


def _names(decided: "Sequence[Sequence[Decision]]") -> tuple[str, str]:
    """What to call the two: by their names where each signed all with one, and not the same."""
    names = [{decision.reviewer for decision in decisions} for decisions in decided]
    first, second = (next(iter(found)) if len(found) == 1 else "" for found in names)
    return (first, second) if first and second and first != second else ("first", "second")


def _print_agreement(merged: "Merged", names: tuple[str, str]) -> None:
    from dataclinic.report.wording import percent, plural, visible

    first, second = (visible(name) for name in names)
    typer.echo(f"{first} alone decided on {merged.only_first:,}, {second} alone on {merged.only_second:,}")
    if not merged.both:
        typer.echo("no sample was decided by both: nothing is known of their agreement")
        return
    count = len(merged.both)
    agreed = count - len(merged.disagreements)
    typer.echo(f"{plural(count, 'sample')} decided by both; they agree on {agreed:,} ({percent(agreed / count)})")
    kappa = merged.kappa
    if kappa is None:
        typer.echo("Cohen's kappa is undefined: both always say the same one thing")
    else:
        typer.echo(f"Cohen's kappa {kappa.value:.2f} (95 % interval {kappa.low:.2f} to {kappa.high:.2f})")
    if merged.disagreements:
        _print_disagreements(merged, names)


def _print_disagreements(merged: "Merged", names: tuple[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from dataclinic.report.wording import visible

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("Sample", "Given", *names):
        table.add_column(Text(visible(name)), overflow="fold")
    for pair in merged.disagreements[:MOST_SHOWN]:
        given = pair.first.given or pair.second.given
        cells = (pair.first.id, given, *(label or what for what, label in pair.outcomes))
        table.add_row(*(Text(visible(cell)) for cell in cells))
    Console().print(table)
    if len(merged.disagreements) > MOST_SHOWN:
        typer.echo(f"… and {len(merged.disagreements) - MOST_SHOWN:,} more; --json lists all")


def _written(merged: "Merged", target: Path | None, disagreements: Disagreements) -> str:
    if target is None:
        return f"nothing was written; add --out to write the {len(merged.decisions):,} joint decisions"
    left = {"leave-out": "are left undecided", "ambiguous": "are ambiguous"}
    fate = left.get(disagreements.value, f"are as the {disagreements.value} says")
    differing = f"; {len(merged.disagreements):,} on which they disagree {fate}" if merged.disagreements else ""
    return f"{len(merged.decisions):,} decisions written to {target}{differing}"


def _as_json(merged: "Merged", target: Path | None) -> dict[str, Any]:
    return {
        "both": len(merged.both),
        "only_first": merged.only_first,
        "only_second": merged.only_second,
        "agreed": len(merged.both) - len(merged.disagreements),
        "kappa": None if merged.kappa is None else asdict(merged.kappa),
        "disagreements": [
            {"first": asdict(pair.first), "second": asdict(pair.second)} for pair in merged.disagreements
        ],
        "decisions": len(merged.decisions),
        "written": None if target is None else str(target),
    }
