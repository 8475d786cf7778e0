"""Neighbours and verdicts on disk, and what the report is told of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dataclinic.evidence import Neighbours
from dataclinic.judgement import DetectionPower, Estimate, Judgement
from dataclinic.rundir.directory import replacing

if TYPE_CHECKING:
    from pathlib import Path

SIGNAL = "signal_"
REVIEWS = 100
"""First samples of the ranking whose expected number of errors is told."""

CLEAN_SHARE = 0.005
"""Labels look clean where the estimated share of wrong ones is below this, and so is that of flagged ones."""


def save_neighbours(folder: Path, neighbours: Neighbours) -> None:
    """neighbours.npz: rows (samples, k) int64 and distances (samples, k) float32."""
    with replacing(folder / "neighbours.npz") as temporary, temporary.open("wb") as file:
        np.savez(file, rows=neighbours.rows, distances=neighbours.distances)


def load_neighbours(folder: Path) -> Neighbours:
    with np.load(folder / "neighbours.npz", allow_pickle=False) as kept:
        return Neighbours(kept["rows"], kept["distances"])


def save_judgement(folder: Path, judgement: Judgement) -> None:
    """judgement.parquet: one row a sample, its verdict and signals; estimates in the metadata."""
    columns: dict[str, Any] = {
        "suspicion": judgement.suspicion,
        "probability": judgement.probability,
        "flagged": judgement.flagged,
        "suggested": judgement.suggested,
        "suggested_probability": judgement.suggested_probability,
        **{f"{SIGNAL}{name}": values for name, values in judgement.signals.items()},
    }
    about = {
        "errors": vars(judgement.errors),
        "threshold": judgement.threshold,
        "known": judgement.known,
        "power": None if judgement.power is None else vars(judgement.power),
        "notes": list(judgement.notes),
        "weights": dict(judgement.weights),
    }
    table = pa.table(columns).replace_schema_metadata({"judgement": json.dumps(about, ensure_ascii=False)})
    with replacing(folder / "judgement.parquet") as temporary:
        pq.write_table(table, temporary)


def load_judgement(folder: Path) -> Judgement:
    table = pq.read_table(folder / "judgement.parquet")
    about = json.loads((table.schema.metadata or {})[b"judgement"])
    columns = {name: table[name].to_numpy() for name in table.column_names}
    return Judgement(
        suspicion=columns["suspicion"],
        probability=columns["probability"],
        flagged=columns["flagged"],
        suggested=columns["suggested"],
        suggested_probability=columns["suggested_probability"],
        signals={name.removeprefix(SIGNAL): values for name, values in columns.items() if name.startswith(SIGNAL)},
        errors=Estimate(**about["errors"]),
        threshold=about["threshold"],
        known=about["known"],
        power=None if about["power"] is None else DetectionPower(**about["power"]),
        notes=tuple(about["notes"]),
        weights=about["weights"],
    )


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """judgement.json: how many labels are wrong, how many of the flagged ones are, and what reviews will find."""
    probability = judgement.probability[~np.isnan(judgement.probability)]
    flagged = judgement.probability[judgement.flagged]
    judged = len(probability)
    first = np.sort(probability)[::-1][:REVIEWS]
    few = max(1.0, CLEAN_SHARE * judged)
    return {
        "errors": vars(judgement.errors),
        "judged": judged,
        "threshold": judgement.threshold,
        "flagged": len(flagged),
        "flagged_right": float(flagged.mean()) if len(flagged) else None,
        "reviews": {"count": len(first), "found": float(first.sum())},
        "power": None if judgement.power is None else vars(judgement.power),
        "weights": dict(judgement.weights),
        "known": judgement.known,
        "clean": bool(judgement.known and judgement.errors.value < few and len(flagged) <= few),
        "notes": list(judgement.notes),
    }
