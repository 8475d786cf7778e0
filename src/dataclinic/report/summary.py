"""A run in numbers: what `audit` prints, what `--json` gives, and what the page opens with."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from dataclinic.report.estimate import LabelErrors, read_label_errors
from dataclinic.report.reading import read_checks, read_ranking, read_record
from dataclinic.report.suspects import Suspect, finite, read_suspects
from dataclinic.report.targets import TargetErrors, target_errors
from dataclinic.report.trials import Trials, read_trials

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from dataclinic.dataset import Task
    from dataclinic.rundir import RunDir

WORST = 3


@dataclass(frozen=True)
class Accuracy:
    """How often out-of-fold models predict the given label; agreement with the labels as given, not with the truth.

    `mean`, `balanced` (mean over classes) and `majority_share` are in [0, 1]; `spread` is the standard deviation of
    `per_repeat`, None where there was one repeat.
    """

    mean: float
    spread: float | None
    per_repeat: tuple[float, ...]
    folds: int | None
    balanced: float | None
    log_loss_nats: float | None
    majority_share: float | None


@dataclass(frozen=True)
class Part:
    """The encoder or model that was used."""

    id: str
    description: str


@dataclass(frozen=True)
class CheckLine:
    """How one check ended: "ran", "did not apply", "skipped" or "failed"; `reason` says what it found, or why not."""

    check: str
    outcome: str
    reason: str
    count: int


@dataclass(frozen=True)
class Summary:
    """What a run looked at, with what, and what came out; None where the run has no such thing.

    `suspects` counts the samples whose given label is doubted, `worst` are the first three of them. `kind` is
    "images", "table" or "texts", `seconds` the sum over the steps. `run` and `report` are paths.
    `label_errors` is None where no probability of being wrong was estimated, `trials` where no fix was tried.
    """

    run: str
    status: str
    source: str
    format: str
    kind: str
    task: str
    samples: int
    judged: int | None
    classes: tuple[str, ...]
    unlabelled: int
    split: Mapping[str, int] | None
    encoder: Part | None
    model: Part | None
    device: str | None
    accuracy: Accuracy | None
    errors: TargetErrors | None
    suspects: int
    suspect_share: float
    checks: tuple[CheckLine, ...]
    worst: tuple[Suspect, ...]
    notes: tuple[str, ...]
    report: str
    seconds: float
    trials: Trials | None = None
    label_errors: LabelErrors | None = None


def summarise(run: RunDir) -> Summary:
    """The summary of a run that has come to its ranking.

    Raises:
        RunError: the audit did not finish, run.json, checks.json or ranking.parquet is missing, or a file is broken.
    """
    record = read_record(run)
    return summary_of(run, record, read_checks(run), read_ranking(run, task_of(record)))


def summary_of(
    run: RunDir, record: Mapping[str, Any], checks: list[Mapping[str, Any]], ranking: pd.DataFrame
) -> Summary:
    """The summary from what was already read."""
    dataset = record["dataset"]
    suspects = int(ranking["flagged"].sum())
    return Summary(
        run=str(run.path),
        status=record.get("status", "unknown"),
        source=record.get("source", ""),
        format=dataset["format"],
        kind=dataset["kind"],
        task=task_of(record),
        samples=dataset["samples"],
        judged=record.get("judged"),
        classes=tuple(dataset["classes"]),
        unlabelled=dataset.get("unlabelled", 0),
        split=dataset.get("split"),
        encoder=_part(record.get("encoder")),
        model=_part(record.get("model")),
        device=record.get("device"),
        accuracy=_accuracy(record.get("accuracy")),
        errors=target_errors(record.get("errors")),
        suspects=suspects,
        suspect_share=suspects / max(len(ranking), 1),
        checks=tuple(CheckLine(entry["check"], entry["outcome"], entry["reason"], entry["count"]) for entry in checks),
        worst=read_suspects(ranking, WORST),
        notes=tuple(record.get("notes", ())),
        report=str(run.path / "report.html"),
        seconds=round(sum(step.get("seconds", 0.0) for step in record.get("steps", {}).values()), 3),
        trials=read_trials(run),
        label_errors=read_label_errors(run),
    )


def task_of(record: Mapping[str, Any]) -> Task:
    """What run.json says was audited: classes or numbers."""
    task: Task = record["dataset"].get("task", "classification")
    return task


def summary_json(summary: Summary) -> dict[str, Any]:
    """The summary, ready for `json.dumps`: classes as count and names, trials as their file has them, no NaN."""
    return {
        **asdict(replace(summary, trials=None)),
        "classes": {"count": len(summary.classes), "names": list(summary.classes)},
        "trials": summary.trials.content if summary.trials else None,
    }


def _part(entry: Mapping[str, str] | None) -> Part | None:
    return Part(entry["id"], entry.get("description", "")) if entry else None


def _accuracy(entry: Mapping[str, Any] | None) -> Accuracy | None:
    """None where no model was trained."""
    mean = finite(entry["mean"]) if entry else None
    if entry is None or mean is None:
        return None
    per_repeat = tuple(float(value) for value in entry.get("per_repeat") or ())
    return Accuracy(
        mean=mean,
        spread=finite(entry.get("spread")) if len(per_repeat) > 1 else None,
        per_repeat=per_repeat,
        folds=entry.get("folds"),
        balanced=finite(entry.get("balanced")),
        log_loss_nats=finite(entry.get("log_loss_nats")),
        majority_share=finite(entry.get("majority_share")),
    )
