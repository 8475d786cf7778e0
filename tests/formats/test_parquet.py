import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataclinic.dataset import ColumnRoles, Images
from dataclinic.edits import Drop, Relabel
from dataclinic.errors import DataError, ExportError
from dataclinic.formats.parquet import Parquet
from dataclinic.outgoing.placed_files import copy_file

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
GRADES = ["b", "a", None, "a", "b", "a"]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "survey.parquet"


def table_of(label, **columns):
    return pa.table({"x": np.arange(len(label)) % 4, **columns, "label": label})


def load(source, **roles):
    return Parquet().read(source, ColumnRoles(**roles))


def names_of(dataset):
    return [dataset.classes[code] for code in dataset.labels]


def rewrite(source, edits=(), **roles):
    """Folder of what is written again, with (row, class) for a relabelling and (row, None) for a drop."""
    dataset = load(source, **roles)
    out = source.parent / "out"
    out.mkdir()
    Parquet().write(dataset, [edit_of(dataset, row, to) for row, to in edits], out, copy_file)
    return out


def edit_of(dataset, row, to):
    given = dataset.classes[dataset.labels[row]]
    if to is None:
        return Drop(row, dataset.ids[row], given, "bad")
    return Relabel(row, dataset.ids[row], given, to, "wrong")


def test_columns_become_features_and_labels(file):
    pq.write_table(table_of(GRADES, flag=[True, None, False, True, True, False]), file)
    dataset = load(file)
    assert dataset.classes == ("a", "b")
    assert names_of(dataset) == ["b", "a", "a", "b", "a"]
    assert dataset.unlabelled == ("2",)
    assert dataset.source_rows.tolist() == [0, 1, 3, 4, 5]
    np.testing.assert_array_equal(dataset.payload.frame["flag"], [1, np.nan, 1, 1, 0])
    assert "label column guessed: 'label' (use --label to choose another)" in dataset.notes


def test_an_index_of_pandas_is_a_column_like_any_other(file):
    frame = pd.DataFrame({"x": [1, 1, 2], "label": list("aab")}, index=pd.Index([5, 6, 7], name="user_id"))
    frame.to_parquet(file)
    assert load(file, id="user_id").ids == ("5", "6", "7")
    assert "not used as features (identifiers): 'user_id'" in load(file).notes


@pytest.mark.parametrize("index", [[5, 6, 7, 8], [0, 1, 0, 1], ["p", "q", "p", "q"]])
def test_a_nameless_index_of_pandas_is_no_feature_and_is_written_again(file, index):
    frame = pd.DataFrame({"x": [1, 1, 2, 2], "grade": list("aabb")}, index=index)
    frame.to_parquet(file)
    dataset = load(file, label="grade")
    assert list(dataset.payload.frame.columns) == ["x"]
    assert dataset.notes == ()
    assert load(file).roles.label == "grade"
    assert pd.read_parquet(rewrite(file, label="grade") / file.name).equals(frame)
    if index[0] == 5:
        assert load(file, label="grade", id="__index_level_0__").ids == ("5", "6", "7", "8")


def test_large_integers_with_gaps_stay_exact(file):
    ids = [2**53 + 1, 2**53 + 2, 2**53 + 3]
    pq.write_table(pa.table({"x": [1, 1, 2], "key": ids, "label": [2**53 + 1, None, 7]}), file)
    dataset = load(file, id="key")
    assert dataset.classes == ("7", str(2**53 + 1))
    assert dataset.unlabelled == (str(2**53 + 2),)


@pytest.mark.parametrize("struct", [False, True])
def test_image_bytes_and_structs(file, struct):
    cells = [PNG + bytes([number]) for number in range(6)]
    column = [{"bytes": cell, "path": "x.png"} for cell in cells] if struct else cells
    pq.write_table(table_of(list("ababab"), image=column), file)
    dataset = load(file)
    assert dataset.payload == Images(tuple(cells))
    assert dataset.roles.image == "image"


def test_declared_class_labels_have_names(file):
    features = {"label": {"_type": "ClassLabel", "names": ["cat", "dog", "never"]}, "x": {"_type": "Value"}}
    table = table_of([1, 0, -1, None, 1, 0])
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})}), file)
    dataset = load(file)
    assert dataset.classes == ("cat", "dog")
    assert names_of(dataset) == ["dog", "cat", "dog", "cat"]
    assert dataset.unlabelled == ("2", "3")
    out = rewrite(file, [(0, "cat")])
    assert pq.read_table(out / file.name)["label"].to_pylist() == [0, 0, -1, None, 1, 0]


@pytest.mark.parametrize("metadata", [b"no json", b"{}", b"[]", b'{"info": {"features": {"label": 3}}}'])
def test_other_metadata_is_passed_over(file, metadata):
    pq.write_table(table_of([1, 0, 1]).replace_schema_metadata({b"huggingface": metadata}), file)
    assert load(file).classes == ("0", "1")


def parts_of(tmp_path):
    folder = tmp_path / "survey"
    (folder / "more").mkdir(parents=True)
    pq.write_table(table_of(["a", "b"], n=["two", "two"]), folder / "part-2.parquet")
    pq.write_table(table_of(["b", None, "c"], n=["ten", "ten", "ten"]), folder / "part-10.parquet")
    pq.write_table(table_of(["a"], n=["one"]), folder / "more" / "part-1.parquet")
    (folder / "_metadata.parquet").write_text("not a part")
    (folder / "_SUCCESS").touch()
    return folder


def test_parts_are_read_in_natural_order(tmp_path):
    dataset = load(parts_of(tmp_path))
    assert dataset.payload.frame["n"].tolist() == ["one", "two", "two", "ten", "ten"]
    assert dataset.source_rows.tolist() == [0, 1, 2, 3, 5]


def test_parts_are_written_as_parts(tmp_path):
    folder = parts_of(tmp_path)
    out = rewrite(folder, [(0, "c"), (2, None), (4, "a")])
    assert pq.read_table(out / "more/part-1.parquet")["label"].to_pylist() == ["c"]
    assert pq.read_table(out / "part-2.parquet")["label"].to_pylist() == ["a"]
    assert pq.read_table(out / "part-10.parquet")["label"].to_pylist() == ["b", None, "a"]
    assert sorted(path.name for path in out.rglob("*.parquet")) == [
        "part-1.parquet",
        "part-10.parquet",
        "part-2.parquet",
    ]


def test_folders_named_key_value_add_no_column(tmp_path):
    folder = tmp_path / "x=1"
    folder.mkdir()
    pq.write_table(pa.table({"z": [1, 1, 2], "label": list("aab")}), folder / "a.parquet")
    assert list(load(folder / "a.parquet").payload.frame.columns) == ["z"]


def test_a_part_without_any_label_joins_the_others(tmp_path):
    folder = tmp_path / "survey"
    folder.mkdir()
    pq.write_table(table_of(["a", "b"]), folder / "1.parquet")
    pq.write_table(table_of(pa.nulls(2)), folder / "2.parquet")
    assert load(folder).unlabelled == ("2", "3")
    out = rewrite(folder, [(0, "b")])
    assert pq.read_table(out / "1.parquet")["label"].to_pylist() == ["b", "b"]
    assert pq.ParquetFile(out / "2.parquet").schema_arrow.field("label").type == pa.null()


def test_a_label_may_come_from_a_part_with_another_dictionary(tmp_path):
    folder = tmp_path / "survey"
    folder.mkdir()
    for part, label in enumerate([["b", "a", "b"], ["c", "a", None]]):
        pq.write_table(table_of(pa.array(label).dictionary_encode()), folder / f"{part}.parquet")
    out = rewrite(folder, [(0, "c"), (4, "b")])
    assert pq.read_table(out / "0.parquet")["label"].to_pylist() == ["c", "a", "b"]
    assert pq.read_table(out / "1.parquet")["label"].to_pylist() == ["c", "b", None]


def test_each_part_keeps_its_own_width_of_the_label(tmp_path):
    folder = tmp_path / "survey"
    folder.mkdir()
    for part, width in enumerate([pa.int8(), pa.int64()]):
        pq.write_table(table_of(pa.array([1, 2, 2], width)), folder / f"{part}.parquet")
    out = rewrite(folder, [(0, "2"), (4, "1")])
    labels = [pq.read_table(out / f"{part}.parquet")["label"] for part in range(2)]
    assert [label.to_pylist() for label in labels] == [[2, 2, 2], [1, 1, 2]]
    assert [label.type for label in labels] == [pa.int8(), pa.int64()]


def test_trouble_of_the_file_system_is_not_blamed_on_the_file(file, monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(pq, "ParquetFile", refused)
    with pytest.raises(PermissionError):
        load(file)


def test_parts_of_other_tables_are_refused_by_name(tmp_path):
    folder = tmp_path / "survey"
    folder.mkdir()
    pq.write_table(table_of(["a", "b"]), folder / "1.parquet")
    pq.write_table(table_of(["a", "b"], more=[1, 2]), folder / "2.parquet")
    with pytest.raises(DataError, match=r"1\.parquet and 2\.parquet have other columns"):
        load(folder)


def test_parts_of_other_types_are_refused(tmp_path):
    folder = tmp_path / "survey"
    folder.mkdir()
    pq.write_table(table_of(["a", "b"], more=[1, 2]), folder / "1.parquet")
    pq.write_table(table_of(["a", "b"], more=[[1], [2]]), folder / "2.parquet")
    with pytest.raises(DataError, match="not parts of one table"):
        load(folder)


LABELS = {
    "string": pa.array(GRADES),
    "large_string": pa.array(GRADES, pa.large_string()),
    "dictionary": pa.array(GRADES).dictionary_encode(),
    "int8": pa.array([1, 0, None, 0, 1, 0], pa.int8()),
    "uint64": pa.array([1, 0, None, 0, 1, 0], pa.uint64()),
    "float32": pa.array([1, 0, None, 0, 1, 0], pa.float32()),
    "bool": pa.array([True, False, None, False, True, False]),
    "decimal": pa.array([1, 0, None, 0, 1, 0]).cast(pa.decimal128(30, 2)),
    "date": pa.array([1, 0, None, 0, 1, 0], pa.int32()).cast(pa.date32()),
    "int dictionary": pa.array([1, 0, None, 0, 1, 0]).dictionary_encode(),
}


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
def test_the_label_keeps_its_type_and_spelling(file, label):
    pq.write_table(table_of(label), file)
    first, second = load(file).classes
    out = rewrite(file, [(0, first), (1, second), (2, None)])
    values = label.to_pylist()
    again = pq.read_table(out / file.name)
    assert again.schema.field("label").type == pq.read_table(file).schema.field("label").type
    assert again["label"].to_pylist() == [values[1], values[0], None, values[4], values[5]]
    assert again["x"].to_pylist() == [0, 1, 2, 0, 1]


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
def test_schema_metadata_compression_and_row_groups_are_kept(file, compression):
    schema = pa.schema(
        [
            pa.field("x", pa.int16(), metadata={"unit": "cm"}),
            pa.field("nested", pa.list_(pa.int8())),
            pa.field("when", pa.timestamp("ms", "UTC")),
            pa.field("label", pa.string(), nullable=False),
        ],
        metadata={"written by": "hand"},
    )
    table = pa.table([[1, 2, 3, 4], [[1], None, [], [2]], [0, 1, None, 3], list("abab")], schema=schema)
    pq.write_table(table, file, compression=compression, row_group_size=2)
    out = pq.ParquetFile(rewrite(file, [(0, "b"), (3, None)], label="label") / file.name)
    assert out.schema_arrow.equals(pq.ParquetFile(file).schema_arrow, check_metadata=True)
    assert [out.metadata.row_group(group).num_rows for group in range(out.num_row_groups)] == [2, 1]
    assert out.metadata.row_group(0).column(0).compression.lower() in {compression, "uncompressed"}
    expected = table.set_column(3, schema.field(3), pa.array(["b", "b", "a", "b"])).slice(0, 3)
    assert out.read().equals(expected)


def test_a_part_that_loses_all_rows_is_still_there(tmp_path):
    folder = parts_of(tmp_path)
    out = rewrite(folder, [(0, None)])
    assert pq.read_table(out / "more/part-1.parquet").num_rows == 0


def test_a_part_without_rows_is_copied(tmp_path):
    folder = parts_of(tmp_path)
    empty = pq.read_schema(folder / "part-2.parquet").empty_table()
    pq.write_table(empty, folder / "part-3.parquet")
    out = rewrite(folder, [(0, "b")])
    assert pq.read_table(out / "part-3.parquet").equals(empty)


def test_written_table_reads_back_in_pandas_with_its_range_index(file):
    pd.DataFrame({"x": [1, 2, 3, 4], "label": list("abab")}).to_parquet(file)
    out = rewrite(file, [(1, None)])
    assert pd.read_parquet(out / file.name)["x"].tolist() == [1, 3, 4]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all", b"PAR1" + bytes(50) + b"PAR1"])
def test_files_that_are_no_parquet_are_refused(file, content):
    file.write_bytes(content)
    with pytest.raises(DataError, match="cannot read"):
        load(file)


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_cut_files_are_refused(file, cut):
    pq.write_table(table_of(list("ab") * 500), file)
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * cut)])
    with pytest.raises(DataError, match="cannot read"):
        load(file)


def test_a_damaged_page_is_refused(file):
    pq.write_table(table_of(list("ab") * 500, noise=np.random.default_rng(0).normal(size=1000)), file)
    content = bytearray(file.read_bytes())
    content[4:400] = bytes(396)
    file.write_bytes(content)
    with pytest.raises(DataError, match="cannot read"):
        load(file)


def test_duplicate_column_names_are_refused(file):
    pq.write_table(pa.Table.from_arrays([pa.array([1, 2]), pa.array([1, 2])], names=["x", "x"]), file)
    with pytest.raises(DataError, match="more than one column 'x'"):
        load(file)


def test_nested_labels_are_refused(file):
    pq.write_table(pa.table({"x": [1, 2], "label": [[1], [2]]}), file)
    with pytest.raises(DataError, match="lists, structs or bytes"):
        load(file)


def test_an_empty_table_is_refused(file):
    pq.write_table(pa.table({"x": pa.array([], pa.int64()), "label": pa.array([], pa.string())}), file)
    with pytest.raises(DataError, match="has no rows"):
        load(file)


def test_recognises_files_and_folders_of_parts(tmp_path):
    (tmp_path / "survey.PARQUET").touch()
    assert Parquet().recognises(tmp_path / "survey.PARQUET")
    assert Parquet().recognises(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.csv").touch()
    assert not Parquet().recognises(tmp_path / "other")
    assert not Parquet().recognises(tmp_path / "other" / "a.csv")


def test_a_source_that_changed_is_not_written(file, tmp_path):
    pq.write_table(table_of(["a", "b", "b"]), file)
    dataset = load(file)
    for now in (["b", "b", "a"], ["a", "b"], ["a", "c", "c"]):
        pq.write_table(table_of(now), file)
        with pytest.raises(ExportError, match="has changed since"):
            Parquet().write(dataset, [], tmp_path / "out", copy_file)
    pq.write_table(pa.table({"x": [1, 2, 3]}), file)
    with pytest.raises(ExportError, match="has changed since"):
        Parquet().write(dataset, [], tmp_path / "out", copy_file)


def test_a_table_of_numbers_is_written_again_without_the_dropped_rows(tmp_path):
    source = tmp_path / "prices.parquet"
    pd.DataFrame({"x": [1, 2, 3, 4], "price": [10.5, None, 30, 40]}).to_parquet(source)
    dataset = Parquet().read(source, ColumnRoles(label="price"), "regression")
    np.testing.assert_array_equal(dataset.targets, [10.5, 30, 40])
    out = tmp_path / "out"
    out.mkdir()
    Parquet().write(dataset, [Drop(1, "2", "30", "why")], out, copy_file)
    assert pd.read_parquet(out / "prices.parquet")["x"].tolist() == [1, 2, 4]


NUMBERS = {
    "float64": (pa.float64(), [1.5, 2, 3], "4.25", 4.25),
    "float32": (pa.float32(), [1.5, 2, 3], "4.25", 4.25),
    "int16": (pa.int16(), [1, 2, 3], "4.0", 4),
    "uint64": (pa.uint64(), [1, 2, 3], "9007199254740993", 9007199254740993),
    "decimal": (pa.decimal128(8, 2), [Decimal("1.50"), Decimal(2), Decimal(3)], "4.25", Decimal("4.25")),
    "text": (pa.string(), ["1.5", "2.0", "3"], "4.250", "4.250"),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_decided_number_is_written_in_the_type_of_the_column(tmp_path, kind):
    type_, values, text, expected = NUMBERS[kind]
    schema = pa.schema([("x", pa.int64()), ("price", type_)], metadata={"made": "by hand"})
    source = tmp_path / "prices.parquet"
    pq.write_table(pa.table([[1, 2, 3], pa.array(values, type_)], schema=schema), source, row_group_size=2)
    dataset = Parquet().read(source, ColumnRoles(label="price"), "regression")
    (tmp_path / "out").mkdir()
    Parquet().write(dataset, [Relabel(2, "2", "3", text, "why")], tmp_path / "out", copy_file)
    written = pq.ParquetFile(tmp_path / "out" / "prices.parquet")
    assert written.schema_arrow.equals(schema, check_metadata=True)
    assert written.num_row_groups == 2
    assert written.read()["price"].to_pylist() == [*pa.array(values, type_).to_pylist()[:2], expected]


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (pa.int64(), "4.5"),
        (pa.int8(), "400"),
        (pa.uint8(), "-1"),
        (pa.decimal128(4, 2), "4.125"),
        (pa.int64(), "1e400"),
    ],
)
def test_a_number_that_the_column_cannot_hold_is_said(tmp_path, type_, text):
    source = tmp_path / "prices.parquet"
    pq.write_table(
        pa.table({"x": [1, 2, 3], "price": pa.array([Decimal(1), Decimal(2), Decimal(3)]).cast(type_)}), source
    )
    dataset = Parquet().read(source, ColumnRoles(label="price"), "regression")
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportError, match="does not fit into column 'price'"):
        Parquet().write(dataset, [Relabel(2, "2", "3", text, "why")], tmp_path / "out", copy_file)


def test_cells_can_be_had_without_a_label(tmp_path):
    for part, ids in enumerate(([3, None], [1])):
        pq.write_table(pa.table({"id": ids, "note": ["a"] * len(ids)}), tmp_path / f"part-{part}.parquet")
    assert Parquet().columns(tmp_path) == ("id", "note")
    frame = Parquet().table(tmp_path, ["id", "weight"])
    assert list(frame) == ["id"]
    assert frame["id"].fillna(-1).tolist() == [3, -1, 1]
