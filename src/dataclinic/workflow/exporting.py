"""Export of a run: what people decided and what else was asked for, applied to the data that was audited."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from dataclinic import __version__
from dataclinic.errors import DataError, ExportError
from dataclinic.outgoing.cleaned import Opinion
from dataclinic.outgoing.manifest import Manifest, Origin, read_manifest
from dataclinic.outgoing.placed_files import PlaceFile, copy_file, link_file
from dataclinic.registry import EXPORTERS
from dataclinic.rundir import UNLOADABLE, RunDir, artifacts
from dataclinic.rundir.decisions import DECISIONS, now, read_decisions, standing_decisions
from dataclinic.rundir.treatment_files import FILES, PLAN, PLAN_COLUMNS, TREATMENT
from dataclinic.settings import Settings
from dataclinic.steps.choose_edits import choose_edits, decided_edits, treatment_edits
from dataclinic.steps.export_dataset import ExportPlan, Known, Outlet, export_dataset
from dataclinic.steps.place_decisions import place_decisions
from dataclinic.steps.undo_export import Undo, require_untouched, undo_export, without_changes
from dataclinic.workflow.line import data_fingerprint, load_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dataclinic.arrays import Probs
    from dataclinic.dataset import Dataset
    from dataclinic.edits import Decision, Edit

RANKING = (
    *("row", "id", "given_label", "suggested_label", "suggested_probability", "flagged", "probability"),
    *("self_confidence", "reason"),
)


@dataclass(frozen=True)
class ExportOptions:
    """What an export applies and how it is written.

    Attributes:
        format: id of an exporter; None means the format of the source.
        apply: what to do about suspects on whom nobody decided; None leaves them alone.
        min_probability: least probability of a wrong label from which `apply` goes.
        ambiguous: what to do about samples on which a person could not tell.
        treatment: follow the treatment that trials recommend, and nothing else.
        copy: copy files in place of linking them.
    """

    format: str | None = None
    apply: Literal["drop", "relabel"] | None = None
    min_probability: float = 0.5
    ambiguous: Literal["keep", "drop"] = "keep"
    treatment: bool = False
    copy: bool = False


@dataclass(frozen=True)
class _Decided:
    """Standing decisions by row; `lost` are those whose sample is not there."""

    by_row: Mapping[int, Decision]
    contents: tuple[str, ...]
    lost: int


def export(run: RunDir, destination: Path, options: ExportOptions | None = None, *, write: bool = True) -> ExportPlan:
    """Write the cleaned data of `run` to `destination`; the original is never touched.

    Args:
        run: from `audit`, or `RunDir.open_finished`.
        destination: a new or empty folder.
        options: None means what people decided, in the format of the source.
        write: false tells what would be written and writes nothing.

    Raises:
        DataError: the source is gone or cannot be read.
        ExportError: the source changed since the audit, there is nothing to apply, or it cannot be written.
        OptionError: there is no such format.
        RunError: the run is broken.
        DecisionsError: its decisions cannot be read.
    """
    options = options or ExportOptions()
    _require_sense(options)
    dataset = _dataset_of(run)
    decided = _decided(run)
    edits = _edits(run, dataset, decided, options)
    beside = _treatment_files(run) if options.treatment else ()
    plan = export_dataset(
        dataset,
        edits,
        destination,
        known=_known(run, dataset, decided),
        outlet=Outlet(options.format, _placing(copy=options.copy), beside),
        origin=_origin(run, options),
        write=write,
    )
    return _with_notes(plan, _notes(decided, options))


def undo(folder: Path, samples: Sequence[str] = (), *, write: bool = True) -> Undo:
    """Take an export back: all of it, or what it changed about `samples`, which is then written anew without.

    Raises:
        ExportError: there is no export in `folder`, it changed nothing about one of the samples, or it cannot be
            written; and where samples are named, files of it have changed or the source has.
        DataError: samples are named, and the source is gone.
    """
    folder = folder.resolve()
    manifest = read_manifest(folder)
    if not samples:
        return undo_export(folder, manifest, write=write)
    edits, undone = without_changes(manifest, samples)
    require_untouched(folder, manifest)
    _write_anew(folder, manifest, edits, write=write)
    return Undo(folder, kept_edits=edits, undone=undone)


def _write_anew(folder: Path, manifest: Manifest, edits: Sequence[Edit], *, write: bool) -> None:
    run = RunDir.open_finished(Path(manifest.origin.run))
    dataset = _dataset_of(run)
    told: dict[str, Any] = {name: manifest.origin.options.get(name) for name in ("format", "treatment", "copy")}
    beside = _treatment_files(run) if told["treatment"] else ()
    export_dataset(
        dataset,
        edits,
        folder,
        known=_known(run, dataset, _decided(run)),
        outlet=Outlet(told["format"], _placing(copy=bool(told["copy"])), beside, replaces=True),
        origin=Origin(manifest.origin.run, manifest.origin.options, now().isoformat(timespec="seconds"), __version__),
        write=write,
    )


def _require_sense(options: ExportOptions) -> None:
    if options.treatment and options.apply is not None:
        raise ExportError.treatment_or_apply()


def _dataset_of(run: RunDir) -> Dataset:
    """The data of the run, loaded again; refused where it changed since the audit."""
    record = run.record
    source = Path(record["source"])
    if not source.exists():
        raise DataError.path_missing(source)
    dataset = load_source(source, Settings.model_validate(record["settings"]))
    if data_fingerprint(dataset) != record["dataset"]["fingerprint"]:
        raise ExportError.source_changed(source)
    return dataset


def _decided(run: RunDir) -> _Decided:
    standing = standing_decisions(read_decisions(run.path / DECISIONS))
    samples = run.read_table("samples.parquet", ("id",))[["id"]]
    samples["content"] = run.read_table("measurements.parquet", ("content",))["content"].fillna("")
    content_of, contents = dict(zip(samples["id"], samples["content"], strict=True)), set(samples["content"]) - {""}
    return _Decided(
        place_decisions(samples, standing),
        tuple(samples["content"]),
        sum(_is_lost(decision, content_of.get(decision.id), contents) for decision in standing),
    )


def _is_lost(decision: Decision, content: str | None, contents: set[str]) -> bool:
    if content is not None and (not decision.content or not content or content == decision.content):
        return False
    return decision.content not in contents


def _edits(run: RunDir, dataset: Dataset, decided: _Decided, options: ExportOptions) -> list[Edit]:
    if options.treatment:
        return _treatment_edits(run)
    if options.apply is None and not decided.by_row and not _shows_suggestions(options.format):
        raise ExportError.nothing_to_apply(run.path)
    edits = decided_edits(dataset, decided.by_row, options.ambiguous)
    if options.apply is not None:
        ranking = run.read_table("ranking.parquet", RANKING)
        edits += choose_edits(ranking, options.apply, options.min_probability, decided.by_row)
    return edits


def _shows_suggestions(format_id: str | None) -> bool:
    return format_id is not None and EXPORTERS.find(format_id).shows_suggestions


def _treatment_edits(run: RunDir) -> list[Edit]:
    if not (run.path / TREATMENT).is_file():
        raise ExportError.no_treatment(run.path)
    told = tomllib.loads((run.path / TREATMENT).read_text(encoding="utf-8"))["told"]
    return treatment_edits(run.read_table(PLAN, PLAN_COLUMNS), told)


def _treatment_files(run: RunDir) -> tuple[Path, ...]:
    return tuple(run.path / name for name in FILES if (run.path / name).is_file())


def _placing(*, copy: bool) -> PlaceFile:
    return copy_file if copy else link_file


def _origin(run: RunDir, options: ExportOptions) -> Origin:
    return Origin(str(run.path.resolve()), asdict(options), now().isoformat(timespec="seconds"), __version__)


def _known(run: RunDir, dataset: Dataset, decided: _Decided) -> Known:
    ranking = run.read_table("ranking.parquet", RANKING)
    columns = [ranking[name] for name in ("row", "suggested_label", "suggested_probability", "flagged")]
    wrong = ranking["probability"].astype("float64").fillna(1.0 - ranking["self_confidence"])
    opinions = {
        int(row): Opinion(
            suggested if isinstance(suggested, str) else None,
            _number(probability),
            _number(doubt),
            bool(flagged),
            decided.by_row.get(int(row)),
        )
        for row, suggested, probability, flagged, doubt in zip(*columns, wrong, strict=True)
    }
    return Known(opinions, decided.contents, _probs(run, dataset))


def _probs(run: RunDir, dataset: Dataset) -> Probs | None:
    if dataset.targets is not None:
        return None
    try:
        return artifacts.load_out_of_fold(run.path).probs
    except UNLOADABLE:
        return None


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _notes(decided: _Decided, options: ExportOptions) -> tuple[str, ...]:
    notes = []
    if decided.lost:
        notes.append(f"decisions on samples that are not in the data, which change nothing: {decided.lost:,}")
    if options.treatment and decided.by_row:
        notes.append(f"decisions that are not applied, since the treatment stands as measured: {len(decided.by_row):,}")
    return tuple(notes)


def _with_notes(plan: ExportPlan, notes: tuple[str, ...]) -> ExportPlan:
    return replace(plan, notes=(*notes, *plan.notes))
