"""report.md: the report's numbers as a text that reads well in a terminal, a pull request or a chat."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dataclinic.report import estimate, gains, reproduce, reviewed, wording

if TYPE_CHECKING:
    from jinja2 import Template

    from dataclinic.report.page import Page

MOST_SUSPECTS = 20
MOST_CLASSES = 20
MOST_ARMS = 20

SPECIAL = re.compile(r"([\\`*\[\]<>#|~&$@]|(?<![^\W_])_|_(?![^\W_])|:(?=//))")
"""What means something in Markdown, in HTML within it, or to a page that shows it (@names, $formulas$, links)."""

FILTERS = (
    estimate.wrong_percent,
    gains.fix_title,
    gains.gain,
    gains.interval,
    reproduce.columns_told,
    reproduce.command_of,
    reproduce.held_out,
    reproduce.settings_toml,
    reviewed.reviewed_told,
    wording.check_title,
    wording.command_line,
    wording.duration,
    wording.moment,
    wording.number,
    wording.percent,
    wording.plural,
    wording.sentence,
    wording.shorten,
)


class Block(str):
    """Text that stands in a block of code, where nothing but the fence has a meaning."""

    __slots__ = ()


def markdown_report(page: Page) -> str:
    """The text of report.md; every value from the data is escaped as it is written."""
    text = _template().render(
        page=page, summary=page.summary, most_suspects=MOST_SUSPECTS, most_classes=MOST_CLASSES, most_arms=MOST_ARMS
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def escaped(value: Any) -> str:
    """A value as text without any meaning in Markdown; what is a `Block` stays as it is."""
    if isinstance(value, Block):
        return value
    return SPECIAL.sub(r"\\\1", wording.visible(value))


def block(text: str) -> Block:
    """Lines of code; signs that hide or turn text are shown, and the fence cannot be closed from within."""
    return Block(wording.readable(text).replace("```", "`\N{ZERO WIDTH SPACE}``"))


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    # `finalize` sees every value that a template writes, so none can be forgotten; HTML's escapes would be wrong here.
    environment = Environment(
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=escaped,
    )
    environment.filters.update({function.__name__: function for function in (*FILTERS, block)})
    source = files("dataclinic.report").joinpath("templates", "report.md.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)
