import csv
import io

import pytest
from made_gates import Sample, Story, tell, ten
from made_runs import HOSTILE

from dataclinic.report.audited import Audited
from dataclinic.report.places import Place, Places


def table(tmp_path, text, samples, *, unlabelled=0, encoding="utf-8", name="survey.csv"):
    """A run whose source is a table; its first `unlabelled` rows have no label."""
    source = tmp_path / "data" / name
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(text.encode(encoding))
    story = Story([Sample(str(row)) for row in range(samples)], format="csv", unlabelled=unlabelled)
    return tell(tmp_path / "run", Story(**{**vars(story), "record": {"source": str(source)}}))


def lines(run, root, rows):
    places = Places.of(Audited.read(run), rows, root)
    assert {places.sample(row).uri for row in rows} <= {"data/survey.csv"}
    return [places.sample(row).line for row in rows]


def test_pictures_lie_below_the_source_as_seen_from_the_root(tmp_path):
    run = tell(tmp_path / "run", Story(ten(), record={"source": str(tmp_path / "data" / "animals")}))
    audited = Audited.read(run)
    assert Places.of(audited, [1], tmp_path).sample(1) == Place("data/animals/s1")
    assert Places.of(audited, [1], tmp_path).whole() == Place("data/animals")
    assert Places.of(audited, [1], tmp_path / "data" / "animals").sample(1) == Place("s1")
    assert Places.of(audited, [1], tmp_path / "elsewhere").sample(1) == Place("s1")
    assert Places.of(audited, [1], tmp_path / "elsewhere").whole() == Place(".")


def test_hostile_names_are_escaped_in_paths(tmp_path):
    names = [*HOSTILE, "a b%20?#[1].png", "c:d.png", "red/ünï.png"]
    run = tell(tmp_path / "run", Story([Sample(name, f"c{row}") for row, name in enumerate(names)]))
    places = Places.of(Audited.read(run), range(len(names)), tmp_path)
    for row in range(len(names)):
        assert set(places.sample(row).uri) <= set(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%/"
        )
    assert places.sample(len(names) - 1).uri == "red/%C3%BCn%C3%AF.png"
    assert places.sample(len(names) - 2).uri == "c%3Ad.png"


def test_rows_of_a_table_are_lines_though_cells_break_them(tmp_path):
    cells = [["note", "grade"], ["plain", "a"], ["two\nlines", "b"], ['a "quote"\r\n', "c"], ["", "d"], ["end", "e"]]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(cells)
    run = table(tmp_path, text.getvalue(), 5)
    expected, at = [], 1
    for record in cells:
        expected.append(at)
        line = io.StringIO(newline="")
        csv.writer(line).writerow(record)
        at += line.getvalue().count("\n")
    assert lines(run, tmp_path, [0, 1, 2, 3, 4]) == expected[1:] == [2, 3, 5, 7, 8]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_in_every_encoding_and_line_end(tmp_path, encoding, end):
    run = table(tmp_path, end.join(["größe,grade", "1,a", "", "2,b", "3,c"]), 3, encoding=encoding)
    assert lines(run, tmp_path, [0, 1, 2]) == [2, 4, 5]


def test_rows_without_a_label_are_passed_over(tmp_path):
    run = table(tmp_path, "x,grade\n1,\n2,\n3,a\n4,b\n", 2, unlabelled=2)
    assert lines(run, tmp_path, [0, 1]) == [4, 5]


def test_no_line_is_told_of_a_table_that_changed_or_is_gone(tmp_path):
    run = table(tmp_path, "x,grade\n1,a\n2,b\n3,c\n", 2)
    assert lines(run, tmp_path, [0, 1]) == [None, None]
    (tmp_path / "data" / "survey.csv").unlink()
    assert lines(run, tmp_path, [0, 1]) == [None, None]


def test_other_tables_are_files_without_lines(tmp_path):
    story = Story(ten(), format="parquet", record={"source": str(tmp_path / "data.parquet")})
    places = Places.of(Audited.read(tell(tmp_path / "run", story)), [3], tmp_path)
    assert places.sample(3) == Place("data.parquet")
