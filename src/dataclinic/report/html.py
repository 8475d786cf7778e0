"""report.html: one page that opens from disk, loads nothing and runs no script but its own."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from dataclinic.report import estimate, gains, headline, signals, wording
from dataclinic.report.classes import class_table, confusion_of
from dataclinic.report.forest import MOST_ROWS
from dataclinic.report.page import MOST_CLASSES, Material, make_page
from dataclinic.report.summary import summary_json, summary_of
from dataclinic.report.suspects import read_suspects, suspects_csv

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from jinja2 import Environment

    from dataclinic.rundir import RunDir

MOST_JSON_SUSPECTS = 1000
MOST_CLASS_GAINS = 30

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
    wording.sentence,
    wording.sentences,
    wording.shorten,
    wording.visible,
    wording.with_short_names,
)
"""Functions that templates call by their names."""


def write_report(run: RunDir) -> Path:
    """Write report.html, report.json and suspects.csv into `run`; gives the path of the page.

    Raises:
        RunError: the run has not come to its ranking, or a file of it is broken.
    """
    material = Material.read(run)
    run.write_text("report.html", _render(material))
    run.write_json("report.json", _as_json(material))
    run.write_text("suspects.csv", suspects_csv(material.ranking))
    return run.path / "report.html"


def render_html(run: RunDir) -> str:
    """The page as text, below 5 MB whatever the size of the data.

    Raises:
        RunError: the run has not come to its ranking, or a file of it is broken.
    """
    return _render(Material.read(run))


def _render(material: Material) -> str:
    script = _ours("page.js")
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            page=make_page(material),
            most_classes=MOST_CLASSES,
            most_class_gains=MOST_CLASS_GAINS,
            most_arms=MOST_ROWS,
            style=_ours("page.css"),
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
    summary = summary_of(material.run, material.record, material.checks, material.ranking)
    rows = class_table(material.ranking, confusion_of(material.ranking, summary.classes))
    return {
        **summary_json(summary),
        "class_table": [asdict(row) for row in rows],
        "first_suspects": [asdict(suspect) for suspect in read_suspects(material.ranking, MOST_JSON_SUSPECTS)],
    }
