"""How each noun lies on disk: pairs of save and load, one pair a file."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dataclinic.encoders import Encoded
from dataclinic.evidence import Measurements, NearDuplicates
from dataclinic.features import Embeddings
from dataclinic.findings import CheckRecord, DidNotApply, Failed, Ran, Skipped
from dataclinic.fits import Epoch, FitHistory, TrainingDynamics
from dataclinic.methods.number_text import exact_number
from dataclinic.predictions import OutOfFold, OutOfFoldTargets
from dataclinic.rundir.directory import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dataclinic.arrays import Codes
    from dataclinic.dataset import Dataset

OUTCOMES = {Ran: "ran", DidNotApply: "did not apply", Skipped: "skipped", Failed: "failed"}


def samples_frame(dataset: Dataset, groups: Codes) -> pd.DataFrame:
    """samples.parquet: one row a sample, never its content."""
    return pd.DataFrame(
        {
            "id": list(dataset.ids),
            "source_row": dataset.source_rows,
            "given_label": _given_labels(dataset),
            "split": list(dataset.split) if dataset.split is not None else None,
            "group": groups,
        }
    )


def _given_labels(dataset: Dataset) -> list[str]:
    if dataset.targets is not None:
        return [exact_number(float(target)) for target in dataset.targets]
    return [dataset.classes[code] for code in dataset.labels]


def duplicates_frame(near: NearDuplicates) -> pd.DataFrame:
    """duplicates.parquet: one row a sample that shows the same as another, set by set, the one worth keeping first."""
    rows = np.flatnonzero(near.sets >= 0)
    rows = rows[np.lexsort((~near.kept[rows], near.sets[rows]))]
    return pd.DataFrame(
        {
            "row": rows,
            "set": near.sets[rows],
            "kept": near.kept[rows],
            "likeness": near.likeness[rows],
            "how": pd.Series([near.how[row] for row in rows.tolist()], dtype="str"),
        }
    )


def save_measurements(folder: Path, measurements: Measurements) -> None:
    """measurements.parquet: one column a property, then content digest, hashes and mode; the metadata hold the rest."""
    columns = [(f"value:{name}", pa.array(values, from_pandas=False)) for name, values in measurements.values.items()]
    columns.append(("content", pa.array(measurements.content)))
    if measurements.hashes is not None:
        columns += [(f"hash:{view}", pa.array(hashes)) for view, hashes in enumerate(measurements.hashes.T)]
    if measurements.modes:
        columns.append(("mode", pa.array(measurements.modes)))
    table = pa.table([column for _, column in columns], names=[name for name, _ in columns])
    unreadable = json.dumps({str(row): why for row, why in measurements.unreadable.items()})
    _write(folder / "measurements.parquet", table, {"unreadable": unreadable})


def load_measurements(folder: Path) -> Measurements:
    table = pq.read_table(folder / "measurements.parquet")
    values = {
        name.removeprefix("value:"): table[name].to_numpy().astype(np.float64)
        for name in table.column_names
        if name.startswith("value:")
    }
    unreadable = json.loads((table.schema.metadata or {})[b"unreadable"])
    hashes = [table[name].to_numpy() for name in table.column_names if name.startswith("hash:")]
    return Measurements(
        values,
        tuple(table["content"].to_pylist()),
        {int(row): why for row, why in unreadable.items()},
        np.column_stack(hashes).astype(np.uint64) if hashes else None,
        tuple(table["mode"].to_pylist()) if "mode" in table.column_names else (),
    )


def save_encoded(folder: Path, encoded: tuple[str, Encoded]) -> None:
    """embeddings.npy (samples, dims) float32 and encoding.json; features that are fitted in the fold are not kept."""
    name, content = encoded
    if not isinstance(content.features, Embeddings):
        (folder / "embeddings.npy").unlink(missing_ok=True)
        return
    with replacing(folder / "embeddings.npy") as temporary, temporary.open("wb") as file:
        np.save(file, content.features.matrix)
    about = {"encoder": name, "description": content.description, "notes": list(content.notes)}
    with replacing(folder / "encoding.json") as temporary:
        temporary.write_text(json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def load_encoded(folder: Path) -> tuple[str, Encoded] | None:
    """What `save_encoded` kept; None where it kept nothing."""
    if not (folder / "embeddings.npy").exists():
        return None
    about = json.loads((folder / "encoding.json").read_text(encoding="utf-8"))
    # Copy-on-write: torch wants writable memory, and the file must not change.
    embeddings = Embeddings(np.load(folder / "embeddings.npy", mmap_mode="c"))
    return about["encoder"], Encoded(embeddings, about["description"], tuple(about["notes"]))


def save_out_of_fold(folder: Path, out_of_fold: OutOfFold, ids: Sequence[str], classes: Sequence[str]) -> None:
    """predictions.parquet: id, repeat, fold, then one column a class, repeat after repeat in sample order."""
    repeats, samples, _ = out_of_fold.repeat_probs.shape
    columns: dict[str, Any] = {
        "id": pa.array(list(ids) * repeats),
        "repeat": np.repeat(np.arange(repeats), samples),
        "fold": out_of_fold.folds.reshape(-1),
    }
    flat = out_of_fold.repeat_probs.reshape(repeats * samples, -1)
    for code, name in enumerate(classes):
        column = name
        while column in columns:
            column = f"class {column}"
        columns[column] = flat[:, code]
    about = {"temperature": out_of_fold.temperature, "unjudged": np.flatnonzero(~out_of_fold.judged).tolist()}
    _write(folder / "predictions.parquet", pa.table(columns), {"out_of_fold": json.dumps(about)})


def load_out_of_fold(folder: Path) -> OutOfFold:
    table = pq.read_table(folder / "predictions.parquet")
    about = json.loads((table.schema.metadata or {})[b"out_of_fold"])
    repeats = int(np.max(table["repeat"].to_numpy())) + 1
    samples = len(table) // repeats
    probs = np.column_stack([table.column(place).to_numpy() for place in range(3, table.num_columns)])
    judged = np.ones(samples, bool)
    judged[about["unjudged"]] = False
    return OutOfFold(
        np.ascontiguousarray(probs, np.float32).reshape(repeats, samples, -1),
        table["fold"].to_numpy().reshape(repeats, samples),
        judged,
        about["temperature"],
    )


def save_out_of_fold_targets(folder: Path, targets: OutOfFoldTargets, ids: Sequence[str]) -> None:
    """predictions.parquet of a regression: id, repeat, fold, prediction, repeat after repeat in sample order."""
    repeats, samples = targets.repeat_predictions.shape
    table = pa.table(
        {
            "id": pa.array(list(ids) * repeats),
            "repeat": np.repeat(np.arange(repeats), samples),
            "fold": targets.folds.reshape(-1),
            "prediction": targets.repeat_predictions.reshape(-1),
        }
    )
    _write(folder / "predictions.parquet", table, {})


def load_out_of_fold_targets(folder: Path) -> OutOfFoldTargets:
    table = pq.read_table(folder / "predictions.parquet")
    repeats = int(np.max(table["repeat"].to_numpy())) + 1
    return OutOfFoldTargets(
        table["prediction"].to_numpy().reshape(repeats, -1), table["fold"].to_numpy().reshape(repeats, -1)
    )


def save_training(folder: Path, dynamics: TrainingDynamics | None, histories: Sequence[FitHistory]) -> None:
    """dynamics.parquet, one row a sample, and training.parquet, one row an epoch of a fit; neither without epochs."""
    for name in ("dynamics.parquet", "training.parquet"):
        (folder / name).unlink(missing_ok=True)
    if dynamics is not None:
        _write(folder / "dynamics.parquet", pa.table({name: pa.array(row) for name, row in vars(dynamics).items()}), {})
    if histories:
        with replacing(folder / "training.parquet") as temporary:
            history_frame(histories).to_parquet(temporary, index=False)


def load_training(folder: Path) -> tuple[TrainingDynamics | None, tuple[FitHistory, ...]]:
    dynamics = None
    histories: tuple[FitHistory, ...] = ()
    if (folder / "dynamics.parquet").exists():
        table = pq.read_table(folder / "dynamics.parquet")
        dynamics = TrainingDynamics(**{name: table[name].to_numpy() for name in table.column_names})
    if (folder / "training.parquet").exists():
        histories = _histories(pd.read_parquet(folder / "training.parquet"))
    return dynamics, histories


def history_frame(histories: Sequence[FitHistory]) -> pd.DataFrame:
    """One row an epoch: model, repeat, fold, epoch (from 1), then the fields of `Epoch`, NaN where there is none."""
    rows = [
        {"model": history.model, "repeat": history.repeat, "fold": history.fold, "epoch": number, **asdict(epoch)}
        for history in histories
        for number, epoch in enumerate(history.epochs, start=1)
    ]
    frame = pd.DataFrame(rows, columns=[*_FIT, "epoch", *Epoch.__dataclass_fields__])
    return frame.astype(dict.fromkeys(Epoch.__dataclass_fields__, "float64"))


_FIT = ("model", "repeat", "fold")


def _histories(frame: pd.DataFrame) -> tuple[FitHistory, ...]:
    found = []
    for (model, repeat, fold), rows in frame.groupby(list(_FIT), sort=False):
        # a column that an older run does not have is empty
        values = rows.reindex(columns=list(Epoch.__dataclass_fields__))
        epochs = [
            Epoch(rate, loss, accuracy, *(None if math.isnan(value) else value for value in held_out))
            for rate, loss, accuracy, *held_out in values.to_numpy().tolist()
        ]
        found.append(FitHistory(str(model), int(repeat), int(fold), tuple(epochs)))
    return tuple(found)


def checks_json(records: Sequence[CheckRecord]) -> list[dict[str, Any]]:
    """checks.json: outcome, reason or summary, count and seconds of each check."""
    return [_check_entry(record) for record in records]


def findings_frame(records: Sequence[CheckRecord]) -> pd.DataFrame:
    """findings.parquet: every finding of every check; `row` is null where it is about a class or column."""
    rows = [
        asdict(finding) for record in records if isinstance(record.outcome, Ran) for finding in record.outcome.findings
    ]
    frame = pd.DataFrame(rows, columns=["check", "subject", "reason", "score", "row"])
    return frame.astype({"check": "str", "subject": "str", "reason": "str", "score": "float64", "row": "Int64"})


def extra_files(records: Sequence[CheckRecord]) -> dict[str, Any]:
    """File name and JSON-ready content of all that checks want kept beside the report."""
    return {
        name: content
        for record in records
        if isinstance(record.outcome, Ran)
        for name, content in record.outcome.files.items()
    }


def _check_entry(record: CheckRecord) -> dict[str, Any]:
    outcome = record.outcome
    return {
        "check": record.check,
        "outcome": OUTCOMES[type(outcome)],
        "reason": outcome.summary if isinstance(outcome, Ran) else outcome.reason,
        "count": len(outcome.findings) if isinstance(outcome, Ran) else 0,
        "seconds": round(record.seconds, 3),
        "settings": record.settings,
        "accuses_label": record.accuses_label,
        "details": dict(outcome.details) if isinstance(outcome, Ran) else {},
    }


def _write(path: Path, table: pa.Table, metadata: dict[str, str]) -> None:
    with replacing(path) as temporary:
        pq.write_table(table.replace_schema_metadata(metadata), temporary)
