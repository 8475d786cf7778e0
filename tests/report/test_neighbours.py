"""Neighbours of suspects: two a class, small on the page, and refused where the file is broken."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import pytest
from made_judgement import add_neighbours, make_judged_run
from made_runs import Made, make_run
from PIL import Image

from dataclinic.errors import RunError
from dataclinic.report import previews
from dataclinic.report.material import Material
from dataclinic.report.neighbours import Near, NearBoth, read_neighbours
from dataclinic.report.page import make_page
from dataclinic.report.previews import SMALL_PX, read_small_previews


def cards_of(run):
    return make_page(Material.read(run)).suspects.cards


def test_each_suspect_has_two_of_either_class_with_their_labels(tmp_path):
    run = make_judged_run(tmp_path / "run", Made())
    ranking = run.read_table("ranking.parquet").set_index("row")
    entries = run.read_json("neighbours.json")
    for card in cards_of(run):
        given, suggested = card.beside
        assert (given.role, given.label) == ("given", card.suspect.given_label)
        assert (suggested.role, suggested.label) == ("suggested", card.suspect.suggested_label)
        expected = entries[str(card.suspect.row)]
        assert [one.id for one in given.neighbours] == [ranking["id"][near["row"]] for near in expected["given"]]
        assert [one.distance for one in suggested.neighbours] == [near["distance"] for near in expected["suggested"]]


def test_pictures_of_neighbours_are_small_jpegs(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(samples=41, flagged=10, picture_px=160))
    seen = 0
    for card in cards_of(run):
        for neighbour in (one for side in card.beside for one in side.neighbours):
            if neighbour.preview.picture is None:
                assert neighbour.preview.missing
                continue
            head, _, data = neighbour.preview.picture.partition(",")
            assert head == "data:image/jpeg;base64"
            assert max(Image.open(BytesIO(b64decode(data))).size) == SMALL_PX
            seen += 1
    assert seen > 30


def test_a_picture_counts_as_often_as_it_is_shown_and_is_linked_to_beyond_the_room(tmp_path, monkeypatch):
    run = make_run(tmp_path / "run", Made(samples=60, flagged=5))
    row = int(run.read_table("ranking.parquet")["row"].iloc[1])
    size = len(read_small_previews(run, [row])[row].picture)
    monkeypatch.setattr(previews, "MOST_SMALL_BYTES", 3 * size + 1)
    assert not read_small_previews(run, [row] * 3)[row].linked
    linked = read_small_previews(run, [row] * 4)[row]
    assert (linked.linked, linked.picture) == (True, f"thumbnails/000/{row}.jpg")


def test_a_broken_thumbnail_is_named(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=60, flagged=5))
    row = int(run.read_table("ranking.parquet")["row"].iloc[1])
    (run.path / run.read_json("previews.json")[str(row)]["thumbnail"]).write_bytes(b"\xff\xd8 no picture")
    assert read_small_previews(run, [row])[row].missing == "its thumbnail is broken"


def test_table_rows_show_the_telling_cells_first(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(kind="table"))
    card = next(card for card in cards_of(run) if card.telling)
    names = [cell.column for cell in card.telling][:3]
    assert [column for column, _ in card.beside[0].neighbours[0].cells] == names


def test_only_the_first_two_are_kept_and_unknown_rows_are_left_out(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=20, flagged=2))
    row = int(run.read_table("ranking.parquet")["row"].iloc[0])
    near = [{"row": other, "distance": 0.1} for other in (1, 2, 3)]
    run.write_json("neighbours.json", {str(row): {"given": near, "suggested": [{"row": 999, "distance": 0.2}]}})
    assert read_neighbours(run, [row, 7]) == {
        row: NearBoth((Near(1, 0.1), Near(2, 0.1)), (Near(999, 0.2),)),
    }
    card = next(card for card in cards_of(run) if card.suspect.row == row)
    assert [side.role for side in card.beside] == ["given"]


def test_a_run_without_the_file_has_none(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=20, flagged=2))
    assert read_neighbours(run, [0, 1]) == {}
    assert all(card.beside == () for card in cards_of(run))


@pytest.mark.parametrize(
    "broken",
    [[], {"0": {"given": 3}}, {"0": {"given": [{"row": -1, "distance": 0.1}]}}, {"0": {"given": [{"row": 1}]}}],
)
def test_a_broken_file_is_refused(tmp_path, broken):
    run = make_run(tmp_path / "run", Made(samples=20, flagged=2))
    add_neighbours(run)
    run.write_json("neighbours.json", broken)
    with pytest.raises(RunError) as caught:
        read_neighbours(run, [0])
    assert "neighbours.json" in caught.value.message
