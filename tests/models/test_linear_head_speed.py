import re
import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "speed" / "linear_head.py"
SMALL = ["--rows", "400", "--dims", "8", "--classes", "3", "--folds", "3", "--repeats", "2", "--processes", "1"]


def test_benchmark_compares_both_sides_at_equal_log_loss(capsys):
    runpy.run_path(str(SCRIPT))["main"]([*SMALL, "--threads", "1"])
    printed = capsys.readouterr().out
    assert "400 × 8 float32, 3 classes, 3 folds × 2 repeats" in printed
    rows = re.findall(
        r"^(scikit-learn|linear_head), .*?([\d.]+) +([\d.]+) +([\d.]+) +([+-][\d.]+)%$", printed, re.MULTILINE
    )
    assert {name for name, *_ in rows} == {"scikit-learn", "linear_head"}
    losses = [float(loss) for _, _, _, loss, _ in rows]
    assert losses == pytest.approx([losses[0]] * len(losses), rel=0.01)
    assert all(abs(float(difference)) < 1 for *_, difference in rows)
