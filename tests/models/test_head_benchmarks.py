import re
import runpy
from pathlib import Path

import pytest
import torch

SPEED = Path(__file__).parents[2] / "benchmarks" / "speed"
SMALL = ["--rows", "300", "--dims", "8", "--classes", "3", "--folds", "3", "--repeats", "2", "--threads", "1"]


@pytest.fixture(autouse=True)
def _threads_as_before():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_heads_and_their_peers_stand_in_one_table(capsys):
    runpy.run_path(str(SPEED / "heads.py"))["main"](SMALL)
    printed = capsys.readouterr().out
    rows = re.findall(
        r"^(sklearn \w+|\w+_head) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)$", printed, re.MULTILINE
    )
    assert [row[0] for row in rows] == [
        "sklearn LogisticRegression",
        "sklearn RidgeClassifier",
        "linear_head",
        "ridge_head",
        "mlp_head",
    ]
    assert float(rows[0][2]) == 1.0
    losses = {row[0]: float(row[3]) for row in rows}
    assert abs(losses["linear_head"] - losses["sklearn LogisticRegression"]) < 0.01
    assert max(losses.values()) < 1.1


def test_scan_in_batches_gives_the_losses_of_the_loop(capsys):
    runpy.run_path(str(SPEED / "batch_of_one.py"))["main"](
        ["--vectors", "300", "--pictures", "70", "--dims", "16", "--threads", "1"]
    )
    rows = re.findall(
        r"^(linear|convolutional),.* ([\d.]+) +([\d.]+) +([\d.]+) +([\d.e+-]+)$", capsys.readouterr().out, re.MULTILINE
    )
    assert [row[0] for row in rows] == ["linear", "convolutional"]
    assert all(float(difference) <= 1e-5 for *_, difference in rows)
