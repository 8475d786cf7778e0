"""Checks on the page: how each ended, and galleries of the samples that stand out by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dataclinic.report.outliers import SHOWN_AS_SETS, FoundBy, FoundThing, first_findings, outlying, things_of
from dataclinic.report.suspects import finite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dataclinic.report.material import Material
    from dataclinic.report.previews import Preview

OUTCOME_ORDER = ("failed", "ran", "did not apply", "skipped")


@dataclass(frozen=True)
class CheckLine:
    """How a check ended, with the first of what it found; `elsewhere` is the section that shows that, "" for here."""

    check: str
    outcome: str
    reason: str
    count: int
    seconds: float | None
    found: tuple[FoundThing, ...]
    elsewhere: str


@dataclass(frozen=True)
class CheckSection:
    """`told` are checks that failed or found something, `quiet` ones that found nothing, `idle` ones did not look.

    `galleries` are those of checks whose findings are samples that stand out.
    """

    told: tuple[CheckLine, ...]
    quiet: tuple[CheckLine, ...]
    idle: tuple[CheckLine, ...]
    galleries: tuple[FoundBy, ...]


def check_section(material: Material, previews: Mapping[int, Preview]) -> CheckSection:
    """Of all checks of a run, with previews of the samples they name by row."""
    first = first_findings(material.findings)
    labels = _labels(material.ranking, first)
    things = {str(check): things_of(part, labels, previews) for check, part in first.groupby("check", sort=False)}
    names = outlying(material.checks, material.findings, sets=material.copies is not None)
    elsewhere = dict.fromkeys(names, "outliers")
    if material.copies is not None:
        elsewhere |= dict.fromkeys(SHOWN_AS_SETS, "copies")
    lines = _lines(material.checks, things, elsewhere)
    entries = {entry["check"]: entry for entry in material.checks}
    return CheckSection(
        told=tuple(line for line in lines if line.outcome == "failed" or line.count),
        quiet=tuple(line for line in lines if line.outcome == "ran" and not line.count),
        idle=tuple(line for line in lines if line.outcome in {"did not apply", "skipped"}),
        galleries=tuple(FoundBy(name, entries[name]["reason"], entries[name]["count"], things[name]) for name in names),
    )


def _lines(
    checks: Sequence[Mapping[str, Any]], things: Mapping[str, tuple[FoundThing, ...]], elsewhere: Mapping[str, str]
) -> tuple[CheckLine, ...]:
    """Failed ones first: they are what a reader must know; then by what was found."""
    lines = [
        CheckLine(
            check=entry["check"],
            outcome=entry["outcome"],
            reason=entry["reason"],
            count=entry["count"],
            seconds=finite(entry.get("seconds")),
            found=() if entry["check"] in elsewhere else things.get(entry["check"], ()),
            elsewhere=elsewhere.get(entry["check"], "") if entry["count"] else "",
        )
        for entry in checks
    ]
    return tuple(sorted(lines, key=lambda line: (OUTCOME_ORDER.index(line.outcome), line.count == 0)))


def _labels(ranking: pd.DataFrame, findings: pd.DataFrame) -> dict[int, str]:
    """By row the given labels of the samples that are named."""
    named = ranking.loc[ranking["row"].isin(findings["row"].dropna().astype("int64")), ["row", "given_label"]]
    return {int(row): str(label) for row, label in zip(named["row"], named["given_label"], strict=True)}
