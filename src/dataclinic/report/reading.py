"""Files of a run directory that the report needs, each checked to have the form in which an audit writes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import InstanceOf, StrictInt, TypeAdapter, ValidationError
from pydantic.types import Strict

from dataclinic.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from dataclinic.dataset import Task
    from dataclinic.rundir import RunDir

Number = Annotated[float, Strict()]

Text = InstanceOf[str]
"""Names of files may hold bytes that are no text; pydantic's own str refuses them."""

LAST_FILES = ("checks.json", "findings.parquet", "ranking.parquet")
"""An audit that lacks one of them has no result yet."""

RANKING = (
    *("rank", "row", "id", "given_label", "suggested_label", "suggested_probability", "suspicion", "flagged"),
    *("loss_nats", "self_confidence", "spread", "checks", "reason"),
)
TARGETS = ("target", "prediction", "residual")
"""Columns that the ranking of a regression has besides."""

DIGESTS = "content"
"""Column of measurements.parquet."""

FINDINGS = ("check", "subject", "reason", "row")


def read_record(run: RunDir) -> Mapping[str, Any]:
    """run.json.

    Raises:
        RunError: the audit did not finish, or the file is broken.
    """
    record: Any = run.record
    if isinstance(record, dict):
        complete = all((run.path / name).is_file() for name in LAST_FILES)
        if record.get("dataset") is None or not (complete or record.get("status") == "done"):
            raise RunError.unfinished(run.path)
    require_form(run, "run.json", record, _Record)
    return run.record


def read_checks(run: RunDir) -> list[Mapping[str, Any]]:
    """checks.json, one entry a check.

    Raises:
        RunError: the file is missing or broken.
    """
    entries: list[Mapping[str, Any]] = run.read_json("checks.json")
    require_form(run, "checks.json", entries, list[_Check])
    return entries


def read_preview_entries(run: RunDir) -> Mapping[str, Mapping[str, Any]]:
    """previews.json, one entry a row; empty where there is no such file.

    Raises:
        RunError: the file is broken.
    """
    if not (run.path / "previews.json").is_file():
        return {}
    entries: Mapping[str, Mapping[str, Any]] = run.read_json("previews.json")
    require_form(run, "previews.json", entries, dict[Text, _Preview])
    return entries


def read_ranking(run: RunDir, task: Task = "classification") -> pd.DataFrame:
    """ranking.parquet, one row a sample.

    Raises:
        RunError: the file is missing or broken.
    """
    columns = RANKING if task == "classification" else (*RANKING, *TARGETS)
    ranking = _table(run, "ranking.parquet", columns, whole=("rank", "row"))
    if ranking["flagged"].dtype != bool:
        raise RunError.broken_file(run.path / "ranking.parquet", ValueError("its column flagged is not true or false"))
    return ranking


def read_findings(run: RunDir) -> pd.DataFrame:
    """findings.parquet, one row a finding.

    Raises:
        RunError: the file is missing or broken.
    """
    return _table(run, "findings.parquet", FINDINGS, whole=("row",))


def require_form(run: RunDir, name: str, content: object, form: Any) -> Any:
    """`content`, which was read from the file `name`, as `form` holds it.

    Raises:
        RunError: it does not have that form.
    """
    try:
        return TypeAdapter(form).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its content"
        raise RunError.broken_file(run.path / name, ValueError(f"{where}: {first['msg'].lower()}")) from error


@dataclass(frozen=True)
class _Dataset:
    format: Text
    kind: Literal["images", "table", "texts"]
    samples: StrictInt
    classes: list[Text]
    unlabelled: StrictInt = 0
    split: dict[Text, StrictInt] | None = None
    fingerprint: Text | None = None
    task: Literal["classification", "regression"] = "classification"


@dataclass(frozen=True)
class _Part:
    id: Text
    description: Text = ""


@dataclass(frozen=True)
class _Accuracy:
    mean: Number | None
    spread: Number | None = None
    per_repeat: list[Number] | None = None
    folds: StrictInt | None = None
    balanced: Number | None = None
    log_loss_nats: Number | None = None
    majority_share: Number | None = None


@dataclass(frozen=True)
class _OfMedian:
    mae: Number | None
    rmse: Number | None
    r2: Number | None
    median_absolute_error: Number | None


@dataclass(frozen=True)
class _Errors(_OfMedian):
    of_median: _OfMedian
    mae_per_repeat: list[Number] | None = None
    folds: StrictInt | None = None


@dataclass(frozen=True)
class _Step:
    seconds: Number


@dataclass(frozen=True)
class _Record:
    """What the report takes from run.json; an audit that was never started by a command lacks some of it."""

    dataset: _Dataset
    status: Text = "unknown"
    source: Text = ""
    judged: StrictInt | None = None
    encoder: _Part | None = None
    model: _Part | None = None
    device: Text | None = None
    accuracy: _Accuracy | None = None
    errors: _Errors | None = None
    notes: list[Text] = field(default_factory=list)
    steps: dict[Text, _Step] = field(default_factory=dict)
    settings: dict[Text, Any] = field(default_factory=dict)
    versions: dict[Text, Any] = field(default_factory=dict)
    command: list[Text] | None = None
    temperature: Number | None = None
    dataclinic: Text | None = None
    started: Text | None = None
    finished: Text | None = None


@dataclass(frozen=True)
class _Check:
    check: Text
    outcome: Literal["failed", "ran", "did not apply", "skipped"]
    reason: Text
    count: StrictInt
    seconds: Number | None = None


@dataclass(frozen=True)
class _Preview:
    thumbnail: Text = ""
    width_px: StrictInt = 0
    height_px: StrictInt = 0
    values: dict[Text, Text] = field(default_factory=dict)
    columns: StrictInt = 0
    text: Text | None = None
    characters: StrictInt = 0
    unreadable: Text = ""


def _table(run: RunDir, name: str, columns: tuple[str, ...], *, whole: tuple[str, ...]) -> pd.DataFrame:
    """The table `name`, with at least `columns`, of which `whole` hold whole numbers."""
    from pandas.api.types import is_integer_dtype

    table = run.read_table(name)
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        raise RunError.broken_file(run.path / name, ValueError(f"it lacks the column {lacking[0]}"))
    for column in whole:
        if not is_integer_dtype(table[column].dtype):
            raise RunError.broken_file(run.path / name, ValueError(f"its column {column} holds no whole numbers"))
    return table
