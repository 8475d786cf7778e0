"""A review in the terminal: texts and tables, by the keys of the page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from dataclinic.errors import DecisionsError, ReviewError
from dataclinic.report.wording import check_title, shorten, visible
from dataclinic.review.keyboard import END, ENTER, SPACE, keyboard
from dataclinic.review.queue import Filters
from dataclinic.review.screen import DIGITS, Language, Words, drawn, standing_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dataclinic.edits import DecidedAs
    from dataclinic.review.keyboard import Keyboard
    from dataclinic.review.session import Session
    from dataclinic.review.showing import Showing

MOST_OFFERED = 12
"""Names that fit what was typed: more than that are not read."""

MOST_OF_AN_ID = 60


def review_in_terminal(
    session: Session, showing: Showing, language: Language = "en", *, console: Console | None = None
) -> None:
    """Show sample after sample and record a verdict a key, until the reviewer leaves or the input ends.

    Raises:
        ReviewError: the samples are pictures.
        RunError: a file of the run is broken.
    """
    if session.run.record["dataset"]["kind"] == "images":
        raise ReviewError.pictures_in_terminal(session.run.path)
    with keyboard() as keys:
        _Terminal(session, showing, Words(language), keys, console or Console()).go_on()


class _Terminal:
    """The state of the screen: which filter is on, which sample is shown, and what was done last."""

    def __init__(self, session: Session, showing: Showing, words: Words, keys: Keyboard, console: Console) -> None:
        self._session, self._showing = session, showing
        self._words, self._keys, self._console = words, keys, console
        self._filters = Filters()
        self._row: int | None = None
        self._told = ""
        self._left = False

    def go_on(self) -> None:
        while not self._left:
            self._row = self._session.next(self._filters) if self._row is None else self._row
            self._draw()
            pressed = self._keys.key()
            self._told = ""
            try:
                self._do(pressed)
            except (DecisionsError, ReviewError) as error:
                self._told = f"{error.message} ({error.hint})"

    def _do(self, pressed: str) -> None:
        anywhere: dict[str, Callable[[], None]] = {
            "u": self._undo,
            "/": self._filter,
            "+": self._beyond,
            "?": self._help,
            "q": self._leave,
            END: self._leave,
        }
        of_sample: dict[str, Callable[[int], None]] = {
            ENTER: self._accept,
            "k": lambda row: self._decide(row, "keep"),
            "d": lambda row: self._decide(row, "drop"),
            "a": lambda row: self._decide(row, "ambiguous"),
            "t": self._another,
            SPACE: self._skip,
        }
        key = pressed if pressed in {ENTER, SPACE, END} else pressed.lower()
        if key in anywhere:
            anywhere[key]()
        elif self._row is not None and key in of_sample:
            of_sample[key](self._row)
        elif self._row is not None and key in self._digits():
            self._decide(self._row, "relabel", self._session.classes[int(key) - 1])
        elif key:
            self._told = self._words.say("no_such_key")

    def _digits(self) -> Sequence[str]:
        return [str(place) for place in range(1, min(DIGITS, len(self._session.classes)) + 1)]

    def _accept(self, row: int) -> None:
        suspect = self._session.suspect(row)
        if suspect.suggested_label in {None, suspect.given_label}:
            self._told = self._words.say("no_suggestion")
        else:
            self._decide(row, "relabel", suspect.suggested_label)

    def _another(self, row: int) -> None:
        if self._session.task == "regression":
            text = self._ask("ask_number").strip()
            if text:
                self._decide(row, "relabel", text)
            return
        name = self._chosen(self._ask("ask_class"), self._session.classes)
        if name is not None:
            self._decide(row, "relabel", name)

    def _decide(self, row: int, verdict: DecidedAs, label: str | None = None) -> None:
        recorded = self._session.decide(row, verdict, label)
        decision = recorded.decision
        self._told = self._words.say(
            f"did_{decision.verdict}",
            id=shorten(decision.id, MOST_OF_AN_ID),
            label=visible(decision.label if decision.label is not None else decision.given),
        )
        if recorded.reranked:
            self._told += f" · {self._words.say('reranked')}"
        self._row = None

    def _skip(self, row: int) -> None:
        self._session.skip(row)
        self._told = self._words.say("did_skip", id=self._name(row))
        self._row = None

    def _undo(self) -> None:
        undone = self._session.undo()
        if undone is None:
            self._told = self._words.say("nothing_to_undo")
            return
        self._told = self._words.say("did_undo", id=self._name(undone.row))
        self._row = undone.row

    def _filter(self) -> None:
        text = self._ask("ask_filter")
        if not text.strip():
            self._filters = Filters(beyond=self._filters.beyond)
            self._row = None
            return
        name = self._chosen(text, (*self._session.classes, *self._session.checks))
        if name is None:
            return
        chosen = {"label": name} if name in self._session.classes else {"check": name}
        self._filters = Filters(beyond=self._filters.beyond, **chosen)
        self._row = None

    def _beyond(self) -> None:
        self._filters = replace(self._filters, beyond=not self._filters.beyond)
        self._row = None

    def _help(self) -> None:
        self._console.print(Text(f"\n{self._words.say('help')}"))
        if self._keys.single:
            self._console.print(Text(self._words.say("press_any"), style="dim"))
            self._keys.key()

    def _leave(self) -> None:
        self._left = True

    def _ask(self, question: str) -> str:
        self._console.print(Text(self._words.say(question), style="bold"), end="")
        return self._keys.line()

    def _chosen(self, text: str, names: Sequence[str]) -> str | None:
        """The name that is meant: the whole of it, or a part that just one has, at its start rather than inside."""
        wanted = text.strip().casefold()
        if not wanted:
            return None
        folded = [(name, name.casefold()) for name in names]
        fits = (
            [name for name in names if name == text.strip()],
            [name for name, low in folded if low == wanted],
            [name for name, low in folded if low.startswith(wanted)],
            [name for name, low in folded if wanted in low],
        )
        found: list[str] = next((some for some in fits if some), [])
        if len(found) == 1:
            return found[0]
        if found:
            offered = ", ".join(map(visible, found[:MOST_OFFERED])) + (" …" if len(found) > MOST_OFFERED else "")
            self._told = self._words.say("several", names=offered)
        else:
            self._told = self._words.say("none_fits", text=visible(text.strip()))
        return None

    def _draw(self) -> None:
        standing, words, console = self._session.standing(), self._words, self._console
        if console.is_terminal:
            console.clear()
        decided = standing.relabelled + standing.kept + standing.dropped + standing.ambiguous
        place = words.say("place", decided=f"{decided:,}", left=f"{self._session.left(self._filters):,}")
        title = words.say("title", run=visible(self._session.run.path.name))
        console.print(Text.assemble((title, "bold"), f"  {place}", (self._filter_told(), "magenta")))
        console.print(standing_line(standing, words))
        console.print()
        if self._row is None:
            console.print(Text(words.say("empty"), style="bold"))
        else:
            console.print(drawn(self._showing.shown(self._row), self._session.classes, words))
        if self._told:
            console.print(Text(f"→ {self._told}", style="green"))
        console.print(Text(self._keys_told(), style="dim"))

    def _keys_told(self) -> str:
        words = self._words
        if self._row is None:
            told = words.say("empty_help")
        elif self._session.task == "regression":
            told = words.say("keys_numbers")
        else:
            digits = self._digits()
            told = words.say("keys", digits=f"{digits[0]}–{digits[-1]}, " if digits else "")
        return told if self._keys.single else f"{told} {words.say('line_keys')}"

    def _filter_told(self) -> str:
        filters = self._filters
        check = None if filters.check is None else check_title(filters.check)
        beyond = self._words.say("beyond") if filters.beyond else None
        on = [part for part in (filters.label, check, beyond) if part is not None]
        return f"  {self._words.say('filtered', filter=visible(', '.join(on)))}" if on else ""

    def _name(self, row: int) -> str:
        return shorten(self._session.suspect(row).id, MOST_OF_AN_ID)
