import builtins
import os

import pandas as pd
import pytest

from dataclinic.dataset import ColumnRoles
from dataclinic.errors import DataError
from dataclinic.steps.load_dataset import load_dataset


@pytest.fixture
def frame():
    return pd.DataFrame({"x": [1, 2, 3, 4], "label": list("abab")})


def put_image(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no picture: loading does not look inside")


def load(source, **roles):
    return load_dataset(source, ColumnRoles(**roles))


def test_each_layout_is_read_by_its_format(tmp_path, frame):
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "parts").mkdir()
    frame.to_parquet(tmp_path / "parts" / "0.parquet")
    put_image(tmp_path / "photos/a/1.png")
    put_image(tmp_path / "photos/b/1.png")
    formats = {name: load(tmp_path / name).format for name in ("t.csv", "t.tsv", "t.parquet", "parts", "photos")}
    assert formats == {
        "t.csv": "csv",
        "t.tsv": "csv",
        "t.parquet": "parquet",
        "parts": "parquet",
        "photos": "image_folder",
    }


def test_class_folders_with_a_table_beside_them_are_images(tmp_path, frame):
    put_image(tmp_path / "a/1.png")
    put_image(tmp_path / "b/1.png")
    frame.to_parquet(tmp_path / "notes.parquet")
    assert load(tmp_path).format == "image_folder"


def test_the_source_is_absolute(tmp_path, frame, monkeypatch):
    frame.to_csv(tmp_path / "t.csv", index=False)
    monkeypatch.chdir(tmp_path)
    assert load(type(tmp_path)("t.csv")).source == tmp_path / "t.csv"


def test_roles_reach_the_format(tmp_path, frame):
    frame["name"] = list("pqrs")
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert load(tmp_path / "t.csv", id="name").ids == ("p", "q", "r", "s")


@pytest.mark.parametrize("name", ["gone.csv", "gone/", "t.csv/inside"])
def test_a_missing_path_is_said(tmp_path, frame, name):
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(DataError, match="no such file or folder"):
        load(tmp_path / name)


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ([], "an empty folder"),
        ([".hidden.png"], "an empty folder"),
        (["a.txt", "b/c.TXT", "d.pdf"], "a folder of 2 .txt files, 1 .pdf files"),
        (["README"], "a folder of 1 files without a suffix"),
    ],
)
def test_a_folder_that_holds_no_data_is_described(tmp_path, files, found):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in files:
        put_image(folder / name)
    with pytest.raises(DataError, match=found) as caught:
        load(folder)
    assert ".parquet" in caught.value.hint


@pytest.mark.parametrize("name", ["t.xlsx", "t.txt", "t.json", "t", "1.png"])
def test_a_file_of_another_kind_is_refused_with_the_known_ones(tmp_path, name):
    (tmp_path / name).write_text("x,label\n1,a\n")
    with pytest.raises(DataError, match="is no data set that dataclinic reads: a ") as caught:
        load(tmp_path / name)
    assert ".csv" in caught.value.hint


def test_a_file_that_may_not_be_read_is_said(tmp_path, frame, monkeypatch):
    frame.to_csv(tmp_path / "t.csv", index=False)
    path = tmp_path / "t.csv"

    def refused(*_args, **_options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(path), "open", refused)
    with pytest.raises(DataError, match=r"cannot read .*t\.csv: Permission denied"):
        load(path)


def test_a_folder_that_may_not_be_listed_is_said(tmp_path, monkeypatch):
    put_image(tmp_path / "a/1.png")

    def refused(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(DataError, match="Permission denied"):
        load(tmp_path)


def test_loading_opens_no_image(tmp_path, monkeypatch):
    put_image(tmp_path / "a/1.png")
    put_image(tmp_path / "b/1.png")

    def refused(*args, **_options):
        raise AssertionError(args)

    monkeypatch.setattr(builtins, "open", refused)
    monkeypatch.setattr(type(tmp_path), "open", refused)
    assert len(load(tmp_path)) == 2
