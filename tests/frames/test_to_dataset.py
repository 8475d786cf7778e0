from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dataclinic.dataset import ColumnRoles, Images, Table, Texts
from dataclinic.errors import DataError
from dataclinic.frames.to_dataset import dataset_from_frame

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


def dataset_of(frame, roles=None, source=Path("/data/t.csv"), **options):
    roles = roles or ColumnRoles(label="label")
    return dataset_from_frame(pd.DataFrame(frame), roles, source=source, format_id="csv", **options)


def test_rows_without_a_label_are_named_and_left_out():
    dataset = dataset_of({"x": [1, 2, 3, 4], "label": ["b", None, "a", "b"]})
    assert dataset.ids == ("0", "2", "3")
    assert dataset.unlabelled == ("1",)
    assert dataset.source_rows.tolist() == [0, 2, 3]
    assert dataset.source_rows.dtype == dataset.labels.dtype == np.int64
    assert dataset.labels.tolist() == [1, 0, 1]
    assert dataset.classes == ("a", "b")
    assert dataset.payload.frame["x"].tolist() == [1, 3, 4]
    assert "1 row has no label in 'label' and took no part" in dataset.notes


def test_columns_with_a_part_are_no_features():
    roles = ColumnRoles(label="label", id="name", group="patient", split="part")
    dataset = dataset_of(
        {
            "x": [1, 2, 3],
            "label": list("aba"),
            "name": list("pqr"),
            "patient": ["u", None, "u"],
            "part": ["train", "q", None],
        },
        roles,
    )
    assert isinstance(dataset.payload, Table)
    assert list(dataset.payload.frame.columns) == ["x"]
    assert dataset.ids == ("p", "q", "r")
    assert dataset.groups.tolist() == [0, -1, 0]
    assert dataset.split == ("train", "q", "")
    assert dataset.roles == roles


def test_notes_of_the_format_come_first():
    dataset = dataset_of({"x": [1, 2], "label": list("ab")}, ColumnRoles(), notes=("read as Latin-1",))
    assert dataset.notes[0] == "read as Latin-1"
    assert dataset.notes[1].startswith("label column guessed")


def test_an_image_column_makes_images_and_other_columns_are_said():
    cells = [PNG, {"bytes": PNG, "path": "x.png"}, None, {"bytes": None, "path": "x.png"}, ""]
    dataset = dataset_of(
        {"picture": cells, "x": range(5), "label": list("ababa")}, ColumnRoles(label="label", image="picture")
    )
    assert dataset.payload == Images((PNG, PNG, None, Path("/data/x.png"), None))
    assert "not used beside the images: 'x'" in dataset.notes


def test_relative_image_paths_start_at_the_table(tmp_path):
    (tmp_path / "here.png").write_bytes(PNG)
    cells = ["here.png", "gone.png", str(tmp_path / "far.png")]
    roles = ColumnRoles(label="label", image="file")
    dataset = dataset_of({"file": cells, "label": list("aba")}, roles, source=tmp_path / "t.csv")
    assert dataset.payload == Images((tmp_path / "here.png", tmp_path / "gone.png", tmp_path / "far.png"))


def test_paths_of_which_none_exists_hint_at_the_folder(tmp_path):
    roles = ColumnRoles(label="label", image="file")
    with pytest.raises(DataError, match="none of the files named in image column 'file' exists") as caught:
        dataset_of({"file": ["a.png", "b.png"], "label": list("ab")}, roles, source=tmp_path / "t.csv")
    assert str(tmp_path) in caught.value.hint


def test_an_image_column_of_numbers_is_refused():
    with pytest.raises(DataError, match=r"image column 'x' holds neither image bytes nor paths, but e\.g\. 1"):
        dataset_of({"x": [1, 2], "label": list("ab")}, ColumnRoles(label="label", image="x"))


def test_no_rows_is_refused():
    with pytest.raises(DataError, match="has no rows"):
        dataset_of({"x": [], "label": []})


def test_duplicate_ids_are_refused_with_one_of_them():
    with pytest.raises(DataError, match="'name' holds 'q' more than once"):
        dataset_of({"x": [1, 2, 3], "name": list("pqq"), "label": list("aba")}, ColumnRoles(label="label", id="name"))


def test_empty_ids_are_refused():
    with pytest.raises(DataError, match="id column 'name' is empty in 1 rows"):
        dataset_of({"x": [1, 2], "name": ["p", None], "label": list("ab")}, ColumnRoles(label="label", id="name"))


def test_text_alone_is_refused_and_said_why():
    texts = [f"the {number}th sentence of this review" for number in range(4)]
    with pytest.raises(DataError, match=r"no column is left to learn from \('text': free text\)") as caught:
        dataset_of({"text": texts, "label": list("abab")})
    assert caught.value.hint == "'text' looks like texts: name it with --text text"


def test_short_texts_that_all_differ_are_pointed_at_too():
    with pytest.raises(DataError) as caught:
        dataset_of({"word": ["apple", "pear", "fig"], "label": list("aba")})
    assert "--text word" in caught.value.hint


def test_a_text_column_makes_texts_and_other_columns_are_said():
    frame = {"review": ["good", None, "bad", "fine"], "x": range(4), "label": ["p", "n", "n", None]}
    dataset = dataset_of(frame, ColumnRoles(label="label", text="review"))
    assert dataset.payload == Texts(("good", "", "bad"))
    assert "not used beside the texts: 'x'" in dataset.notes
    assert dataset.roles.text == "review"


def test_texts_and_images_in_one_audit_are_refused():
    roles = ColumnRoles(label="label", text="review", image="picture")
    with pytest.raises(DataError, match=r"texts \('review'\) or at images \('picture'\)"):
        dataset_of({"review": ["a", "b"], "picture": [PNG, PNG], "label": list("ab")}, roles)


def test_a_lone_column_of_image_names_is_pointed_at():
    with pytest.raises(DataError) as caught:
        dataset_of({"file": ["1.jpg", "2.jpg"], "label": list("ab")})
    assert caught.value.hint == "'file' looks like images: name it with --image file"


def test_a_junk_name_does_not_hide_a_column_of_image_names():
    with pytest.raises(DataError) as caught:
        dataset_of({"file": ["1.jpg", "2.jpg", "?"], "label": list("aba")})
    assert caught.value.hint == "'file' looks like images: name it with --image file"


def test_a_table_of_labels_alone_is_refused():
    with pytest.raises(DataError, match="there is only the label"):
        dataset_of({"label": list("ab")})
