"""Everything that the page shows, picked and cut to size before any markup is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic.report.classes import (
    ClassRow,
    ConfusedPair,
    Confusion,
    class_table,
    confused_pairs,
    confusion_counts,
    confusion_of,
)
from dataclinic.report.embedding_map import EmbeddingMap, read_map
from dataclinic.report.forest import ForestPlot, forest_plot
from dataclinic.report.neighbours import Beside, beside, ids_of, read_neighbours
from dataclinic.report.previews import Preview, read_previews, read_small_previews
from dataclinic.report.reading import read_checks, read_findings, read_ranking, read_record
from dataclinic.report.signals import Signal, signals_of
from dataclinic.report.summary import Summary, summary_of, task_of
from dataclinic.report.suspects import Suspect, finite, read_suspects
from dataclinic.report.targets import TargetPlot, target_plot
from dataclinic.report.telling import TellingValue, telling_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dataclinic.rundir import RunDir

MOST_CARDS = 100
MOST_CLASSES = 100
MOST_FINDINGS = 20
MOST_ALL_FINDINGS = 160
FEWEST_FINDINGS = 5
"""Of a check, of all checks, and of a check where many found something: the page stays small with dozens of checks."""

MOST_TELLING = 4
MOST_PAIRS = 20
MOST_HEAT_CLASSES = 25

OUTCOME_ORDER = ("failed", "ran", "did not apply", "skipped")


@dataclass(frozen=True)
class Material:
    """What a run directory holds for the report, each file read once."""

    run: RunDir
    record: Mapping[str, Any]
    checks: list[Mapping[str, Any]]
    ranking: pd.DataFrame

    @classmethod
    def read(cls, run: RunDir) -> Material:
        """What `run` holds.

        Raises:
            RunError: a file is missing or broken.
        """
        record = read_record(run)
        return cls(run, record, read_checks(run), read_ranking(run, task_of(record)))


@dataclass(frozen=True)
class Card:
    """One suspect; `places` are the places of its given and suggested class in `Page.filter_classes`.

    `beside` are its nearest neighbours of either class.
    """

    suspect: Suspect
    preview: Preview | None
    telling: tuple[TellingValue, ...]
    places: tuple[int, ...]
    beside: tuple[Beside, ...]
    signals: tuple[Signal, ...]


@dataclass(frozen=True)
class HeatRow:
    """A given class against every predicted one: (samples, share of the judged samples given it) a cell."""

    label: str
    cells: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class FoundThing:
    subject: str
    reason: str
    preview: Preview | None


@dataclass(frozen=True)
class CheckSection:
    """How a check ended, with the first of what it found."""

    check: str
    outcome: str
    reason: str
    count: int
    seconds: float | None
    found: tuple[FoundThing, ...]


@dataclass(frozen=True)
class Page:
    """`heat` is given for few classes, `pairs` for many; in regression `plot`, and no classes; `forest` of trials.

    `checks` are those that failed or found something; `quiet` ones found nothing, and `idle` ones did not look.
    """

    name: str
    summary: Summary
    record: Mapping[str, Any]
    cards: tuple[Card, ...]
    filter_classes: tuple[str, ...]
    filter_checks: tuple[str, ...]
    class_rows: tuple[ClassRow, ...]
    imbalance: float | None
    heat: tuple[HeatRow, ...]
    pairs: tuple[ConfusedPair, ...]
    plot: TargetPlot | None
    forest: ForestPlot | None
    embedding_map: EmbeddingMap | None
    checks: tuple[CheckSection, ...]
    quiet: tuple[CheckSection, ...]
    idle: tuple[CheckSection, ...]


def make_page(material: Material) -> Page:
    """The page of a run.

    Raises:
        RunError: a file of the run directory is missing or broken.
    """
    summary = summary_of(material.run, material.record, material.checks, material.ranking)
    suspects = read_suspects(material.ranking, MOST_CARDS)
    findings = _first_findings(material)
    previews = read_previews(material.run, [suspect.row for suspect in suspects])
    found_previews = read_small_previews(material.run, [int(row) for row in findings["row"].dropna()])
    labels = _labels_of(suspects) if summary.task == "classification" else ()
    confusion = confusion_of(material.ranking, summary.classes)
    rows = class_table(material.ranking, confusion)
    few = len(summary.classes) <= MOST_HEAT_CLASSES
    sections = _check_sections(material.checks, findings, found_previews)
    return Page(
        name=PurePath(summary.source).name or summary.source,
        summary=summary,
        record=material.record,
        cards=_cards(material, summary, suspects, previews, labels),
        filter_classes=labels,
        filter_checks=tuple(dict.fromkeys(check for suspect in suspects for check in suspect.checks)),
        class_rows=rows,
        imbalance=rows[0].count / rows[-1].count if rows and rows[-1].count else None,
        heat=_heat(confusion) if few else (),
        pairs=() if few else confused_pairs(confusion, MOST_PAIRS),
        plot=target_plot(material.ranking) if summary.task == "regression" else None,
        forest=forest_plot(summary.trials) if summary.trials else None,
        embedding_map=read_map(material.run, material.ranking, summary.classes)
        if summary.task == "classification"
        else None,
        checks=tuple(section for section in sections if section.outcome == "failed" or section.count),
        quiet=tuple(section for section in sections if section.outcome == "ran" and not section.count),
        idle=tuple(section for section in sections if section.outcome in {"did not apply", "skipped"}),
    )


def _first_findings(material: Material) -> pd.DataFrame:
    """Of each check as many as all of them leave room for."""
    findings = read_findings(material.run)
    room = MOST_ALL_FINDINGS // max(findings["check"].nunique(), 1)
    each = min(max(room, FEWEST_FINDINGS), MOST_FINDINGS)
    return findings.groupby("check", sort=False).head(each)


def _labels_of(suspects: Sequence[Suspect]) -> tuple[str, ...]:
    named = {label for suspect in suspects for label in (suspect.given_label, suspect.suggested_label) if label}
    return tuple(sorted(named, key=str.casefold))


def _cards(
    material: Material,
    summary: Summary,
    suspects: Sequence[Suspect],
    previews: Mapping[int, Preview],
    labels: Sequence[str],
) -> tuple[Card, ...]:
    place = {label: at for at, label in enumerate(labels)}
    telling = _telling(material, suspects)
    neighbours = _beside(material, suspects, telling) if summary.task == "classification" else {}
    weights = summary.label_errors.weights if summary.label_errors else {}
    signals = signals_of(material.ranking, suspects, weights)
    return tuple(
        Card(
            suspect=suspect,
            preview=previews.get(suspect.row),
            telling=telling.get(suspect.row, ()),
            places=tuple(place[label] for label in (suspect.given_label, suspect.suggested_label) if label in place),
            beside=neighbours.get(suspect.row, ()),
            signals=signals.get(suspect.row, ()),
        )
        for suspect in suspects
    )


def _beside(
    material: Material, suspects: Sequence[Suspect], telling: Mapping[int, tuple[TellingValue, ...]]
) -> Mapping[int, tuple[Beside, ...]]:
    near = read_neighbours(material.run, [suspect.row for suspect in suspects])
    rows = [row for both in near.values() for row in both.rows]
    ids, previews = ids_of(material.ranking, rows), read_small_previews(material.run, rows)
    return {
        suspect.row: beside(
            near[suspect.row],
            (suspect.given_label, suspect.suggested_label),
            ids,
            previews,
            telling.get(suspect.row, ()),
        )
        for suspect in suspects
        if suspect.row in near
    }


def _telling(material: Material, suspects: Sequence[Suspect]) -> Mapping[int, tuple[TellingValue, ...]]:
    measured = (material.run.path / "measurements.parquet").is_file()
    of_classes = task_of(material.record) == "classification" and material.record["dataset"]["kind"] == "table"
    if not of_classes or not measured or not suspects:
        return {}
    measurements = material.run.read_table("measurements.parquet")
    return telling_values(measurements, material.ranking, suspects, MOST_TELLING)


def _heat(confusion: Confusion) -> tuple[HeatRow, ...]:
    counts = confusion_counts(confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return tuple(
        HeatRow(label, tuple(zip(counts[code].tolist(), shares[code].tolist(), strict=True)))
        for code, label in enumerate(confusion.labels)
    )


def _check_sections(
    checks: Sequence[Mapping[str, Any]], findings: pd.DataFrame, previews: Mapping[int, Preview]
) -> tuple[CheckSection, ...]:
    """Failed ones first: they are what a reader must know; then by what was found."""
    sections = [
        CheckSection(
            check=entry["check"],
            outcome=entry["outcome"],
            reason=entry["reason"],
            count=entry["count"],
            seconds=finite(entry.get("seconds")),
            found=_found(findings[findings["check"] == entry["check"]], previews),
        )
        for entry in checks
    ]
    return tuple(sorted(sections, key=lambda section: (OUTCOME_ORDER.index(section.outcome), section.count == 0)))


def _found(findings: pd.DataFrame, previews: Mapping[int, Preview]) -> tuple[FoundThing, ...]:
    rows = [None if missing else int(row) for row, missing in zip(findings["row"], findings["row"].isna(), strict=True)]
    return tuple(
        FoundThing(subject, reason, None if row is None else previews.get(row))
        for subject, reason, row in zip(findings["subject"], findings["reason"], rows, strict=True)
    )
