import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(script, tmp_path):
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_audit_a_table_finds_most_of_the_switched_labels():
    script = next(path for path in EXAMPLES if path.stem == "audit_a_table")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert int(done.stdout.splitlines()[-1].split()[0]) >= 6


def test_try_a_fix_recommends_to_clip_what_was_written_in_another_unit():
    script = next(path for path in EXAMPLES if path.stem == "try_a_fix")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "recommended: clip_iqr_outliers"


def test_rank_own_model_finds_most_errors_and_accuses_few_others():
    script = next(path for path in EXAMPLES if path.stem == "rank_own_model")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    right, _, flagged = done.stdout.splitlines()[-1].split()[:3]
    assert int(right) >= 160
    assert int(right) >= 0.93 * int(flagged)
