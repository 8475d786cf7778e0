"""The map: dots where the file says, coloured by class, suspects on top, and small whatever the names."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from made_judgement import add_map, make_judged_run
from made_runs import HOSTILE, PLAIN, Made, make_run

from dataclinic.errors import RunError
from dataclinic.report.embedding_map import MOST_COLOURS, SIDE, read_map
from dataclinic.report.html import render_html
from dataclinic.report.reading import read_findings

MOST_BYTES = 400_000


def map_of(run, classes=PLAIN):
    return read_map(run, run.read_table("ranking.parquet"), classes, read_findings(run))


def drawing_of(page: str) -> str:
    (drawing,) = re.findall(r'<svg id="dots".*?</svg>', page, re.DOTALL)
    return drawing


def test_every_sample_is_a_dot_in_its_place_and_class(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=60, flagged=7, previews=False))
    ranking = run.read_table("ranking.parquet").set_index("row")
    found = map_of(run)
    assert (found.dots, found.suspects, found.coloured, found.others) == (60, 7, PLAIN, 0)
    places = run.read_table("map.parquet")
    expected = {
        (round(SIDE * x), round(SIDE * (1 - y)), ranking["given_label"][row], bool(ranking["flagged"][row]))
        for row, x, y in places.astype("float64").itertuples(index=False)
    }
    drawn = {
        (dot.x, dot.y, PLAIN[group.colour], flagged)
        for group in found.classes
        for flagged, dots in ((False, group.plain), (True, group.suspects))
        for dot in dots
    }
    assert drawn == expected


def test_titles_say_which_sample_and_what_is_suggested(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=60, flagged=7, previews=False))
    first = run.read_table("ranking.parquet").iloc[0]
    titles = {dot.title for group in map_of(run).classes for dot in group.suspects}
    assert f"{first['id']}: {first['given_label']}, suggested {first['suggested_label']}" in titles


def test_the_largest_classes_have_colours_and_the_others_are_grey(tmp_path):
    classes = tuple(f"class {place:02}" for place in range(14))
    run = make_judged_run(tmp_path / "run", Made(samples=400, flagged=9, classes=classes, previews=False))
    found = map_of(run, classes)
    counts = run.read_table("ranking.parquet")["given_label"].value_counts()
    assert set(found.coloured) == set(counts.index[:MOST_COLOURS])
    assert list(found.coloured) == sorted(found.coloured)
    assert found.others == 4
    grey = next(group for group in found.classes if group.colour is None)
    assert len(grey.plain) + len(grey.suspects) == counts[MOST_COLOURS:].sum()


def test_checks_name_their_dots(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=60, flagged=7, previews=False))
    found = map_of(run)
    assert found.checks == ("label_errors",)
    assert all(dot.checks == (0,) for group in found.classes for dot in group.suspects)
    assert all(dot.checks == () for group in found.classes for dot in group.plain)


def test_names_in_the_drawing_do_not_stand_on_each_other(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=60, flagged=7, previews=False))
    places = run.read_table("map.parquet")
    run.write_table("map.parquet", places.assign(x=np.float32(0.5), y=np.float32(0.5)))
    assert len(map_of(run).tags) == 1


def test_places_that_are_no_numbers_and_rows_that_are_none_are_left_out(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=20, flagged=2, previews=False))
    frame = pd.DataFrame({"row": [0, 1, 999, 3], "x": [0.5, np.nan, 0.1, 2.0], "y": [0.5, 0.1, 0.1, -1.0]})
    run.write_table("map.parquet", frame)
    found = map_of(run)
    assert found.dots == 2
    assert {(dot.x, dot.y) for group in found.classes for dot in (*group.plain, *group.suspects)} == {
        (SIDE // 2, SIDE // 2),
        (SIDE, SIDE),
    }


@pytest.mark.parametrize("classes", [PLAIN, HOSTILE])
def test_three_thousand_dots_stay_small(tmp_path, classes):
    made = Made(samples=3200, flagged=1500, classes=classes, hostile_ids=classes is HOSTILE, previews=False)
    run = make_judged_run(tmp_path / "run", made)
    ranking = run.read_table("ranking.parquet")
    run.write_table("ranking.parquet", ranking.assign(id=[f'"{"&" * 40}{row}' for row in ranking["row"]]))
    drawing = drawing_of(render_html(run))
    assert drawing.count("<circle") == 3000
    assert len(drawing.encode()) < MOST_BYTES


def test_there_is_no_map_without_the_file_and_none_of_numbers(tmp_path):
    plain = make_run(tmp_path / "plain", Made(samples=20, flagged=2, previews=False))
    assert map_of(plain) is None
    numbers = make_run(tmp_path / "numbers", Made(kind="table", task="regression", previews=False))
    add_map(numbers)
    for run in (plain, numbers):
        page = render_html(run)
        assert 'id="dots"' not in page
        assert 'href="#map"' not in page


def test_how_it_was_made_may_be_missing_but_not_broken(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=20, flagged=2, previews=False))
    (run.path / "map.json").unlink()
    assert map_of(run).how == ""
    run.write_table("map.parquet", run.read_table("map.parquet").drop(columns="y"))
    with pytest.raises(RunError, match=r"map\.parquet"):
        map_of(run)
