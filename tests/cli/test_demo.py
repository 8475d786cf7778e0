import csv

import pandas as pd
import pytest
from PIL import Image

from dataclinic.cli.demo import score, write_digits


def test_writes_real_digits_with_eight_percent_switched_and_the_truth(tmp_path):
    switched = write_digits(tmp_path / "digits", tmp_path / "truth.csv", seed=0)
    with (tmp_path / "truth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "true_label"]
    assert len(rows) == 1797
    wrong = [row for row in rows if row["id"].split("/")[0] != row["true_label"]]
    assert len(wrong) == switched == 144
    assert all((tmp_path / "digits" / row["id"]).exists() for row in rows)
    with Image.open(tmp_path / "digits" / rows[0]["id"]) as picture:
        assert picture.size == (32, 32)


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
def test_demo_finds_the_planted_errors(cli, tmp_path):
    result = cli("demo", "--dir", tmp_path / "demo")
    assert result.code == 0, result.err
    assert "144 labels switched on purpose" in result.out
    average_precision, precision, found = score(
        pd.read_parquet(tmp_path / "demo" / "run" / "ranking.parquet"), tmp_path / "demo" / "truth.csv"
    )
    assert average_precision >= 0.97
    assert precision >= 0.90
    assert found >= 110
