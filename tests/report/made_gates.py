"""Small run directories of stated samples, checks and decisions: what limits and comparisons are tested on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from made_judgement import ESTIMATE

from dataclinic.rundir import SCHEMA, RunDir

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CLASSES = ("cat", "dog", "owl")


@dataclass(frozen=True)
class Sample:
    id: str
    content: str = ""
    given: str = "cat"
    flagged: bool = False


@dataclass(frozen=True)
class Found:
    """A finding of `check`: about the sample at `row`, or about `subject` where that is None."""

    check: str
    row: int | None = None
    subject: str = ""
    reason: str = "it stands out"


@dataclass(frozen=True)
class Story:
    """What a run shows; `outcomes` are those of checks that did not just run, with their reasons."""

    samples: Sequence[Sample]
    findings: Sequence[Found] = ()
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict)
    checks: Sequence[str] = ("dark", "label_errors", "class_imbalance", "target_errors")
    decisions: Sequence[dict[str, Any]] = ()
    estimate: dict[str, Any] | None = field(default_factory=lambda: dict(ESTIMATE))
    record: dict[str, Any] = field(default_factory=dict)
    task: str = "classification"
    format: str = "image_folder"
    unlabelled: int = 0


def ten(flagged: Sequence[int] = (), *, prefix: str = "s") -> list[Sample]:
    """Ten samples, each with its own content; the third and later ones of `flagged` included."""
    return [Sample(f"{prefix}{row}", f"c{row}", CLASSES[row % 3], row in flagged) for row in range(10)]


def tell(folder: Path, story: Story) -> RunDir:
    """The run directory of a story."""
    folder.mkdir(parents=True, exist_ok=True)
    run = RunDir(folder)
    run.write_json("run.json", {**_record(story), **story.record})
    run.write_table("ranking.parquet", _ranking(story))
    run.write_json("checks.json", [_check(name, story) for name in story.checks])
    run.write_table("findings.parquet", _findings(story))
    digests = pd.array([sample.content for sample in story.samples], dtype="str")
    run.write_table("measurements.parquet", pd.DataFrame({"content": digests, "value:brightness": 0.5}))
    rows = np.arange(len(story.samples)) + story.unlabelled
    run.write_table("samples.parquet", pd.DataFrame({"id": [s.id for s in story.samples], "source_row": rows}))
    if story.estimate is not None and story.task == "classification":
        run.write_json("judgement.json", {**story.estimate, "judged": len(story.samples)})
    if story.decisions:
        lines = "".join(json.dumps(decision) + "\n" for decision in story.decisions)
        (folder / "decisions.jsonl").write_text(lines, encoding="utf-8")
    return run


def _record(story: Story) -> dict[str, Any]:
    numbers = story.task == "regression"
    median = {"mae": 4.0, "rmse": 5.0, "r2": 0.0, "median_absolute_error": 3.0}
    scores: dict[str, Any] = {
        "accuracy": {
            "mean": 0.9,
            "spread": 0.01,
            "per_repeat": [0.89, 0.91],
            "balanced": 0.85,
            "log_loss_nats": 0.3,
            "majority_share": 0.4,
        }
    }
    if numbers:
        scores = {"errors": {"mae": 2.0, "rmse": 2.5, "r2": 0.6, "median_absolute_error": 1.5, "of_median": median}}
    return {
        "schema": SCHEMA,
        "status": "done",
        "source": "/data/animals",
        "dataclinic": "0.1.0",
        "finished": "2026-08-03T14:05:00+00:00",
        "settings": {"folds": 5, "seed": 0},
        "versions": {"numpy": "2.4.0"},
        "encoder": {"id": "timm_image", "description": ""},
        "model": {"id": "linear_head", "description": ""},
        "dataset": {
            "format": story.format,
            "kind": "images" if story.format == "image_folder" else "table",
            "task": story.task,
            "samples": len(story.samples),
            "classes": [] if numbers else list(CLASSES),
            "unlabelled": story.unlabelled,
        },
        **scores,
    }


def _ranking(story: Story) -> pd.DataFrame:
    order = sorted(range(len(story.samples)), key=lambda row: not story.samples[row].flagged)
    samples = [story.samples[row] for row in order]
    doubted = np.array([sample.flagged for sample in samples], bool)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(samples) + 1),
            "row": order,
            "id": [sample.id for sample in samples],
            "given_label": [sample.given for sample in samples],
            "suggested_label": ["owl" if sample.flagged else sample.given for sample in samples],
            "suggested_probability": np.where(doubted, 0.9, 0.99),
            "suspicion": np.where(doubted, 2.0, -2.0),
            "probability": np.where(doubted, 0.95, 0.01),
            "flagged": doubted,
            "loss_nats": 0.1,
            "self_confidence": 0.9,
            "spread": 0.01,
            "checks": "",
            "reason": [f"models say owl, not {sample.given}" if sample.flagged else "fine" for sample in samples],
        }
    )


def _check(name: str, story: Story) -> dict[str, Any]:
    outcome, reason = story.outcomes.get(name, ("ran", "it looked"))
    return {
        "check": name,
        "outcome": outcome,
        "reason": reason,
        "count": sum(found.check == name for found in story.findings),
        "seconds": 0.25,
        "settings": f"{name}()",
        "accuses_label": name in {"label_errors", "target_errors", "conflicting_labels"},
        "details": {"imbalance_ratio": 2.5} if name == "class_imbalance" else {},
    }


def _findings(story: Story) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "check": [found.check for found in story.findings],
            "subject": [f.subject or story.samples[f.row].id for f in story.findings],
            "reason": [found.reason for found in story.findings],
            "score": [float(-place) for place in range(len(story.findings))],
            "row": [found.row for found in story.findings],
        }
    )
    return frame.astype({"check": "str", "subject": "str", "reason": "str", "score": "float64", "row": "Int64"})
