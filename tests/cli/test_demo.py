import csv

import pandas as pd
import pytest
from PIL import Image

from dataclinic.cli.demo import score, write_digits
from dataclinic.errors import DataError


def test_writes_real_digits_with_eight_percent_switched_and_the_truth(tmp_path):
    switched = write_digits(tmp_path, seed=0)
    with (tmp_path / "truth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "true_label"]
    assert len(rows) == 1797
    wrong = [row for row in rows if row["id"].split("/")[0] != row["true_label"]]
    assert len(wrong) == switched == 144
    assert all((tmp_path / row["id"]).exists() for row in rows)
    with Image.open(tmp_path / rows[0]["id"]) as picture:
        assert picture.size == (32, 32)


def test_what_the_same_demo_wrote_is_used_again_and_anything_else_refused(tmp_path):
    write_digits(tmp_path, seed=0)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert write_digits(tmp_path, seed=0) == 144
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    with pytest.raises(DataError, match="not what this demo writes"):
        write_digits(tmp_path, seed=1)
    next(tmp_path.rglob("*.png")).unlink()
    with pytest.raises(DataError, match="not what this demo writes"):
        write_digits(tmp_path, seed=0)


def test_score_is_measured_against_the_truth(tmp_path):
    (tmp_path / "truth.csv").write_text("id,true_label\n0/a.png,1\n0/b.png,0\n1/c.png,0\n1/d.png,1\n")
    ranking = pd.DataFrame(
        {
            "id": ["0/a.png", "0/b.png", "1/c.png", "1/d.png"],
            "given_label": ["0", "0", "1", "1"],
            "rank": [1, 2, 3, 4],
            "flagged": [True, True, False, False],
        }
    )
    average_precision, precision, found = score(ranking, tmp_path / "truth.csv")
    assert average_precision == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert precision == 0.5
    assert found == 1


def test_a_folder_in_use_is_refused(cli, tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    result = cli("demo", "--dir", tmp_path)
    assert result.code == 2
    assert "is not empty" in result.err


@pytest.mark.xdist_group("demo")
def test_demo_finds_the_planted_errors(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = cli("demo", "--dir", "demo")
    assert result.code == 0, result.err
    assert "144 labels switched on purpose" in result.out
    average_precision, precision, found = score(
        pd.read_parquet(tmp_path / "dataclinic-runs" / "demo-001" / "ranking.parquet"), tmp_path / "demo" / "truth.csv"
    )
    assert average_precision >= 0.97
    assert precision >= 0.90
    assert found >= 110
