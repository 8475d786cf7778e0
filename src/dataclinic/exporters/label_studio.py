"""Label Studio tasks: suggestions as predictions, decisions as annotations."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from xml.sax.saxutils import quoteattr

from dataclinic.dataset import Images, Table, Texts
from dataclinic.errors import ExportError
from dataclinic.outgoing.pictures import place_numbered

if TYPE_CHECKING:
    from pathlib import Path

    from dataclinic.dataset import Payload, Task
    from dataclinic.edits import Decision
    from dataclinic.outgoing.cleaned import Cleaned, Opinion
    from dataclinic.outgoing.placed_files import PlaceFile

ID = "dataclinic_id"
CONTENT = "dataclinic_content"
"""Fields of a task's data by which `dataclinic import-decisions` finds the sample again."""

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_SHOWN = {
    Images: '<Image name="sample" value="$image"/>',
    Texts: '<Text name="sample" value="$text"/>',
    Table: '<Table name="sample" value="$row"/>',
}


@dataclass(frozen=True)
class LabelStudio:
    """tasks.json and config.xml for a project, with pictures in images/.

    Tasks have the suggested label as a prediction and what a person decided as an annotation; one who could not tell
    has skipped it. Pictures come from Label Studio's local files, whose root is this folder.
    """

    summary: ClassVar[str] = "tasks.json and config.xml, pictures in images/ (Label Studio)"
    payloads: ClassVar[tuple[type[Payload], ...]] = (Images, Table, Texts)
    tasks: ClassVar[tuple[Task, ...]] = ("classification", "regression")
    shows_suggestions: ClassVar[bool] = True

    def write(self, cleaned: Cleaned, destination: Path, place: PlaceFile) -> None:
        contents = _contents(cleaned, destination, place)
        tasks = [_task(cleaned, row, content) for row, content in enumerate(contents)]
        # Lone surrogates of file names are no UTF-8, so all beyond ASCII is escaped.
        (destination / "tasks.json").write_text(json.dumps(tasks, indent=1) + "\n", encoding="utf-8")
        (destination / "config.xml").write_text(_config(cleaned), encoding="utf-8")


def _contents(cleaned: Cleaned, destination: Path, place: PlaceFile) -> list[dict[str, Any]]:
    """What each task shows."""
    if isinstance(cleaned.payload, Images):
        names = place_numbered(cleaned, destination / "images", place)
        return [{"image": f"/data/local-files/?d=images/{name}"} for name in names]
    if isinstance(cleaned.payload, Texts):
        return [{"text": text} for text in cleaned.payload.texts]
    rows = cleaned.payload.frame.astype("object").where(cleaned.payload.frame.notna(), None)
    return [{"row": {str(name): _plain(cell) for name, cell in row.items()}} for row in rows.to_dict("records")]


def _plain(cell: object) -> object:
    return cell if cell is None or isinstance(cell, (str, int, float, bool)) else str(cell)


def _task(cleaned: Cleaned, row: int, content: dict[str, Any]) -> dict[str, Any]:
    opinion = cleaned.opinions[row]
    about = {ID: cleaned.ids[row], CONTENT: cleaned.contents[row], "given_label": cleaned.given[row]}
    task: dict[str, Any] = {"data": {**content, **about, "cleaned_label": cleaned.labels[row]}}
    if opinion.suggested is not None:
        prediction = {"model_version": "dataclinic", "result": [_result(cleaned, opinion.suggested)]}
        task["predictions"] = [{**prediction, **_score(opinion)}]
    if opinion.decision is not None:
        task["annotations"] = [_annotation(cleaned, opinion.decision, cleaned.given[row])]
    return task


def _score(opinion: Opinion) -> dict[str, float]:
    return {} if opinion.suggested_probability is None else {"score": opinion.suggested_probability}


def _annotation(cleaned: Cleaned, decision: Decision, given: str) -> dict[str, Any]:
    label = decision.label if decision.verdict == "relabel" else given if decision.verdict == "keep" else None
    if label is None:
        return {"result": [], "was_cancelled": True}
    return {"result": [_result(cleaned, label)], "was_cancelled": False}


def _result(cleaned: Cleaned, label: str) -> dict[str, Any]:
    kind, value = ("choices", {"choices": [label]}) if cleaned.classes else ("number", {"number": float(label)})
    return {"from_name": "label", "to_name": "sample", "type": kind, "value": value}


def _config(cleaned: Cleaned) -> str:
    if not cleaned.classes:
        asked = '  <Number name="label" toName="sample"/>'
    else:
        asked = "\n".join(
            [
                '  <Choices name="label" toName="sample" choice="single" showInline="true">',
                *(f"    <Choice value={_attribute(name)}/>" for name in cleaned.classes),
                "  </Choices>",
            ]
        )
    return f"<View>\n  {_SHOWN[type(cleaned.payload)]}\n{asked}\n</View>\n"


def _attribute(name: str) -> str:
    if _NOT_IN_XML.search(name):
        raise ExportError.class_not_writable(name, "label-studio")
    return quoteattr(name, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
