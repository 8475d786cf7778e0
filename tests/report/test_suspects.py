"""suspects.csv: the flagged rows, in order, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_runs import HOSTILE, Made, make_run

from dataclinic.report.suspects import STARTS_FORMULA, finite, read_suspects, suspects_csv


def cells_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def ranking_with_ids(ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"rank": range(1, len(ids) + 1), "id": ids, "flagged": True, "suspicion": -1.5})


def test_holds_the_flagged_rows_in_rank_order(tmp_path):
    ranking = make_run(tmp_path / "run", Made()).read_table("ranking.parquet")
    rows = cells_of(suspects_csv(ranking.sample(frac=1, random_state=1)))
    assert [int(row["rank"]) for row in rows] == list(range(1, 41))
    assert [row["id"] for row in rows] == list(ranking["id"].head(40))
    assert list(rows[0]) == list(ranking.columns)


def test_no_suspects_leave_only_the_header(tmp_path):
    ranking = make_run(tmp_path / "run", Made(flagged=0)).read_table("ranking.parquet")
    assert cells_of(suspects_csv(ranking)) == []
    assert len(suspects_csv(ranking).splitlines()) == 1


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-1", "-1"),
        ("+0.5", "+0.5"),
        ("cat", "cat"),
        ("a=b", "a=b"),
    ],
)
def test_formulas_become_text_and_plain_numbers_stay(cell, written):
    assert cells_of(suspects_csv(ranking_with_ids([cell])))[0]["id"] == written


def test_numbers_below_zero_are_no_formulas():
    assert cells_of(suspects_csv(ranking_with_ids(["x"])))[0]["suspicion"] == "-1.5"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1, max_size=5))
def test_any_text_comes_back_from_a_csv_reader(ids):
    for id_, row in zip(ids, cells_of(suspects_csv(ranking_with_ids(ids))), strict=True):
        assert row["id"] in (id_, f"'{id_}")
        assert not row["id"].startswith(STARTS_FORMULA) or row["id"].lstrip("+-").replace(".", "").isdigit()


def test_hostile_labels_survive_unchanged(tmp_path):
    ranking = make_run(tmp_path / "run", Made(classes=HOSTILE)).read_table("ranking.parquet")
    labels = {row["given_label"].removeprefix("'") for row in cells_of(suspects_csv(ranking))}
    assert labels <= {label.removeprefix("'") for label in HOSTILE}


def test_limit_is_kept(tmp_path):
    ranking = make_run(tmp_path / "run", Made()).read_table("ranking.parquet")
    assert len(read_suspects(ranking, 7)) == 7
    assert len(read_suspects(ranking, 1000)) == 40


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), pd.NA])
def test_what_is_no_number_is_none(value):
    assert finite(value) is None


def test_a_number_stays():
    assert finite(3) == 3.0
