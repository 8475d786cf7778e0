"""A comparison of two runs at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dataclinic.report.estimate import about, bracket, wrong_percent
from dataclinic.report.suspects import finite
from dataclinic.report.wording import NONE, number, percent, plural, sentence, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataclinic.report.comparison import CheckCounts, Comparison
    from dataclinic.report.scores import Score

TITLES = {"new": "New suspects", "returned": "Returned", "fixed": "Fixed"}
SHARES = {"accuracy", "balanced accuracy"}
MOST_SETTINGS = 20


def print_comparison(found: Comparison, top: int) -> None:
    """The comparison on stdout, `top` suspects of each kind; names of the data as plain text."""
    console = Console()
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(found):
        facts.add_row(Text(name, style="bold"), Text(visible(value)))
    console.print(facts)
    for change, title in TITLES.items():
        _print_changes(console, found, change, title, top)
    _print_checks(console, found)
    _print_settings(console, found)
    for note in found.notes:
        console.print(Text(sentence(note)))


def _facts(found: Comparison) -> Iterator[tuple[str, str]]:
    before, after = found.before, found.after
    yield "Before", str(before.run.path)
    yield "After", str(after.run.path)
    yield "Samples", f"{len(before.samples):,} → {len(after.samples):,}{_samples_told(found)}"
    flagged = [int(run.samples["flagged"].sum()) for run in (before, after)]
    yield "Suspects", f"{flagged[0]:,} → {flagged[1]:,}: {_suspects_told(found)}"
    if after.task == "classification":
        yield "Wrong labels", errors_told(found)
    for score in found.scores:
        yield score.name[:1].upper() + score.name[1:], score_told(score)
    if found.scores:
        yield "", sentence(scores_note(found))


def _samples_told(found: Comparison) -> str:
    counts = (("gone", found.gone), ("added", found.added), ("relabelled", found.relabelled))
    told = ", ".join(f"{count:,} {name}" for name, count in counts if count)
    return f" ({told})" if told else " (the same, with the same labels)"


def _suspects_told(found: Comparison) -> str:
    fixed = found.changes.loc[found.changes["change"] == "fixed", "how"].value_counts()
    how = f" ({', '.join(f'{count:,} {name}' for name, count in fixed.items())})" if len(fixed) else ""
    return (
        f"{found.count('fixed'):,} fixed{how}; {found.count('new'):,} new; {found.count('returned'):,} returned; "
        f"{found.count('still'):,} still there"
    )


def errors_told(found: Comparison) -> str:
    """About 143 (120–170) → about 12 (8–20); the ranges do not overlap."""
    if found.errors is None:
        return "not known in both runs, so their number cannot be compared"
    first, second = found.errors
    apart = first.low > second.high or second.low > first.high
    ranges = "the ranges do not overlap" if apart else "the ranges overlap, so their number may be the same"
    return f"about {about(first.value)}{bracket(first)} → about {about(second.value)}{bracket(second)}; {ranges}"


def score_told(score: Score) -> str:
    """90.6 % → 98.1 % (+7.5 pp, more than the repeats spread)."""
    if score.name not in SHARES:
        return f"{number(score.before)} → {number(score.after)}"
    change = f"{100 * score.difference:+.1f} pp".replace("-", "−")
    spread = ""
    if score.spread is not None:
        within = "no more than" if score.within_spread else "more than"
        spread = f", {within} folds drawn anew: ± {100 * score.spread:.1f} pp"
    return f"{percent(score.before)} → {percent(score.after)} ({change}{spread})"


def scores_note(found: Comparison) -> str:
    """What the scores were measured on, and so what their difference can say."""
    if found.same_labels:
        return "both on the same labels; the difference comes from settings, versions and folds"
    return (
        "each run is scored on its own labels, so these are not paired: cleaner labels are easier to agree with, "
        "whether or not a model learns more from them; dataclinic try measures what a fix is worth"
    )


def _print_changes(console: Console, found: Comparison, change: str, title: str, top: int) -> None:
    changes = found.changes[found.changes["change"] == change]
    if changes.empty or not top:
        return
    console.print(Text(f"\n{title} ({len(changes):,})", style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("Sample", "Given", "Suggested"):
        table.add_column(name, overflow="fold")
    table.add_column("Wrong", justify="right", no_wrap=True)
    table.add_column("How")
    for row in changes.head(top).itertuples():
        both = [label for label in (row.given_before, row.given_after) if isinstance(label, str)]
        table.add_row(
            Text(visible(row.id)),
            Text(visible(" → ".join(dict.fromkeys(both)))),
            Text(visible(row.suggested)),
            wrong_percent(finite(row.probability)),
            Text(row.how),
        )
    console.print(table)
    if len(changes) > top:
        console.print(Text(f"… and {len(changes) - top:,} more"))


def _print_checks(console: Console, found: Comparison) -> None:
    """Checks whose number or outcome changed."""
    changed = [counts for counts in found.checks if _cell(counts, 0) != _cell(counts, 1)]
    if not changed:
        return
    console.print(Text("\nChecks that found another number", style="bold"))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Check")
    table.add_column("Before", justify="right")
    table.add_column("After", justify="right")
    for counts in changed:
        table.add_row(Text(visible(counts.check)), _cell(counts, 0), _cell(counts, 1))
    console.print(table)


def _cell(counts: CheckCounts, side: int) -> str:
    count, outcome = ((counts.before, counts.outcome_before), (counts.after, counts.outcome_after))[side]
    return NONE if count is None else f"{count:,}" if outcome == "ran" else outcome


def _print_settings(console: Console, found: Comparison) -> None:
    if not found.settings:
        console.print(Text("\nSettings and versions are the same"))
        return
    differ = plural(len(found.settings), "setting or version differs", "settings or versions differ")
    console.print(Text(f"\n{differ}", style="bold"))
    for setting in found.settings[:MOST_SETTINGS]:
        told = f"  {setting.name}: {setting.before or NONE} → {setting.after or NONE}"
        console.print(Text(visible(told)))
    if len(found.settings) > MOST_SETTINGS:
        console.print(Text(f"  … and {len(found.settings) - MOST_SETTINGS:,} more"))
