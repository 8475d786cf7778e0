import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))

pytestmark = pytest.mark.xdist_group("examples")  # one process, in which each runs once


@cache
def lines_of(name, folder):
    """What the example prints; it runs in `folder`."""
    script = next(path for path in EXAMPLES if path.stem == name)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("examples")


@pytest.mark.parametrize("name", [script.stem for script in EXAMPLES])
def test_example_runs(name, folder):
    assert lines_of(name, folder)


def test_audit_a_table_finds_most_of_the_switched_labels(folder):
    assert int(lines_of("audit_a_table", folder)[-1].split()[0]) >= 6


def test_try_a_fix_recommends_to_clip_what_was_written_in_another_unit(folder):
    assert lines_of("try_a_fix", folder)[-1] == "recommended: clip_iqr_outliers"


def test_rank_own_model_finds_most_errors_and_accuses_few_others(folder):
    right, _, flagged = lines_of("rank_own_model", folder)[-1].split()[:3]
    assert int(right) >= 160
    assert int(right) >= 0.93 * int(flagged)
