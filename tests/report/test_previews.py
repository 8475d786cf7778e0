"""Previews come from the run directory alone, and only from its thumbnails."""

from __future__ import annotations

from base64 import b64decode

import pytest

from dataclinic.report import previews
from dataclinic.report.previews import read_previews
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


@pytest.mark.parametrize(
    "name", ["../secret.jpg", "thumbnails/../../secret.jpg", "/etc/hostname", "thumbnails/5.jpg\n"]
)
def test_nothing_outside_the_thumbnails_is_read(run, name):
    run.write_json("previews.json", {"5": {"thumbnail": name, "width_px": 1, "height_px": 1}})
    assert read_previews(run, [5])[5].picture is None


def test_a_thumbnail_that_was_deleted_is_said_to_be_missing(run):
    entry = put(run, 5)
    (run.path / "thumbnails/5.jpg").unlink()
    run.write_json("previews.json", {"5": entry})
    assert "not in the run directory" in (read_previews(run, [5])[5].missing or "")


def test_pictures_stop_at_the_budget_and_the_first_are_served_first(run, monkeypatch):
    monkeypatch.setattr(previews, "MOST_PICTURE_BYTES", 250)
    run.write_json("previews.json", {str(row): put(run, row, b"x" * 100) for row in range(4)})
    read = read_previews(run, [3, 1, 1, 0, 2])
    assert [read[row].picture is not None for row in (3, 1, 0, 2)] == [True, True, False, False]
    assert "small" in (read[0].missing or "")


def test_a_run_without_previews_shows_none(run):
    assert read_previews(run, [1]) == {}
