"""Suspects by class: the worst class first, the worst samples of each, and nothing left out in silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_judgement import make_judged_run
from made_runs import Made

from dataclinic.report import gallery
from dataclinic.report.gallery import pick_suspects
from dataclinic.report.html import render_html
from dataclinic.report.material import Material
from dataclinic.report.page import make_page


def ranking_of(given: str, flagged: str, suggested: str = "") -> pd.DataFrame:
    """A letter a sample, most suspect first."""
    return pd.DataFrame(
        {
            "rank": range(1, len(given) + 1),
            "given_label": list(given),
            "suggested_label": list(suggested or "z" * len(given)),
            "flagged": [one == "1" for one in flagged],
        }
    )


def test_classes_with_most_suspects_come_first_and_hold_their_worst():
    picked = pick_suspects(ranking_of("abbbac", "011110", suggested="xyzyxx"))
    assert [(one.label, one.suspects, one.count) for one in picked] == [("b", 3, 3), ("a", 1, 2)]
    assert [one.places for one in picked] == [(1, 2, 3), (4,)]
    assert picked[0].suggested == (("y", 2), ("z", 1))


def test_places_follow_the_rank_and_not_the_order_of_the_table():
    ranking = ranking_of("aaaa", "1111").iloc[[2, 0, 3, 1]].reset_index(drop=True)
    (picked,) = pick_suspects(ranking)
    assert [int(ranking["rank"][place]) for place in picked.places] == [1, 2, 3, 4]


def test_without_suspects_there_is_nothing():
    assert pick_suspects(ranking_of("ab", "00")) == ()


def test_many_classes_share_the_room_and_the_rest_is_counted(monkeypatch):
    monkeypatch.setattr(gallery, "MOST_CLASSES", 3)
    monkeypatch.setattr(gallery, "MOST_SAMPLES", 6)
    picked = pick_suspects(ranking_of("aaabbbcccdd", "1" * 11))
    assert [len(one.places) for one in picked] == [2, 2, 2, 0]
    assert picked[3].suspects == 2


def test_the_page_says_what_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(gallery, "MOST_CLASSES", 4)
    monkeypatch.setattr(gallery, "MOST_SAMPLES", 8)
    run = make_judged_run(tmp_path / "run", Made(previews=False))
    found = make_page(Material.read(run)).suspects.gallery
    assert [len(one.tiles) for one in found.classes] == [2, 2, 2, 2]
    assert found.rest == 2
    counts = run.read_table("ranking.parquet").query("flagged")["given_label"].value_counts()
    assert found.rest_suspects == counts.iloc[4:].sum()
    text = " ".join(render_html(run).split())
    assert f"8 of 40 suspects are shown; 2 more classes with {found.rest_suspects} suspects are left out" in text
    assert f"The 2 most doubtful of {counts.iloc[0]}." in text


@pytest.mark.parametrize("kind", ["images", "table", "texts"])
def test_tiles_show_the_sample_in_its_kind(tmp_path, kind):
    page = make_page(Material.read(make_judged_run(tmp_path / "run", Made(kind=kind))))
    tiles = [tile for one in page.suspects.gallery.classes for tile in one.tiles]
    assert len(tiles) == 40
    shown = {
        "images": [bool(tile.preview.picture or tile.preview.missing) for tile in tiles],
        "table": [len(tile.telling) <= 1 for tile in tiles],
        "texts": [tile.preview.text is not None for tile in tiles],
    }
    assert all(shown[kind])
    assert kind != "table" or np.mean([len(tile.telling) for tile in tiles]) > 0.2


def test_regressions_have_none(tmp_path):
    run = make_judged_run(tmp_path / "run", Made(kind="table", task="regression", previews=False), near=False)
    assert make_page(Material.read(run)).suspects.gallery is None
