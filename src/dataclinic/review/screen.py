"""What the review in the terminal draws; every text of the data is shown as text, never as markup."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, TypeAlias

from rich.console import Group
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from dataclinic.report.estimate import about
from dataclinic.report.wording import check_title, duration, percent, readable, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from dataclinic.review.shown import Content, Near, Shown, Side
    from dataclinic.review.standing import Share, Standing

Language: TypeAlias = Literal["en", "zh"]

DIGITS = 9
"""Classes that have a key of their own."""

MOST_CELLS = 14
"""Of a table row: the telling ones stand first."""

MOST_TEXT = 1500
MOST_NEAR = 2
MOST_OF_NEAR = 160
"""Characters: a screen holds some 4,000, and the labels should stand on it too."""


class Words:
    """What the terminal says in one language."""

    def __init__(self, language: Language) -> None:
        text = (files("dataclinic.review") / "words" / f"terminal.{language}.json").read_text(encoding="utf-8")
        self._said: dict[str, str | list[str]] = json.loads(text)

    def say(self, key: str, **parts: str | int) -> str:
        """The text of `key` with its places filled."""
        said = self._said[key]
        return "\n".join(said) if isinstance(said, list) else said.format(**parts)


def drawn(shown: Shown, classes: Sequence[str], words: Words) -> RenderableType:
    """The sample, what is like it, and what is said of its label."""
    parts: list[RenderableType] = [*_content(shown, words)]
    for side in shown.sides:
        parts += _side(side, words)
    parts += [Rule(style="dim"), _labels(shown, words)]
    if classes:
        numbered = (f"[{place}] {visible(name)}" for place, name in enumerate(classes[:DIGITS], start=1))
        more = " …" if len(classes) > DIGITS else ""
        parts.append(Text(f"{words.say('classes')}  {'   '.join(numbered)}{more}", style="dim"))
    return Group(*parts)


def standing_line(standing: Standing, words: Words) -> Text:
    """What the verdicts so far say, in as many parts as there is something to say of."""
    return Text(" · ".join(part for part in _told(standing, words) if part), style="cyan")


def _told(standing: Standing, words: Words) -> Iterator[str]:
    if standing.precision is not None:
        yield words.say("precision", **_share(standing.precision))
    if standing.audit is not None:
        yield words.say("audit", **_share(standing.audit))
    left = standing.errors_left
    if left is not None:
        yield words.say("errors_left", value=about(left.value), low=about(left.low), high=about(left.high))
    if standing.next_errors is not None:
        yield words.say("next_errors", count=standing.next_count, errors=about(standing.next_errors))
    if standing.pace_seconds is not None:
        yield words.say("pace", pace=duration(standing.pace_seconds))
    yield words.say(f"advice_{standing.advice}")


def _share(share: Share) -> dict[str, str | int]:
    return {
        "share": percent(share.value),
        "low": percent(share.low),
        "high": percent(share.high),
        "count": f"{share.of:,}",
    }


def _content(shown: Shown, words: Words) -> Iterator[RenderableType]:
    content = shown.content
    if content.missing is not None:
        yield Text(words.say("missing", why=visible(content.missing)), style="yellow")
    elif content.text is not None:
        yield Text(readable(content.text[:MOST_TEXT]))
        if hidden := content.cut + max(0, len(content.text) - MOST_TEXT):
            yield Text(words.say("cut", count=f"{hidden:,}"), style="dim")
    else:
        yield from _cells(shown, words)


def _cells(shown: Shown, words: Words) -> Iterator[RenderableType]:
    cells = shown.content.cells[:MOST_CELLS]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    table.add_column(words.say("column"), overflow="fold")
    table.add_column(words.say("value"), overflow="fold")
    telling = any(cell.telling for cell in cells)
    if telling:
        for role, label in (("given", shown.given), ("suggested", shown.suggested or "")):
            table.add_column(Text(words.say(f"{role}_median", label=visible(label))), justify="right")
    for cell in cells:
        medians = (Text(visible(value or "")) for value in (cell.given_median, cell.suggested_median))
        style = "bold yellow" if cell.telling else ""
        name, value = Text(visible(cell.column), style=style), Text(visible(cell.value), style=style)
        table.add_row("◆" if cell.telling else "", name, value, *(medians if telling else ()))
    yield table
    if shown.content.columns > len(cells):
        yield Text(words.say("more_columns", count=f"{shown.content.columns - len(cells):,}"), style="dim")
    if telling:
        yield Text(words.say("telling", label=visible(shown.suggested or "")), style="dim")


def _side(side: Side, words: Words) -> Iterator[RenderableType]:
    yield Text(f"\n{words.say(f'like_{side.role}', label=visible(side.label))}", style="bold")
    for near in side.samples[:MOST_NEAR]:
        away = words.say("distance", distance=f"{near.distance:.2f}")
        yield Text(f"  {_short(near)}  ({visible(near.id)}, {away})", style="dim")


def _short(near: Near) -> str:
    told = " ".join(visible(_one_line(near.content)).split())
    return told if len(told) <= MOST_OF_NEAR else f"{told[: MOST_OF_NEAR - 1]}…"


def _one_line(content: Content) -> str:
    if content.text is not None:
        return content.text[: 2 * MOST_OF_NEAR]
    return content.missing or ", ".join(f"{cell.column} {cell.value}" for cell in content.cells)


def _labels(shown: Shown, words: Words) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    rank = words.say("rank", rank=f"{shown.rank:,}")
    table.add_row(words.say("sample"), Text(f"{visible(shown.id)}  ({rank})"))
    table.add_row(words.say("given"), _label(shown.given, shown.given_probability, words))
    suggested = (
        Text(words.say("nothing"), style="dim")
        if shown.suggested is None
        else _label(shown.suggested, shown.suggested_probability, words, style="bold green")
    )
    table.add_row(words.say("suggested"), suggested)
    if shown.probability is not None:
        table.add_row(words.say("wrong"), Text(words.say("wrong_with", share=percent(shown.probability))))
    table.add_row(words.say("reason"), Text(visible(shown.reason)))
    if shown.checks:
        table.add_row(words.say("checks"), Text(", ".join(map(check_title, shown.checks))))
    return table


def _label(label: str, probability: float | None, words: Words, style: str = "") -> Text:
    share = "" if probability is None else f"  {words.say('right_with', share=percent(probability))}"
    return Text.assemble((visible(label), style), (share, "dim"))
