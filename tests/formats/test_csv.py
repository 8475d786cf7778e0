import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.dataset import ColumnRoles, Images
from dataclinic.edits import Drop, Relabel
from dataclinic.errors import DataError, ExportError
from dataclinic.formats.csv import Csv
from dataclinic.outgoing.placed_files import copy_file

BASIC = "x,colour,grade\n1,red,a\n2,blue,b\n3,red,a\n4,blue,b\n"


@pytest.fixture
def table(tmp_path):
    return tmp_path / "survey.csv"


def load(table, content, **roles):
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Csv().read(table, ColumnRoles(**({"label": "grade"} | roles)))


def rewritten(table, content, edits=(), **roles):
    """Bytes of the file written again with (row, class) for a relabelling and (row, None) for a drop."""
    dataset = load(table, content, **roles)
    out = table.parent / "out"
    out.mkdir(exist_ok=True)
    Csv().write(dataset, [edit_of(dataset, row, to) for row, to in edits], out, copy_file)
    return (out / table.name).read_bytes()


def edit_of(dataset, row, to):
    given = dataset.classes[dataset.labels[row]]
    if to is None:
        return Drop(row, dataset.ids[row], given, "bad")
    return Relabel(row, dataset.ids[row], given, to, "wrong")


def test_numbers_categories_and_labels(table):
    dataset = load(table, BASIC)
    assert dataset.ids == ("0", "1", "2", "3")
    assert dataset.classes == ("a", "b")
    assert dataset.labels.tolist() == [0, 1, 0, 1]
    assert dataset.payload.frame["x"].tolist() == [1, 2, 3, 4]
    assert dataset.payload.frame["colour"].tolist() == ["red", "blue", "red", "blue"]
    assert dataset.format == "csv"


@pytest.mark.parametrize(
    "content",
    [
        BASIC.encode("utf-8-sig"),
        BASIC.replace("\n", "\r\n").encode(),
        BASIC.replace("\n", "\r").encode(),
        BASIC.replace("\n", "\n\n").encode(),
        BASIC.rstrip("\n").encode(),
        BASIC.replace("\n", ",\n").replace("grade,", "grade").encode(),
        BASIC.replace(",", ";").encode(),
        BASIC.replace(",", "\t").encode(),
        BASIC.replace(",", "|").encode(),
        BASIC.replace(",", ", ").encode(),
        b"\xff\xfe" + BASIC.encode("utf-16-le"),
        b"\xfe\xff" + BASIC.encode("utf-16-be"),
        ('"' + BASIC.replace(",", '","').replace("\n", '"\n"').removesuffix('"')).encode("utf-8-sig"),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_ways_to_write_one_table_read_the_same_and_come_back_byte_for_byte(table, content):
    dataset = load(table, content)
    assert list(dataset.payload.frame.columns) == ["x", "colour"]
    assert dataset.payload.frame["x"].tolist() == [1, 2, 3, 4]
    assert dataset.payload.frame["colour"].tolist() == ["red", "blue", "red", "blue"]
    assert dataset.labels.tolist() == [0, 1, 0, 1]
    assert dataset.notes == ()
    assert rewritten(table, content) == content


def test_tabs_are_tried_first_in_tsv(tmp_path):
    dataset = load(tmp_path / "t.tsv", "a,b\tgrade\n1,2\tx\n3,2\ty\n1,2\ty\n")
    assert list(dataset.payload.frame.columns) == ["a,b"]


def test_commas_are_decimal_points_between_semicolons(table):
    assert load(table, "x;grade\n1,5;a\n-2,25;b\n3;a\n").payload.frame["x"].tolist() == [1.5, -2.25, 3]


def test_decimal_commas_in_every_column_but_the_label_are_no_delimiters(table):
    dataset = load(table, "x;y;z;grade\n1,2;3,4;5,6;low\n2,5;1e-07;2,5e-07;high\n0,1;3,5;7,25;low\n")
    assert list(dataset.payload.frame.columns) == ["x", "y", "z"]
    assert dataset.payload.frame["y"].tolist() == [3.4, 1e-07, 3.5]
    assert dataset.payload.frame["z"].tolist() == [5.6, 2.5e-07, 7.25]
    assert dataset.classes == ("high", "low")


def test_a_table_whose_rows_are_all_wider_than_its_header_is_still_read_by_its_delimiter(table):
    with pytest.raises(DataError, match="line 2: 3 cells where the header has 2"):
        load(table, "x;grade\n1;a;3\n2;b;3\n")


def test_a_quoted_header_behind_a_byte_order_mark_may_hold_a_delimiter(table):
    dataset = load(table, '\ufeff"x,y",grade\n1,a\n2,b\n')
    assert list(dataset.payload.frame.columns) == ["x,y"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('a,b,grade\n1,"2,x\n3,4,y\n5,6,x\n', 2),
        ('a,b,grade\n1,2,x\n3,"4,y\n5,6,x\n', 3),
        ('a,b,grade\n1,2,x\n3,4,"y\n5,6,x\n', 3),
        ('a,b,grade\n"1\n1",2,"x\n3,4,y', 3),
        ('a,b,grade\r\n1,2,x\r\n3,4,"y\r\n5,6,x\r\n', 3),
        ('a,"b,grade\n1,2,x\n3,4,y\n', 1),
        ('"a,b,grade\n1,2,x\n3,4,y\n', 1),
        ("a,b,grade\n" + "1,2,x\n" * 100 + '3,4,"y\n' + "5,6,x\n" * 100, 102),
        ('a,b,grade\n1,2,x\n3,"4,y', 3),
    ],
)
def test_a_quote_that_is_never_closed_is_said_with_its_line(table, content, line):
    with pytest.raises(DataError, match=f"a quote opened on line {line} is never closed"):
        load(table, content)


def test_labels_with_decimal_commas_are_written_with_them(table):
    content = "x;grade\n1;1,5\n2;2\n3;1,5\n"
    assert load(table, content).classes == ("1.5", "2")
    assert rewritten(table, content, [(1, "1.5")]).decode() == content.replace("2;2", "2;1,5")


def test_latin_1_is_read_with_a_note_and_written_again(table):
    content = "x,grade\n1,café\n2,thé\n3,thé\n".encode("latin-1")
    dataset = load(table, content)
    assert dataset.classes == ("café", "thé")
    assert dataset.notes == ("the file is not UTF-8 and was read as Latin-1",)
    assert rewritten(table, content, [(0, "thé")]) == "x,grade\n1,thé\n2,thé\n3,thé\n".encode("latin-1")


def test_cells_with_line_breaks_quotes_and_delimiters(table):
    content = 'note,x,grade\n"two\nlines, ""quoted""",1,a\nplain,2,b\n"two\nlines, ""quoted""",3,b\n'
    dataset = load(table, content)
    assert dataset.payload.frame["note"].tolist() == ['two\nlines, "quoted"', "plain", 'two\nlines, "quoted"']
    assert rewritten(table, content, [(0, "b")]).decode() == content.replace(",1,a", ",1,b")


def test_an_edited_row_differs_in_its_label_alone(table):
    content = 'x,grade,note\n"1","a", as is \n2.50,b,"5"" pipe"\n3,"c,d",5" pipe\n03,b,\n'
    out = rewritten(table, content, [(0, "b"), (1, "c,d"), (2, "b"), (3, "a")])
    assert out.decode() == 'x,grade,note\n"1","b", as is \n2.50,"c,d","5"" pipe"\n3,"b",5" pipe\n03,a,\n'


def test_the_label_is_spelled_as_the_source_spells_it(table):
    content = "x,grade\n1,1.0\n2,2.0\n3,\n4,2.0\n"
    assert load(table, content).classes == ("1", "2")
    assert rewritten(table, content, [(0, "2")]).decode() == "x,grade\n1,2.0\n2,2.0\n3,\n4,2.0\n"


def test_dropped_rows_go_and_unlabelled_rows_stay(table):
    content = "x,grade\n1,a\n2,\n3,b\n\n4,a\n5,b\n"
    dataset = load(table, content)
    assert dataset.unlabelled == ("1",)
    assert dataset.source_rows.tolist() == [0, 2, 3, 4]
    assert rewritten(table, content, [(1, None), (2, "b")]).decode() == "x,grade\n1,a\n2,\n\n4,b\n5,b\n"


def test_written_table_reads_back_with_the_edits(table):
    out = rewritten(table, BASIC, [(0, "b"), (3, None)])
    dataset = load(table.parent / "again.csv", out)
    assert [dataset.classes[code] for code in dataset.labels] == ["b", "b", "a"]
    assert dataset.payload.frame["x"].tolist() == [1, 2, 3]


def test_an_unfinished_quote_in_the_last_row_still_gets_its_label(table):
    out = rewritten(table, 'x,grade,note\n1,a,p\n2,b,p\n3,b,"p,q\n', [(2, "a")])
    assert list(csv.reader(out.decode().splitlines(keepends=True)))[-1] == ["3", "a", "p,q\n"]


def test_image_paths_start_at_the_table(table):
    (table.parent / "a.png").write_bytes(b"\x89PNG")
    dataset = load(table, "file,grade\na.png,a\nb.png,b\n", image="file")
    assert dataset.payload == Images((table.parent / "a.png", table.parent / "b.png"))


def test_header_names_are_stripped_and_empty_ones_numbered(table):
    dataset = load(table, ", x , grade\n7,1,a\n8,2,b\n9,2,b\n")
    assert list(dataset.payload.frame.columns) == ["x"]
    assert "not used as features (identifiers): 'unnamed 1'" in dataset.notes


def test_a_text_as_long_as_a_book_is_read_and_the_limit_of_the_process_stays(table):
    limit = csv.field_size_limit()
    book = "a word, " * 50_000 + "end"
    content = f'x,grade\n"{book}",a\nshort,b\nshort,b\n'
    assert load(table, content).payload.frame["x"][0] == book
    assert csv.field_size_limit() == limit
    assert rewritten(table, content, [(0, "b")]).decode() == content.replace('",a', '",b')


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        ("x,grade\n", "has no rows"),
        ("x,grade\n1,a\n2\n", "line 3: 1 cells where the header has 2"),
        ("x,grade\n1,a\n2,b,3\n", "line 3: 3 cells where the header has 2"),
        ("x,x,grade\n1,2,a\n", "more than one column 'x'"),
        (b"x,grade\n\0\1\2,a\n", "binary data"),
        (b"PK\x03\x04" + bytes(100), "binary data"),
        ('x,grade\n"' + "1,a\n" * 50_000, "a quote opened on line 2 is never closed"),
    ],
)
def test_broken_files_are_refused(table, content, problem):
    with pytest.raises(DataError, match=problem) as caught:
        load(table, content)
    assert caught.value.hint


def test_recognises_by_suffix_in_any_case(tmp_path):
    for name, known in [("a.csv", True), ("a.TSV", True), ("a.txt", False), ("a.parquet", False)]:
        (tmp_path / name).write_text(BASIC)
        assert Csv().recognises(tmp_path / name) is known
    assert not Csv().recognises(tmp_path)


@pytest.mark.parametrize("now", ["x,colour\n1,red\n", "x,colour,grade\n1,red,a\n", BASIC.replace("red,a", "red,b")])
def test_a_source_that_changed_is_not_written(table, now):
    dataset = load(table, BASIC)
    table.write_text(now)
    (table.parent / "out").mkdir()
    with pytest.raises(ExportError, match="has changed since"):
        Csv().write(dataset, [], table.parent / "out", copy_file)


CELLS = st.text(st.sampled_from('ab1 ,;"\n\r\té'), max_size=5)


@given(st.lists(st.tuples(CELLS, st.sampled_from(["p", "q,r", 's"t']), CELLS), min_size=6, max_size=12), st.data())
def test_any_cell_survives_an_edit_of_its_row(tmp_path_factory, records, data):
    table = tmp_path_factory.mktemp("any") / "t.csv"
    records = [(*records[0][:1], "p", ""), ("", 's"t', ""), *records]
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream, quoting=quoting)
        writer.writerow(("left", "x", "grade", "right"))
        writer.writerows((left, row % 3, label, right) for row, (left, label, right) in enumerate(records))
    row = data.draw(st.integers(0, len(records) - 1))
    to = data.draw(st.sampled_from(["p", 's"t']))
    out = rewritten(table, table.read_bytes(), [(row, to)])
    (table.parent / "again.csv").write_bytes(out)
    with (table.parent / "again.csv").open(newline="") as stream:
        cells = list(csv.reader(stream))[1:]
    expected = [[left, str(place % 3), label, right] for place, (left, label, right) in enumerate(records)]
    expected[row][2] = to
    assert cells == expected


def test_a_large_file_is_read_in_chunks(table, monkeypatch):
    monkeypatch.setattr("dataclinic.formats.csv._CHUNK_ROWS", 3)
    dataset = load(table, "x,grade\n" + "".join(f"{number},{'ab'[number % 2]}\n" for number in range(10)))
    np.testing.assert_array_equal(dataset.payload.frame["x"], np.arange(10))


def test_a_table_of_numbers_is_written_again_without_the_dropped_rows(tmp_path):
    source = tmp_path / "prices.csv"
    source.write_text("x;price\n1;10,5\n2;\n3;30\n4;40,25\n", encoding="utf-8")
    dataset = Csv().read(source, ColumnRoles(label="price"), "regression")
    np.testing.assert_array_equal(dataset.targets, [10.5, 30, 40.25])
    assert (dataset.classes, dataset.labels.tolist(), dataset.unlabelled) == ((), [0, 0, 0], ("1",))
    out = tmp_path / "out"
    out.mkdir()
    Csv().write(dataset, [Drop(1, "2", "30", "why")], out, copy_file)
    assert (out / "prices.csv").read_text(encoding="utf-8") == "x;price\n1;10,5\n2;\n4;40,25\n"


def test_a_decided_number_is_written_as_the_column_writes_numbers(tmp_path):
    source = tmp_path / "prices.csv"
    source.write_text('x;price\n1;"10,5"\n2;\n3;30\n4;40,25\n', encoding="utf-8")
    dataset = Csv().read(source, ColumnRoles(label="price"), "regression")
    out = tmp_path / "out"
    out.mkdir()
    edits = [Relabel(0, "0", "10.5", "11.75", "why"), Relabel(1, "2", "30", "3", "why")]
    Csv().write(dataset, edits, out, copy_file)
    assert (out / "prices.csv").read_text(encoding="utf-8") == 'x;price\n1;"11,75"\n2;\n3;3\n4;40,25\n'


def test_a_number_with_a_point_keeps_it_in_a_column_with_points(tmp_path):
    source = tmp_path / "prices.csv"
    source.write_text("x;price\n1;10.5\n2;20\n", encoding="utf-8")
    dataset = Csv().read(source, ColumnRoles(label="price"), "regression")
    (tmp_path / "out").mkdir()
    Csv().write(dataset, [Relabel(1, "1", "20", "2.5", "why")], tmp_path / "out", copy_file)
    assert (tmp_path / "out" / "prices.csv").read_text(encoding="utf-8") == "x;price\n1;10.5\n2;2.5\n"


def test_numbers_are_not_written_after_a_change(tmp_path):
    source = tmp_path / "prices.csv"
    source.write_text("x,price\n1,10\n2,20\n", encoding="utf-8")
    dataset = Csv().read(source, ColumnRoles(label="price"), "regression")
    source.write_text("x,price\n1,10\n2,21\n", encoding="utf-8")
    with pytest.raises(ExportError, match="has changed"):
        Csv().write(dataset, [Drop(0, "0", "10", "why")], tmp_path, copy_file)


def test_cells_can_be_had_without_a_label(table):
    table.write_text("\nid;size;note\n7;1,5;a\n8;;b\n", encoding="utf-8")
    assert Csv().columns(table) == ("id", "size", "note")
    frame = Csv().table(table, ["size", "id", "weight"])
    assert frame.to_dict("list") == {"id": ["7", "8"], "size": ["1.5", ""]}
