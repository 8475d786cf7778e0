"""report.html: one page that opens from disk, loads nothing and runs no script but its own."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict, replace
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from dataclinic.report import estimate, gains, headline, reproduce, reviewed, signals, wording
from dataclinic.report.classes import class_table
from dataclinic.report.forest import MOST_ROWS
from dataclinic.report.markdown import markdown_report
from dataclinic.report.material import Material
from dataclinic.report.page import MOST_CLASSES, make_page
from dataclinic.report.reproduce import MOST_TOML
from dataclinic.report.summary import summary_json
from dataclinic.report.suspects import read_suspects, suspects_csv
from dataclinic.report.synopsis import synopsis

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from jinja2 import Environment

    from dataclinic.report.page import Page
    from dataclinic.rundir import RunDir

MOST_JSON_SUSPECTS = 1000
MOST_CLASS_GAINS = 30
MOST_CELLS = 24

MOST_BYTES = 5_000_000
FEWER_CARDS = (50, 20, 5)
"""Tried in turn where the page would grow larger than that."""

FILTERS = (
    estimate.about,
    estimate.about_percent,
    estimate.clauses,
    estimate.power_told,
    estimate.share_told,
    estimate.wrong_percent,
    gains.amount,
    gains.combined_title,
    gains.epochs,
    gains.figures,
    gains.fix_title,
    gains.gain,
    gains.gain_kind,
    gains.hidden,
    gains.interval,
    gains.metric_title,
    gains.p_value,
    gains.reduction,
    gains.removes,
    gains.score,
    gains.signed,
    headline.tally,
    headline.worth,
    headline.worth_trusted,
    reproduce.columns_told,
    reproduce.command_of,
    reproduce.held_out,
    reproduce.settings_toml,
    reviewed.decided_told,
    reviewed.reviewed_told,
    signals.signal_title,
    wording.agreement,
    wording.check_title,
    wording.command_line,
    wording.duration,
    wording.flat,
    wording.moment,
    wording.nats,
    wording.number,
    wording.percent,
    wording.plural,
    wording.readable,
    wording.sentence,
    wording.shorten,
    wording.visible,
    wording.with_short_names,
)
"""Functions that templates call by their names."""


def write_report(run: RunDir) -> Path:
    """Write report.html, report.json, report.md and suspects.csv into `run`; gives the path of the page.

    Raises:
        RunError: the run has not come to its ranking, or a file of it is broken.
        DecisionsError: decisions.jsonl is broken.
    """
    material = Material.read(run)
    page = make_page(material)
    run.write_text("report.html", _render(page))
    run.write_text("report.md", markdown_report(page))
    run.write_json("report.json", _as_json(material))
    run.write_text("suspects.csv", suspects_csv(material.ranking))
    return run.path / "report.html"


def render_html(run: RunDir) -> str:
    """The page as text, below 5 MB whatever the size of the data.

    Raises:
        RunError: the run has not come to its ranking, or a file of it is broken.
        DecisionsError: decisions.jsonl is broken.
    """
    return _render(make_page(Material.read(run)))


def _render(page: Page) -> str:
    """The page with as many cards as fit; all of them but for data whose every text is long and full of quotes."""
    for cards in (len(page.suspects.cards), *FEWER_CARDS):
        fewer = replace(page, suspects=replace(page.suspects, cards=page.suspects.cards[:cards]))
        text = _rendered(fewer)
        if len(text.encode("utf-8", "surrogateescape")) < MOST_BYTES:
            break
    return text


def _rendered(page: Page) -> str:
    script = _ours("page.js")
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            page=page,
            most_classes=MOST_CLASSES,
            most_class_gains=MOST_CLASS_GAINS,
            most_arms=MOST_ROWS,
            most_toml=MOST_TOML,
            most_cells=MOST_CELLS,
            style=_ours("page.css") + _ours("plots.css"),
            script=script,
            script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        )
    )


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("dataclinic.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({function.__name__: function for function in FILTERS})
    return environment


def _ours(name: str) -> str:
    """Text of a file beside the templates; what we wrote ourselves is not escaped."""
    from markupsafe import Markup

    return Markup(files("dataclinic.report").joinpath("templates", name).read_text(encoding="utf-8"))  # noqa: S704


def _as_json(material: Material) -> dict[str, Any]:
    """The summary, the class table and the first 1,000 suspects."""
    return {
        **summary_json(material.summary),
        "in_three_sentences": list(synopsis(material.summary).sentences),
        "reviewed": reviewed.reviewed_json(material.reviewed),
        "class_table": [asdict(row) for row in class_table(material.ranking, material.confusion)],
        "first_suspects": [asdict(suspect) for suspect in read_suspects(material.ranking, MOST_JSON_SUSPECTS)],
    }
