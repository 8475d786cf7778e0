"""What people said of samples in another tool: a Label Studio export, or a table of ids and labels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dataclinic.edits import Verdict
from dataclinic.errors import DataError, DecisionsError
from dataclinic.formats import TableFormat
from dataclinic.methods.number_text import exact_number
from dataclinic.registry import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ID, CONTENT = "dataclinic_id", "dataclinic_content"
"""Fields of a task that our own export put there."""

CONTROL = "label"
"""Name of the tag that asks for the label in our own labeling configuration."""


@dataclass(frozen=True)
class Verdicts:
    """In the order in which they were given, and how many tasks or lines hold none."""

    said: tuple[Verdict, ...]
    open: int = 0


def read_verdicts(file: Path) -> Verdicts:
    """Verdicts in a Label Studio export (JSON or JSON-MIN), or in a table with the columns id and label.

    A choice, or a number, is the label that somebody gave. An annotation that was skipped or is empty means that they
    could not tell, an empty cell of a table that nobody looked.

    Raises:
        DecisionsError: it cannot be read, or is neither.
    """
    if not file.is_file():
        raise DecisionsError.file_missing(file)
    if file.suffix.lower() == ".json":
        return _from_tasks(file)
    reader = next((found for found in map(FORMATS.make, FORMATS.ids()) if found.recognises(file)), None)
    if not isinstance(reader, TableFormat):
        raise DecisionsError.not_importable(file)
    return _from_table(file, reader)


def _from_table(file: Path, reader: TableFormat) -> Verdicts:
    try:
        columns = reader.columns(file)
        for name in ("id", "label"):
            if name not in columns:
                raise DecisionsError.lacks_column(file, name, columns)
        table = reader.table(file, ["id", "label"])
    except DataError as error:
        raise DecisionsError.not_read(file, error.message) from error
    missing = table.isna()
    said = []
    for place, (sample, label) in enumerate(zip(table["id"], table["label"], strict=True)):
        if not missing["label"].iloc[place] and str(label).strip():
            said.append(Verdict(str(sample).strip(), label=_spelled(label)))
    return Verdicts(tuple(said), len(table) - len(said))


def _spelled(label: object) -> str:
    return exact_number(label) if isinstance(label, float) else str(label).strip()


def _from_tasks(file: Path) -> Verdicts:
    try:
        tasks = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DecisionsError.not_read(file, str(error)) from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise DecisionsError.not_importable(file)
    said: list[Verdict] = []
    still_open = 0
    for task in tasks:
        found = list(_of_task(task) if isinstance(task.get("data"), dict) else _of_short_task(task))
        said += sorted(found, key=lambda verdict: verdict.time)
        still_open += not found
    return Verdicts(tuple(said), still_open)


def _of_task(task: Mapping[str, Any]) -> Iterator[Verdict]:
    data = task["data"]
    sample = data.get(ID, data.get("id", task.get("id", "")))
    for annotation in task.get("annotations") or ():
        if isinstance(annotation, dict):
            results = [] if annotation.get("was_cancelled") else annotation.get("result") or []
            values = [result.get("value") for result in results if isinstance(result, dict)]
            yield _verdict(sample, data, values, annotation, annotation.get("completed_by"))


def _of_short_task(task: Mapping[str, Any]) -> Iterator[Verdict]:
    """JSON-MIN: data and answer side by side, an annotation a line."""
    answer = task.get(CONTROL)
    yield _verdict(
        task.get(ID, ""), task, answer if isinstance(answer, list) else [answer], task, task.get("annotator")
    )


def _verdict(
    sample: object, data: Mapping[str, Any], values: list[Any], about: Mapping[str, Any], who: object
) -> Verdict:
    labels = [label for value in values for label in _labels(value)]
    # Two answers at once are none.
    label = labels[0] if len(labels) == 1 else None
    time = _utc(about.get("updated_at") or about.get("created_at"))
    return Verdict(str(sample), str(data.get(CONTENT) or ""), label, None, time, _person(who))


def _labels(value: Any) -> list[str]:
    """Answers in the value of a result, or in its short form."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("choices"), list):
        return [str(choice) for choice in value["choices"]]
    number = value.get("number")
    return [exact_number(float(number))] if isinstance(number, (int, float)) else []


def _person(who: object) -> str:
    if isinstance(who, dict):
        return str(who.get("email") or who.get("username") or who.get("id") or "")
    return "" if who is None else str(who)


def _utc(text: object) -> str:
    """ISO 8601 in UTC; "" where it is no time."""
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        return ""
    return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC).isoformat(timespec="seconds")
