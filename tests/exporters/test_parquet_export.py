from io import BytesIO

import pandas as pd
import pyarrow.parquet as pq
import pytest
from made_exports import corner, drop, expected, exported, photos, prices, relabel, table, texts
from PIL import Image

from dataclinic.dataset import ColumnRoles, Images
from dataclinic.errors import ExportError
from dataclinic.steps.load_dataset import load_dataset


def test_pictures_are_bytes_beside_id_label_and_split_and_load_again(tmp_path):
    dataset = photos(tmp_path / "photos")
    edits = [relabel(dataset, 0, "dog"), drop(dataset, 4)]
    out = exported(dataset, tmp_path / "out", "parquet", edits)
    again = load_dataset(out / "data.parquet", ColumnRoles(id="id"))
    assert isinstance(again.payload, Images)
    assert expected(again, []) == expected(dataset, edits)
    for sample, content in zip(again.ids, again.payload.sources, strict=True):
        assert corner(Image.open(BytesIO(content))) == int(sample.rpartition("/")[2].removesuffix(".png"))
    assert set(again.split) == {"train", "test"}


def test_many_pictures_are_written_part_by_part(tmp_path, monkeypatch):
    monkeypatch.setattr("dataclinic.outgoing.arrow_tables.PICTURES_A_PART", 4)
    out = exported(photos(tmp_path / "photos"), tmp_path / "out", "parquet")
    file = pq.ParquetFile(out / "data.parquet")
    assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [4, 4, 4, 4, 2]


def test_texts_that_spell_numbers_become_numbers_but_codes_stay_texts(tmp_path):
    dataset = table(tmp_path / "t")
    out = exported(dataset, tmp_path / "out", "parquet", [relabel(dataset, 0, "mid"), drop(dataset, 3)])
    frame = pd.read_parquet(out / "data.parquet")
    assert frame["count"].tolist() == [row for row in range(12) if row != 3]
    assert frame["size"].dtype.kind == "f"
    assert frame["code"].tolist()[:3] == ["000", "001", "002"]
    assert frame["grade"].tolist()[:3] == ["mid", "mid", "high"]


def test_classes_that_are_digits_stay_what_they_are(tmp_path):
    frame = pd.DataFrame({"key": list("abcdef"), "x": [1, 2, 3, 4, 5, 6], "grade": ["01", "2"] * 3})
    out = exported(table(tmp_path / "t", frame), tmp_path / "out", "parquet")
    assert pd.read_parquet(out / "data.parquet")["grade"].tolist() == ["01", "2"] * 3


def test_empty_cells_are_missing_numbers(tmp_path):
    frame = pd.DataFrame({"key": list("abcdef"), "x": [1.5, None, 3, 4, 5, 6], "grade": ["a", "b"] * 3})
    out = exported(table(tmp_path / "t", frame), tmp_path / "out", "parquet")
    assert pd.read_parquet(out / "data.parquet")["x"].isna().tolist() == [False, True, False, False, False, False]


def test_texts_and_decided_numbers_go_out(tmp_path):
    dataset = texts(tmp_path / "m")
    out = exported(dataset, tmp_path / "texts", "parquet", [relabel(dataset, 0, "refund")])
    again = load_dataset(out / "data.parquet", ColumnRoles(label="topic", text="message"))
    assert again.payload.texts == dataset.payload.texts
    assert expected(again, [])["0"] == "refund"
    numbers = prices(tmp_path / "p")
    out = exported(numbers, tmp_path / "numbers", "parquet", [relabel(numbers, 2, "31.25")])
    assert pd.read_parquet(out / "data.parquet")["price"].tolist() == [10.5, 20, 31.25, 40, 55]


def test_a_number_that_does_not_fit_is_said(tmp_path):
    frame = pd.DataFrame({"x": [1, 2, 3], "price": pd.array([1, 2, 3], "int64")})
    frame.to_parquet(tmp_path / "p.parquet")
    dataset = load_dataset(tmp_path / "p.parquet", ColumnRoles(label="price"), "regression")
    with pytest.raises(ExportError, match=r"'2\.5' does not fit into column 'price'"):
        exported(dataset, tmp_path / "out", "csv", [relabel(dataset, 0, "2.5")])
    assert not (tmp_path / "out").exists()
