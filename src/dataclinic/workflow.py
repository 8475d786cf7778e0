"""The straight line, top to bottom: load, measure, group, encode, predict out of fold, check, rank, report."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dataclinic import __version__
from dataclinic.dataset import Dataset, Table
from dataclinic.device import resolve_device
from dataclinic.errors import DataError
from dataclinic.evidence import Evidence
from dataclinic.fits import FoldPlan
from dataclinic.methods.agreement import agreement
from dataclinic.progress import Progress, silent
from dataclinic.registry import MODELS
from dataclinic.report.html import write_report
from dataclinic.rundir import RunDir, artifacts, content_fingerprint, fingerprint, source_fingerprint
from dataclinic.seeding import seed_for
from dataclinic.settings import Settings
from dataclinic.steps.encode import encode
from dataclinic.steps.group_duplicates import group_duplicates
from dataclinic.steps.load_dataset import load_dataset
from dataclinic.steps.measure_samples import measure_samples
from dataclinic.steps.predict_out_of_fold import predict_out_of_fold
from dataclinic.steps.preview_samples import preview_samples
from dataclinic.steps.rank_suspects import rank_suspects
from dataclinic.steps.run_checks import run_checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dataclinic.arrays import Codes, Mask
    from dataclinic.encoders import Encoded
    from dataclinic.evidence import Measurements, OutOfFold
    from dataclinic.findings import CheckRecord
    from dataclinic.models import Model

PACKAGES = ("cleanlab", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "timm", "torch", "torchvision")

PREVIEWED_SUSPECTS = 100
PREVIEWED_FINDINGS = 20
"""Of each check: what the report shows."""


def audit(
    source: Path | str,
    settings: Settings | None = None,
    run: RunDir | None = None,
    *,
    command: Sequence[str] = (),
    progress: Progress = silent,
) -> RunDir:
    """Audit `source` and give back the run directory: report.html and ranking.parquet are in it.

    Args:
        source: folder or file of labelled data; it is only read.
        settings: what decides the numbers; None means the defaults.
        run: from `RunDir.start`; steps that it holds with equal inputs are reused. None means the next free folder
            under `dataclinic-runs/`.
        command: how the audit was called, for the record.
        progress: told how far each step is.

    Raises:
        DataError: the source does not exist or cannot be audited.
        RunError: the run directory cannot be written.
        OptionError: a setting does not fit the data or this machine.
        WeightsError: encoder weights that were asked for cannot be had.
    """
    source, settings = Path(source), settings or Settings()
    if not source.exists():
        raise DataError.path_missing(source)
    run = run or RunDir.start(None, source)
    with run.recording():
        run.update(
            command=list(command),
            settings=settings.as_json(),
            seed=settings.seed,
            dataclinic=__version__,
            versions={"python": sys.version.split()[0], **{name: version(name) for name in PACKAGES}},
        )
        _Audit(source, settings, run, resolve_device(settings.device), progress).line()
        # The report says how the run ended, so the run ends before it; an interrupt in it still says "interrupted".
        run.finish()
        progress("write report", 0, 1)
        write_report(run)
        progress("write report", 1, 1)
    return run


@dataclass(frozen=True)
class _Audit:
    source: Path
    settings: Settings
    run: RunDir
    device: str
    progress: Progress

    def line(self) -> None:
        dataset, data_key = self.load()
        measurements = self.measure(dataset, data_key)
        groups = group_duplicates(dataset, measurements)
        self.run.write_table("samples.parquet", artifacts.samples_frame(dataset, groups))
        usable = _usable(dataset, measurements)
        encoded, encode_key = self.encode(dataset, measurements, data_key)
        out_of_fold = self.predict(dataset, encoded, encode_key, groups, usable)
        notes = [*dataset.notes, *encoded.notes, *_notes(dataset, usable, groups, out_of_fold, self.settings.folds)]
        self.run.update(notes=notes)
        records = run_checks(
            Evidence(dataset, groups, measurements, out_of_fold),
            only=self.settings.only,
            skip=self.settings.skip,
            settings=self.settings.checks,
            clock=self.run.clock,
            progress=self.progress,
        )
        ranking = rank_suspects(dataset, out_of_fold, records, measurements.unreadable)
        self.save(dataset, records, ranking)

    def load(self) -> tuple[Dataset, str]:
        self.progress("load", 0, 1)
        dataset = load_dataset(self.source, self.settings.roles)
        self.progress("load", 1, 1)
        data_key = fingerprint(__version__, content_fingerprint(dataset))
        self.run.update(device=self.device, dataset=_about(dataset))
        return dataset, data_key

    def measure(self, dataset: Dataset, data_key: str) -> Measurements:
        return self.run.remember(
            "measure",
            data_key,
            lambda: measure_samples(dataset, workers=None, progress=self.progress),
            artifacts.save_measurements,
            artifacts.load_measurements,
        )

    def encode(self, dataset: Dataset, measurements: Measurements, data_key: str) -> tuple[Encoded, str]:
        settings = self.settings
        weights = source_fingerprint(settings.weights) if settings.weights else None
        key = fingerprint(data_key, settings.encoder, settings.encoder_settings, weights, settings.seed, self.device)
        name, encoded = self.run.remember(
            "encode",
            key,
            lambda: encode(
                dataset,
                measurements.unreadable,
                settings.encoder,
                settings.encoder_settings,
                device=self.device,
                seed=seed_for(settings.seed, "encode"),
                progress=self.progress,
            ),
            artifacts.save_encoded,
            artifacts.load_encoded,
        )
        self.run.update(encoder={"id": name, "description": encoded.description})
        return encoded, key

    def predict(self, dataset: Dataset, encoded: Encoded, encode_key: str, groups: Codes, usable: Mask) -> OutOfFold:
        name, model = _model(dataset, self.settings)
        plan = FoldPlan(self.settings.folds, self.settings.repeats, self.settings.seed)
        out_of_fold = self.run.remember(
            "predict",
            fingerprint(encode_key, model, plan, groups.tobytes(), dataset.labels.tobytes(), dataset.classes),
            lambda: predict_out_of_fold(
                dataset,
                encoded.features,
                model,
                groups=groups,
                usable=usable,
                plan=plan,
                device=self.device,
                progress=self.progress,
            ),
            lambda folder, value: artifacts.save_out_of_fold(folder, value, dataset.ids, dataset.classes),
            artifacts.load_out_of_fold,
        )
        if not out_of_fold.judged.any():
            raise DataError.nothing_judged()
        scores = agreement(out_of_fold.repeat_probs, dataset.labels)
        self.run.update(
            model={"id": name, "description": model.description},
            temperature=out_of_fold.temperature,
            judged=int(out_of_fold.judged.sum()),
            accuracy=scores and {"folds": plan.folds, **scores},
        )
        return out_of_fold

    def save(self, dataset: Dataset, records: Sequence[CheckRecord], ranking: pd.DataFrame) -> None:
        findings = artifacts.findings_frame(records)
        self.run.write_json("checks.json", artifacts.checks_json(records))
        self.run.write_table("findings.parquet", findings)
        self.run.write_table("ranking.parquet", ranking)
        for name, content in artifacts.extra_files(records).items():
            self.run.write_json(name, content)
        self.progress("make previews", 0, 1)
        previews = preview_samples(dataset, _previewed_rows(ranking, findings), self.run.path)
        self.run.write_json("previews.json", {str(row): preview for row, preview in previews.items()})
        self.progress("make previews", 1, 1)


def _usable(dataset: Dataset, measurements: Measurements) -> Mask:
    """(samples,) whether a sample can be read.

    Raises:
        DataError: fewer than two classes are left.
    """
    usable = np.ones(len(dataset), bool)
    usable[list(measurements.unreadable)] = False
    if len(np.unique(dataset.labels[usable])) < 2:
        why = next(iter(measurements.unreadable.values()), "none")
        raise DataError.nothing_to_learn(int(usable.sum()), len(dataset), why)
    return usable


def _model(dataset: Dataset, settings: Settings) -> tuple[str, Model]:
    """Id and instance of the model: trees for tables, the linear head for embeddings, unless one was asked for."""
    name = settings.model
    if name == "auto":
        name = "tree_ensemble" if isinstance(dataset.payload, Table) else "linear_head"
    name = MODELS.require(name)
    return name, MODELS.make(name, settings.models.get(name))


def data_fingerprint(dataset: Dataset) -> str:
    """Changes whenever samples or labels do: by it `export` sees that the data is what was audited."""
    return fingerprint(content_fingerprint(dataset), dataset.labels.tobytes(), dataset.classes)


def _about(dataset: Dataset) -> dict[str, Any]:
    return {
        "format": dataset.format,
        "kind": "table" if isinstance(dataset.payload, Table) else "images",
        "samples": len(dataset),
        "classes": list(dataset.classes),
        "unlabelled": len(dataset.unlabelled),
        "label": dataset.roles.label,
        "split": None if dataset.split is None else dict(Counter(dataset.split)),
        "fingerprint": data_fingerprint(dataset),
    }


def _notes(dataset: Dataset, usable: Mask, groups: Codes, out_of_fold: OutOfFold, folds: int) -> list[str]:
    """What a person should know before trusting the numbers."""
    notes = []
    if not usable.all():
        notes.append(f"{_samples((~usable).sum())} cannot be read; see the check unreadable")
    counts = np.bincount(dataset.labels[usable], minlength=len(dataset.classes))
    small = [f"'{dataset.classes[code]}' ({counts[code]})" for code in np.flatnonzero(counts < folds)]
    if small:
        shown = ", ".join(small[:10]) + (f" and {len(small) - 10} more" if len(small) > 10 else "")
        notes.append(f"classes with fewer samples than the {folds} folds are kept but judged by fewer models: {shown}")
    unjudged = int((usable & ~out_of_fold.judged).sum())
    if unjudged:
        notes.append(f"{_samples(unjudged)} could not be judged: no other sample or group holds the class")
    together = len(groups) - len(np.unique(groups))
    if together:
        notes.append(f"{_samples(together)} had to share the fold of a duplicate or of its group")
    return notes


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count:,} samples"


def _previewed_rows(ranking: pd.DataFrame, findings: pd.DataFrame) -> list[int]:
    suspects = ranking.loc[ranking["flagged"], "row"].head(PREVIEWED_SUSPECTS)
    of_samples = findings[findings["row"].notna()]
    found = of_samples.groupby("check", sort=False).head(PREVIEWED_FINDINGS)["row"]
    return sorted({int(row) for rows in (suspects, found) for row in rows})
