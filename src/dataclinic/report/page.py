"""Everything that the page shows, picked and cut to size before any markup is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from dataclinic.report.cards import Card, Shown, labels_of, make_cards
from dataclinic.report.check_section import CheckSection, check_section
from dataclinic.report.class_section import ClassSection, class_section
from dataclinic.report.copies import CopyCards, copy_cards
from dataclinic.report.curves import Curves, read_curves
from dataclinic.report.embedding_map import EmbeddingMap, read_map
from dataclinic.report.forest import ForestPlot, forest_plot
from dataclinic.report.gallery import Gallery, gallery_suspects, make_gallery, pick_suspects
from dataclinic.report.neighbours import ids_of, read_neighbours
from dataclinic.report.outliers import first_findings
from dataclinic.report.previews import read_previews, read_small_previews
from dataclinic.report.shown_rows import MOST_CARDS
from dataclinic.report.suspects import read_suspects
from dataclinic.report.synopsis import Synopsis, synopsis
from dataclinic.report.targets import TargetPlot, target_plot
from dataclinic.report.telling import telling_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.report.material import Material
    from dataclinic.report.neighbours import NearBoth
    from dataclinic.report.reviewed import Reviewed
    from dataclinic.report.summary import Summary
    from dataclinic.report.suspects import Suspect
    from dataclinic.report.telling import TellingValue

MOST_CLASSES = 100
MOST_TELLING = 4


@dataclass(frozen=True)
class SuspectSection:
    """Cards of the most doubtful samples, and suspects by class; None in regression, or where there are none."""

    cards: tuple[Card, ...]
    filter_classes: tuple[str, ...]
    filter_checks: tuple[str, ...]
    gallery: Gallery | None


@dataclass(frozen=True)
class Page:
    """In regression there is `plot`, and no classes and no map; `links` says whether pictures lie beside the page."""

    name: str
    record: Mapping[str, Any]
    summary: Summary
    synopsis: Synopsis
    reviewed: Reviewed | None
    forest: ForestPlot | None
    suspects: SuspectSection
    copies: CopyCards | None
    classes: ClassSection
    checks: CheckSection
    plot: TargetPlot | None
    embedding_map: EmbeddingMap | None
    curves: tuple[Curves, ...]
    links: bool


def make_page(material: Material) -> Page:
    """The page of a run.

    Raises:
        RunError: a file of the run directory is missing or broken.
    """
    summary, of_classes = material.summary, material.summary.task == "classification"
    suspects = read_suspects(material.ranking, MOST_CARDS)
    near = read_neighbours(material.run, [suspect.row for suspect in suspects]) if of_classes else {}
    picked = pick_suspects(material.ranking) if of_classes else ()
    tiles = gallery_suspects(material.ranking, picked)
    shown = _shown(material, suspects, tiles, near)
    return Page(
        name=PurePath(summary.source).name or summary.source,
        record=material.record,
        summary=summary,
        synopsis=synopsis(summary),
        reviewed=material.reviewed,
        forest=forest_plot(summary.trials) if summary.trials else None,
        suspects=_suspect_section(material, suspects, shown, near, make_gallery(picked, tiles, shown)),
        copies=copy_cards(material.copies, shown.small) if material.copies else None,
        classes=class_section(material),
        checks=check_section(material, shown.small),
        plot=None if of_classes else target_plot(material.ranking),
        embedding_map=_map(material),
        curves=read_curves(material.run),
        links=any(preview.linked for preview in (*shown.previews.values(), *shown.small.values())),
    )


def _map(material: Material) -> EmbeddingMap | None:
    if material.summary.task == "regression":
        return None
    return read_map(material.run, material.ranking, material.summary.classes, material.findings)


def _shown(
    material: Material, suspects: Sequence[Suspect], tiles: Mapping[int, Suspect], near: Mapping[int, NearBoth]
) -> Shown:
    """Small pictures in the order of need: those beside a suspect first, those of the gallery last."""
    beside = [row for both in near.values() for row in both.rows]
    copies = material.copies.rows if material.copies else ()
    found = first_findings(material.findings)["row"].dropna().astype(int).tolist()
    gallery = [suspect.row for suspect in tiles.values()]
    return Shown(
        previews=read_previews(material.run, [suspect.row for suspect in suspects]),
        small=read_small_previews(material.run, [*beside, *copies, *found, *gallery]),
        telling=_telling(material, [*suspects, *tiles.values()]),
        ids=ids_of(material.ranking, beside),
        decided=material.reviewed.by_row if material.reviewed else {},
    )


def _suspect_section(
    material: Material,
    suspects: Sequence[Suspect],
    shown: Shown,
    near: Mapping[int, NearBoth],
    gallery: Gallery,
) -> SuspectSection:
    found = material.summary.label_errors
    labels = labels_of(suspects) if material.summary.task == "classification" else ()
    return SuspectSection(
        cards=make_cards(material, suspects, shown, near, found.weights if found else {}, labels),
        filter_classes=labels,
        filter_checks=tuple(dict.fromkeys(check for suspect in suspects for check in suspect.checks)),
        gallery=gallery if gallery.classes else None,
    )


def _telling(material: Material, suspects: Sequence[Suspect]) -> Mapping[int, tuple[TellingValue, ...]]:
    measured = (material.run.path / "measurements.parquet").is_file()
    of_classes = material.summary.task == "classification" and material.summary.kind == "table"
    if not of_classes or not measured or not suspects:
        return {}
    measurements = material.run.read_table("measurements.parquet")
    return telling_values(measurements, material.ranking, suspects, MOST_TELLING)
