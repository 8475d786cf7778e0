import pandas as pd
from made_exports import (
    TABLE,
    corner,
    drop,
    expected,
    exported,
    hostile_table,
    photos,
    prices,
    relabel,
    state,
    texts,
)
from PIL import Image

from dataclinic.dataset import ColumnRoles
from dataclinic.steps.load_dataset import load_dataset


def test_pictures_lie_beside_a_table_that_names_them(tmp_path):
    dataset = photos(tmp_path / "photos")
    edits = [relabel(dataset, 0, "dog"), drop(dataset, 4)]
    before = state(tmp_path / "photos")
    out = exported(dataset, tmp_path / "out", "csv", edits)
    frame = pd.read_csv(out / "data.csv")
    assert list(frame) == ["image", "id", "label", "split"]
    assert dict(zip(frame["id"], frame["label"], strict=True)) == expected(dataset, edits)
    numbers = {sample: int(sample.rpartition("/")[2].removesuffix(".png")) for sample in dataset.ids}
    for file, sample in zip(frame["image"], frame["id"], strict=True):
        assert corner(Image.open(out / file)) == numbers[sample]
    assert state(tmp_path / "photos") == before


def test_it_can_be_audited_again(tmp_path):
    dataset = photos(tmp_path / "photos")
    out = exported(dataset, tmp_path / "out", "csv", [relabel(dataset, 0, "dog")])
    again = load_dataset(out / "data.csv", ColumnRoles(image="image", id="id"))
    assert expected(again, []) == expected(dataset, [relabel(dataset, 0, "dog")])
    assert again.split == dataset.split
    assert all(path.is_file() for path in again.payload.sources)


def test_hostile_ids_are_cells_and_never_paths(tmp_path):
    dataset = hostile_table(tmp_path / "data")
    everything = {path for path in tmp_path.rglob("*") if "out" not in path.parts}
    # Its own format is CSV, so it is a parquet file of the same that is exported.
    pd.read_csv(dataset.source).to_parquet(tmp_path / "data" / "t.parquet")
    source = load_dataset(tmp_path / "data" / "t.parquet", ColumnRoles(id="name", image="file", label="label"))
    out = exported(source, tmp_path / "out", "csv")
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(out)} == everything | {
        tmp_path / "data" / "t.parquet"
    }
    frame = pd.read_csv(out / "data.csv", dtype=str, keep_default_na=False)
    assert [name.strip() for name in frame["name"]] == list(source.ids)
    assert frame["file"].str.fullmatch(r"images/\d{6}\.png").all()


def test_all_columns_of_a_table_go_out(tmp_path):
    TABLE.to_parquet(tmp_path / "t.parquet")
    dataset = load_dataset(tmp_path / "t.parquet", ColumnRoles(label="grade", id="key"))
    out = exported(dataset, tmp_path / "out", "csv", [relabel(dataset, 1, "low"), drop(dataset, 2)])
    wanted = TABLE.drop(index=2)
    wanted.loc[1, "grade"] = "low"
    pd.testing.assert_frame_equal(
        pd.read_csv(out / "data.csv", dtype={"code": str}), wanted.reset_index(drop=True), check_dtype=False
    )


def test_cells_that_look_like_formulas_are_data_and_stay(tmp_path):
    frame = TABLE.assign(colour=["=1+1", "@x", "-y", "+z"] * 3)
    frame.to_parquet(tmp_path / "t.parquet")
    dataset = load_dataset(tmp_path / "t.parquet", ColumnRoles(label="grade", id="key"))
    out = exported(dataset, tmp_path / "out", "csv")
    assert pd.read_csv(out / "data.csv")["colour"].tolist() == ["=1+1", "@x", "-y", "+z"] * 3


def test_texts_and_numbers_keep_their_cells(tmp_path):
    dataset = texts(tmp_path / "m")
    pd.read_csv(dataset.source).to_parquet(tmp_path / "m.parquet")
    source = load_dataset(tmp_path / "m.parquet", ColumnRoles(label="topic", text="message"))
    out = exported(source, tmp_path / "texts", "csv", [relabel(source, 0, "refund")])
    assert tuple(pd.read_csv(out / "data.csv")["message"]) == dataset.payload.texts
    assert pd.read_csv(out / "data.csv")["topic"][0] == "refund"
    pd.read_csv(prices(tmp_path / "p").source).to_parquet(tmp_path / "p.parquet")
    source = load_dataset(tmp_path / "p.parquet", ColumnRoles(label="price"), "regression")
    out = exported(source, tmp_path / "numbers", "csv", [relabel(source, 2, "31.25")])
    assert pd.read_csv(out / "data.csv")["price"].tolist() == [10.5, 20, 31.25, 40, 55]
