"""Previews come from the run directory alone, and only from its thumbnails."""

from __future__ import annotations

from base64 import b64decode

import pytest

from dataclinic.report import previews
from dataclinic.report.previews import read_previews, read_small_previews
from dataclinic.rundir import RunDir


@pytest.fixture
def run(tmp_path):
    run = RunDir(tmp_path / "run")
    (run.path / "thumbnails").mkdir(parents=True)
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return run


def put(run, row, content=b"jpeg", name=None):
    name = name or f"thumbnails/{row}.jpg"
    (run.path / name).write_bytes(content)
    return {"thumbnail": name, "width_px": 160, "height_px": 120}


def test_a_thumbnail_becomes_a_data_uri(run):
    run.write_json("previews.json", {"5": put(run, 5, b"abc")})
    preview = read_previews(run, [5])[5]
    assert preview.picture is not None
    kind, _, data = preview.picture.partition(",")
    assert (kind, b64decode(data)) == ("data:image/jpeg;base64", b"abc")
    assert (preview.width_px, preview.height_px, preview.pixelated) == (160, 120, False)


def test_an_enlarged_picture_is_not_smoothed(run):
    run.write_json("previews.json", {"5": put(run, 5, name="thumbnails/5.png")})
    assert read_previews(run, [5])[5].pixelated


def test_cells_and_why_there_is_no_picture_are_kept(run):
    run.write_json("previews.json", {"1": {"values": {"a": "2"}, "columns": 9}, "2": {"unreadable": "truncated"}})
    read = read_previews(run, [1, 2, 3])
    assert (read[1].values, read[1].columns, read[2].missing) == ({"a": "2"}, 9, "truncated")
    assert 3 not in read


def test_a_picture_that_is_gone_is_not_linked_to(run, monkeypatch):
    monkeypatch.setattr(previews, "MOST_PICTURE_BYTES", 1)
    entries = {str(row): put(run, row) for row in range(2)}
    (run.path / "thumbnails/1.jpg").unlink()
    run.write_json("previews.json", entries)
    read = read_previews(run, [0, 1])
    assert (read[0].linked, read[1].linked) == (True, False)
    assert read[1].missing


@pytest.mark.parametrize(
    "name",
    [
        "../secret.jpg",
        "thumbnails/../../secret.jpg",
        "/etc/hostname",
        "thumbnails/5.jpg\n",
        "thumbnails/000/../5.jpg",
        "thumbnails/a/5.jpg",
    ],
)
@pytest.mark.parametrize("room", [1_000_000, 0])
def test_nothing_outside_the_thumbnails_is_read_or_linked_to(run, name, room, monkeypatch):
    monkeypatch.setattr(previews, "MOST_PICTURE_BYTES", room)
    monkeypatch.setattr(previews, "MOST_SMALL_BYTES", room)
    run.write_json("previews.json", {"5": {"thumbnail": name, "width_px": 1, "height_px": 1}})
    assert read_previews(run, [5])[5].picture is None
    assert read_small_previews(run, [5])[5].picture is None


def test_a_thumbnail_that_was_deleted_is_said_to_be_missing(run):
    entry = put(run, 5)
    (run.path / "thumbnails/5.jpg").unlink()
    run.write_json("previews.json", {"5": entry})
    assert "not in the run directory" in (read_previews(run, [5])[5].missing or "")


def test_pictures_beyond_the_budget_are_linked_to_and_the_first_are_served_first(run, monkeypatch):
    monkeypatch.setattr(previews, "MOST_PICTURE_BYTES", 250)
    run.write_json("previews.json", {str(row): put(run, row, b"x" * 100) for row in range(4)})
    read = read_previews(run, [3, 1, 1, 0, 2])
    assert [read[row].linked for row in (3, 1, 0, 2)] == [False, False, True, True]
    assert (read[0].picture, read[0].width_px) == ("thumbnails/0.jpg", 160)


def test_a_run_without_previews_shows_none(run):
    assert read_previews(run, [1]) == {}


def text_preview(run, text, characters=None):
    run.write_json("previews.json", {"5": {"text": text, "characters": characters or len(text)}})
    return read_previews(run, [5])[5]


def test_a_short_text_is_shown_in_full(run):
    shown = text_preview(run, "Two lines\nof it")
    assert (shown.text, shown.rest, shown.cut) == ("Two lines\nof it", "", 0)


def test_a_long_text_begins_with_whole_words_and_has_a_rest(run):
    words = "word " * 300
    shown = text_preview(run, words, characters=9000)
    assert 210 < len(shown.text) <= 420
    assert shown.text.endswith("word ")
    assert shown.text + shown.rest == words
    assert shown.cut == 9000 - 1500


def test_a_little_more_than_fits_is_shown_all_the_same(run):
    assert text_preview(run, "x" * 450).rest == ""
    assert text_preview(run, "x" * 900).text == "x" * 420


def test_many_short_lines_are_cut_too(run):
    shown = text_preview(run, "\n".join("abcdefghijklmnop"))
    assert shown.text == "\n".join("abcdefgh") + "\n"
    assert shown.rest == "\n".join("ijklmnop")


def test_texts_leave_out_their_rest_where_the_page_would_grow_too_large(run, monkeypatch):
    monkeypatch.setattr(previews, "MOST_TEXT_BYTES", 3000)
    text = "a < b " * 200
    run.write_json("previews.json", {str(row): {"text": text, "characters": 1200} for row in range(3)})
    read = read_previews(run, [2, 0, 1])
    assert [bool(read[row].rest) for row in (2, 0, 1)] == [True, False, False]
    assert read[0].cut == 1200 - len(read[0].text)


def test_texts_lose_what_turns_or_hides_them_but_not_their_lines(run):
    assert text_preview(run, "a\r\nb\tc\u202ed\x1be").text == "a\nb\tc\ufffdd\u241be"


def test_an_empty_text_is_a_text(run):
    assert text_preview(run, "").text == ""
