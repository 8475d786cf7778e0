"""Limits at a terminal: what each is about, what the run shows, and who broke it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dataclinic.report.wording import number, percent, sentence, visible

if TYPE_CHECKING:
    from dataclinic.limits import Judged, Kept
    from dataclinic.report.gate import Gate

STYLES: dict[Kept, str] = {"held": "green", "broken": "bold red", "unknown": "bold yellow"}
SAID: dict[Kept, str] = {"held": "✓ held", "broken": "✗ broken", "unknown": "? cannot say"}

MOST_OFFENDERS = 5
"""Of a broken limit; the run has all."""


def print_gate(gate: Gate) -> None:
    """Every limit on stdout with its value, and the first that broke it; names of the data as plain text."""
    console = Console()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Fails on")
    table.add_column("New" if gate.baseline is not None else "Found", justify="right", no_wrap=True)
    table.add_column("Limit", no_wrap=True)
    table.add_column("")
    for judged in gate.limits:
        table.add_row(
            Text(judged.limit.text),
            Text(value_told(judged)),
            Text(SAID[judged.kept], style=STYLES[judged.kept]),
            Text(visible(judged.measured.note), style="dim"),
        )
    console.print(table)
    for judged in gate.limits:
        if judged.kept == "broken":
            _print_offenders(console, gate, judged)
    for note in gate.notes:
        console.print(Text(sentence(note), style="dim"))


def value_told(judged: Judged) -> str:
    """37 (2.1 %); 91.2 % for what is a share itself; – where nothing can be said."""
    found = judged.measured
    if found.value is None or found.of is None:
        return number(found.value)
    return percent(found.share) if found.of == 1 else f"{number(found.value)} ({percent(found.share)})"


def _print_offenders(console: Console, gate: Gate, judged: Judged) -> None:
    offenders = gate.offenders(judged.limit)
    if offenders.empty:
        return
    console.print(Text(f"\n{judged.limit.name}", style="bold"))
    first = offenders.head(MOST_OFFENDERS)
    for subject, reason in zip(first["subject"], first["reason"], strict=True):
        console.print(Text(f"  {visible(subject)}: {visible(reason)}"))
    if len(offenders) > len(first):
        console.print(Text(f"  … and {len(offenders) - len(first):,} more"))
    console.print()
