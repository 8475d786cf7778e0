import json

import pytest

from dataclinic.edits import Verdict
from dataclinic.errors import DecisionsError
from dataclinic.steps.read_verdicts import read_verdicts


def result(*labels):
    return {"from_name": "label", "to_name": "sample", "type": "choices", "value": {"choices": list(labels)}}


def task(sample, *annotations, content=""):
    return {"id": 7, "data": {"dataclinic_id": sample, "dataclinic_content": content}, "annotations": list(annotations)}


def write(tmp_path, content, name="tasks.json"):
    (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return tmp_path / name


def test_annotations_of_tasks_are_verdicts(tmp_path):
    when = {"created_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T12:00:00.5+02:00"}
    file = write(
        tmp_path,
        [
            task("a", {"result": [result("cat")], "completed_by": {"id": 3, "email": "anna@example.org"}, **when}),
            task("b", {"result": [result("dog")], "was_cancelled": True, "completed_by": 3}, content="digest"),
            task("c", {"result": [], "was_cancelled": False}),
            task("d", {"result": [result("cat", "dog")]}),
            task("e"),
            task("f", {"result": [{"type": "number", "value": {"number": 12.50}}]}),
        ],
    )
    found = read_verdicts(file)
    assert found.said == (
        Verdict("a", "", "cat", None, "2026-03-01T10:00:00+00:00", "anna@example.org"),
        Verdict("b", "digest", None, None, "", "3"),
        Verdict("c"),
        Verdict("d"),
        Verdict("f", label="12.5"),
    )
    assert found.open == 1


def test_several_annotations_of_a_task_come_in_order_of_time(tmp_path):
    later = {"result": [result("dog")], "updated_at": "2026-03-02T10:00:00Z"}
    sooner = {"result": [result("cat")], "updated_at": "2026-03-01T10:00:00Z"}
    said = read_verdicts(write(tmp_path, [task("a", later, sooner)])).said
    assert [one.label for one in said] == ["cat", "dog"]


def test_short_tasks_are_read_too(tmp_path):
    about = {"annotator": 1, "annotation_id": 4, "updated_at": "2026-03-01T10:00:00Z", "lead_time": 2.5, "id": 1}
    file = write(
        tmp_path,
        [
            {"dataclinic_id": "a", "dataclinic_content": "d", "label": "cat", "cleaned_label": "dog", **about},
            {"dataclinic_id": "b", "label": {"choices": ["cat", "dog"]}, **about},
            {"dataclinic_id": "c", "label": [{"number": 3}], **about},
            {"dataclinic_id": "d", "cleaned_label": "dog", **about},
        ],
    )
    said = read_verdicts(file).said
    assert [(one.id, one.label) for one in said] == [("a", "cat"), ("b", None), ("c", "3"), ("d", None)]
    assert said[0] == Verdict("a", "d", "cat", None, "2026-03-01T10:00:00+00:00", "1")


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_table_of_ids_and_labels_says_nothing_of_empty_cells(tmp_path, delimiter):
    lines = ("id,note,label", "a,x, cat ", "b,y,", "3,z,2")
    file = write(tmp_path, "\n".join(lines).replace(",", delimiter), "labels.csv")
    found = read_verdicts(file)
    assert found.said == (Verdict("a", label="cat"), Verdict("3", label="2"))
    assert found.open == 1


def test_what_is_no_file_of_verdicts_is_said(tmp_path):
    cases = {
        "broken.json": "{",
        "object.json": "{}",
        "numbers.json": "[1]",
        "x.txt": "a",
        "ids.csv": "id,name\n1,2\n",
        "empty.csv": "id,label\n",
        "ragged.csv": "id,label\n1,2,3\n",
    }
    for name, content in cases.items():
        with pytest.raises(DecisionsError) as caught:
            read_verdicts(write(tmp_path, content, name))
        assert name in caught.value.message
        assert caught.value.hint
    with pytest.raises(DecisionsError, match="no such file"):
        read_verdicts(tmp_path / "gone.json")


def test_strange_fields_are_no_verdicts(tmp_path):
    strange = {"data": {"dataclinic_id": 5, "dataclinic_content": None}, "annotations": [None, {"result": [None, {}]}]}
    assert read_verdicts(write(tmp_path, [strange])).said == (Verdict("5"),)
