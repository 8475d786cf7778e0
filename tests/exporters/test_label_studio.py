import json
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from made_exports import (
    corner,
    decision,
    drop,
    exported,
    hostile_table,
    photos,
    prices,
    relabel,
    said,
    table,
    texts,
)
from PIL import Image

from dataclinic.errors import ExportError
from dataclinic.steps.export_dataset import Known


def tasks_of(folder):
    return json.loads((folder / "tasks.json").read_text(encoding="utf-8"))


def config_of(folder):
    return ET.fromstring((folder / "config.xml").read_text(encoding="utf-8"))  # noqa: S314 - our own file


def choice(entry):
    return entry["result"][0]["value"]["choices"][0]


def test_tasks_show_pictures_suggestions_and_decisions(tmp_path):
    dataset = photos(tmp_path / "photos")
    decisions = {
        "row_0": decision(dataset, 0, "relabel", "dog"),
        "row_1": decision(dataset, 1, "keep"),
        "row_2": decision(dataset, 2, "ambiguous"),
    }
    contents = tuple(f"digest {row}" for row in range(len(dataset)))
    edits = [relabel(dataset, 0, "dog"), drop(dataset, 4)]
    known = Known(said(dataset, **decisions), contents)
    tasks = tasks_of(exported(dataset, tmp_path / "out", "label-studio", edits, known))
    assert [task["data"]["dataclinic_id"] for task in tasks] == [
        sample for row, sample in enumerate(dataset.ids) if row != 4
    ]
    for task in tasks:
        file = task["data"]["image"].removeprefix("/data/local-files/?d=")
        number = int(task["data"]["dataclinic_id"].rpartition("/")[2].removesuffix(".png"))
        assert corner(Image.open(tmp_path / "out" / file)) == number
        assert choice(task["predictions"][0]) == "cat"
        assert task["predictions"][0]["score"] == 0.75
    assert tasks[0]["data"]["dataclinic_content"] == "digest 0"
    assert (tasks[0]["data"]["given_label"], tasks[0]["data"]["cleaned_label"]) == ("cat", "dog")
    assert choice(tasks[0]["annotations"][0]) == "dog"
    assert choice(tasks[1]["annotations"][0]) == "cat"
    assert tasks[2]["annotations"] == [{"result": [], "was_cancelled": True}]
    assert "annotations" not in tasks[3]


def test_the_configuration_asks_for_the_classes_with_the_names_that_tasks_use(tmp_path):
    dataset = photos(tmp_path / "photos")
    config = config_of(exported(dataset, tmp_path / "out", "label-studio"))
    assert [one.get("value") for one in config.iter("Choice")] == ["cat", "dog", "mouse"]
    assert config.find("Choices").get("name") == "label"
    assert config.find("Image").get("value") == "$image"


def test_hostile_classes_are_attributes_and_ids_are_fields(tmp_path):
    names = ['"><script>', "a&b", "'", "line\nbreak", "<!--", "=1"]
    dataset = hostile_table(tmp_path / "data", names)
    everything = {path for path in tmp_path.rglob("*") if "out" not in path.parts}
    out = exported(dataset, tmp_path / "out", "label-studio")
    assert {one.get("value") for one in config_of(out).iter("Choice")} == set(names)
    assert [task["data"]["dataclinic_id"] for task in tasks_of(out)] == list(dataset.ids)
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(out)} == everything


def test_a_class_that_no_xml_can_hold_is_refused(tmp_path):
    dataset = hostile_table(tmp_path / "data", ("a", "b\x01"))
    with pytest.raises(ExportError, match=r"cannot hold the class name 'b\\x01'"):
        exported(dataset, tmp_path / "out", "label-studio")
    assert not (tmp_path / "out").exists()


def test_texts_tables_and_numbers_are_shown_as_what_they_are(tmp_path):
    dataset = texts(tmp_path / "m")
    out = exported(dataset, tmp_path / "texts", "label-studio")
    assert [task["data"]["text"] for task in tasks_of(out)] == list(dataset.payload.texts)
    assert config_of(out).find("Text").get("value") == "$text"

    frame = pd.DataFrame({"key": list("abcd"), "x": [1.5, None, 3, 4], "kind": list("uvuv"), "grade": list("lmlm")})
    dataset = table(tmp_path / "t", frame)
    out = exported(dataset, tmp_path / "table", "label-studio")
    assert [task["data"]["row"] for task in tasks_of(out)][:2] == [
        {"x": 1.5, "kind": "u"},
        {"x": None, "kind": "v"},
    ]
    assert config_of(out).find("Table").get("value") == "$row"

    dataset = prices(tmp_path / "p")
    known = Known(said(dataset, row_2=decision(dataset, 2, "relabel", "31.25")))
    out = exported(dataset, tmp_path / "numbers", "label-studio", known=known)
    assert config_of(out).find("Number") is not None
    assert tasks_of(out)[2]["annotations"][0]["result"][0]["value"] == {"number": 31.25}
