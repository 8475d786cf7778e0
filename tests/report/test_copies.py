"""Sets of copies: leaking and contradicting ones first, side by side, and refused where the file is broken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_galleries import add_copies
from made_runs import Made, make_run

from dataclinic.errors import RunError
from dataclinic.evidence import NearDuplicates
from dataclinic.report import copies
from dataclinic.report.copies import MOST_CELLS, copy_cards, read_copies
from dataclinic.report.html import render_html
from dataclinic.report.previews import read_small_previews
from dataclinic.rundir import artifacts


@pytest.fixture
def run(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=60, flagged=5, columns=5, kind="table"))
    add_copies(run)
    return run


def labelled(run, labels: dict[int, str]):
    ranking = run.read_table("ranking.parquet")
    return ranking.assign(
        given_label=[labels.get(row, label) for row, label in zip(ranking["row"], ranking["given_label"], strict=True)]
    )


SAME = dict.fromkeys(range(7), "hat")


def test_sets_are_counted_and_the_one_that_leaks_is_first(run):
    found = read_copies(run, labelled(run, SAME))
    assert (found.sets, found.samples, found.exact, found.conflicting, found.crossing) == (3, 7, 2, 0, 1)
    first = found.shown[0]
    assert first.crossing
    assert [(copy.row, copy.split, copy.kept) for copy in first.copies] == [(0, "train", True), (1, "test", False)]
    assert [(one.size, one.exact) for one in found.shown] == [(2, True), (3, True), (2, False)]


def test_a_set_that_contradicts_itself_comes_before_harmless_ones(run):
    found = read_copies(run, labelled(run, {**SAME, 3: "boot"}))
    assert found.conflicting == 1
    assert [one.conflicting for one in found.shown] == [False, True, False]
    assert [copy.label for copy in found.shown[1].copies] == ["hat", "boot"]
    assert (found.shown[1].copies[1].how, found.shown[1].copies[1].likeness) == ("resaved", 0.954)


def test_of_a_large_set_one_of_each_label_is_among_the_first(run, monkeypatch):
    monkeypatch.setattr(copies, "MOST_COPIES", 2)
    found = read_copies(run, labelled(run, {**SAME, 6: "coat"}))
    three = next(one for one in found.shown if one.size == 3)
    assert [copy.label for copy in three.copies] == ["hat", "coat"]


def test_only_the_worst_sets_are_shown(run, monkeypatch):
    monkeypatch.setattr(copies, "MOST_SETS", 1)
    found = read_copies(run, labelled(run, SAME))
    assert (found.sets, len(found.shown)) == (3, 1)


def test_without_splits_nothing_crosses(run):
    (run.path / "samples.parquet").unlink()
    assert read_copies(run, labelled(run, SAME)).crossing == 0


def test_rows_of_a_table_are_shown_by_the_cells_in_which_they_differ(run):
    ranking = labelled(run, SAME)
    cells = {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5", "f": "6"}
    entries = {str(row): {"values": {**cells, "b": str(row // 4)}, "columns": 6} for row in range(7)}
    run.write_json("previews.json", entries | {"3": {"values": {**cells, "b": "x"}, "columns": 6}})
    cards = copy_cards(read_copies(run, ranking), read_small_previews(run, range(7))).cards
    assert cards[2].cells == ((("b", "0"),), (("b", "x"),))
    assert len(cards[0].cells[0]) == MOST_CELLS


def test_an_older_run_has_none_and_says_so_under_its_checks(tmp_path):
    run = make_run(tmp_path / "run", Made(samples=60, flagged=5, previews=False))
    assert read_copies(run, run.read_table("ranking.parquet")) is None
    assert 'id="copies"' not in render_html(run)


def test_no_copies_give_no_section(run):
    run.write_table("duplicates.parquet", run.read_table("duplicates.parquet").head(0))
    assert 'id="copies"' not in render_html(run)


@pytest.mark.parametrize("row", [-1, 60])
def test_rows_that_are_not_there_are_refused(run, row):
    found = run.read_table("duplicates.parquet")
    run.write_table("duplicates.parquet", found.assign(row=[row, *found["row"][1:]]))
    with pytest.raises(RunError, match="rows that are not there"):
        read_copies(run, run.read_table("ranking.parquet"))


def test_the_audit_writes_every_copy_the_kept_one_first(run):
    near = NearDuplicates(
        np.array([-1, 1, 0, 1, 0]),
        np.array([False, False, True, True, False]),
        np.array([np.nan, 0.9, 1.0, 1.0, 1.0]),
        ("", "mirrored", "same pixels", "same pixels", "same pixels"),
    )
    frame = artifacts.duplicates_frame(near)
    pd.testing.assert_frame_equal(
        frame,
        pd.DataFrame(
            {
                "row": [2, 4, 3, 1],
                "set": [0, 0, 1, 1],
                "kept": [True, False, True, False],
                "likeness": [1.0, 1.0, 1.0, 0.9],
                "how": pd.Series(["same pixels", "same pixels", "same pixels", "mirrored"], dtype="str"),
            }
        ),
    )
    run.write_table("duplicates.parquet", frame)
    assert read_copies(run, labelled(run, SAME)).sets == 2
