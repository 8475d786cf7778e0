import pandas as pd
import pytest
from made_exports import TABLE, corner, drop, expected, exported, photos, prices, relabel, table, texts

from dataclinic.dataset import ColumnRoles
from dataclinic.steps.load_dataset import load_dataset

datasets = pytest.importorskip("datasets", reason="the library that reads this layout is not installed")


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    datasets.disable_progress_bars()
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def load(folder):
    return datasets.load_dataset(str(folder))


def test_pictures_load_as_images_with_class_names_in_their_splits(tmp_path):
    dataset = photos(tmp_path / "photos")
    edits = [relabel(dataset, 0, "dog"), drop(dataset, 4)]
    found = load(exported(dataset, tmp_path / "out", "huggingface", edits))
    assert set(found) == {"train", "test"}
    labels = {}
    for split, part in found.items():
        assert part.features["label"].names == ["cat", "dog", "mouse"]
        for sample in part:
            assert sample["id"].startswith(f"{split}/")
            labels[sample["id"]] = part.features["label"].int2str(sample["label"])
            number = int(sample["id"].rpartition("/")[2].removesuffix(".png"))
            assert corner(sample["image"]) == number
    assert labels == expected(dataset, edits)


def test_it_can_be_audited_again(tmp_path):
    dataset = photos(tmp_path / "photos")
    edits = [relabel(dataset, 0, "dog")]
    out = exported(dataset, tmp_path / "out", "huggingface", edits)
    assert expected(load_dataset(out, ColumnRoles(id="id")), []) == expected(dataset, edits)


def test_tables_keep_their_columns_and_types(tmp_path):
    dataset = table(tmp_path / "t")
    found = load(exported(dataset, tmp_path / "out", "huggingface", [relabel(dataset, 1, "low")]))["train"]
    features = found.features
    assert (features["size"].dtype, features["count"].dtype, features["code"].dtype) == (
        "float64",
        "int64",
        "large_string",
    )
    assert features["grade"].names == ["high", "low", "mid"]
    assert found["grade"][:3] == [1, 1, 0]
    assert found["colour"][:] == TABLE["colour"].tolist()


def test_types_of_parquet_columns_are_declared_as_they_are(tmp_path):
    frame = TABLE.assign(
        day=pd.date_range("2026-01-01", periods=12),
        kind=pd.Categorical(TABLE["colour"]),
        small=pd.array(range(12), "int8"),
        yes=[True, False] * 6,
        pair=[[1.5, 2.5]] * 12,
        inner=[{"a": 1, "b": "x"}] * 12,
    )
    frame.to_parquet(tmp_path / "t.parquet")
    dataset = load_dataset(tmp_path / "t.parquet", ColumnRoles(label="grade", id="key"))
    found = load(exported(dataset, tmp_path / "out", "huggingface"))["train"]
    assert found[1]["day"] == pd.Timestamp("2026-01-02")
    assert (found[1]["kind"], found[1]["small"], found[1]["yes"]) == ("blue", 1, False)
    assert (found[1]["pair"], found[1]["inner"]) == ([1.5, 2.5], {"a": 1, "b": "x"})


def test_texts_and_numbers_load(tmp_path):
    dataset = texts(tmp_path / "m")
    found = load(exported(dataset, tmp_path / "texts", "huggingface", [relabel(dataset, 0, "refund")]))["train"]
    assert tuple(found["message"]) == dataset.payload.texts
    assert found["topic"][:2] == [1, 1]
    numbers = prices(tmp_path / "p")
    found = load(exported(numbers, tmp_path / "numbers", "huggingface", [relabel(numbers, 2, "31.25")]))["train"]
    assert found["price"][:] == [10.5, 20, 31.25, 40, 55]


def test_large_data_go_into_several_files(tmp_path, monkeypatch):
    monkeypatch.setattr("dataclinic.exporters.huggingface._SHARD_BYTES", 500)
    monkeypatch.setattr("dataclinic.outgoing.arrow_tables.PICTURES_A_PART", 2)
    dataset = photos(tmp_path / "photos")
    out = exported(dataset, tmp_path / "out", "huggingface")
    assert len(list((out / "data").glob("train-*.parquet"))) > 2
    assert load(out).num_rows == {"train": 9, "test": 9}


def test_splits_get_names_that_the_library_takes(tmp_path):
    frame = TABLE.assign(split=["train", "te st", "te-st", "all", "", "../x"] * 2)
    frame.to_parquet(tmp_path / "t.parquet")
    roles = ColumnRoles(label="grade", id="key", split="split")
    out = exported(load_dataset(tmp_path / "t.parquet", roles), tmp_path / "out", "huggingface")
    assert load(out).num_rows == dict.fromkeys(["train", "te_st", "te_st_", "all_", "unsplit", "___x"], 2)
