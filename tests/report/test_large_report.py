"""A report of a million samples is small, and made in seconds with little memory."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from made_million import make_large_run
from made_runs import read_report

MOST_BYTES = 5_000_000

MOST_SECONDS = 60
"""Of one processor; 6 on a quiet machine."""

MOST_MEGABYTES = 2000
"""1,000 when this was written, 200 of them for the libraries."""

WRITE = """
import json, re, sys, time
from pathlib import Path
from dataclinic.report.html import write_report
from dataclinic.rundir import RunDir

write_report(RunDir(Path(sys.argv[1])))
# Not ru_maxrss, which begins with the memory of the process that started this one.
kilobytes = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
print(json.dumps([time.process_time(), kilobytes / 1e3]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for the memory")
def test_a_million_samples_with_many_suspects_and_classes(tmp_path):
    run = make_large_run(tmp_path / "run", samples=1_000_000, suspects=200_000, classes=1000)
    done = subprocess.run([sys.executable, "-c", WRITE, str(run.path)], capture_output=True, text=True, check=True)
    seconds, megabytes = json.loads(done.stdout)
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert 500_000 < len(page.encode()) < MOST_BYTES
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES
    assert "960 more classes with" in page
    assert "The 24 worst sets are shown" in page
    assert page.count('class="of-class"') == 41
    assert read_report(run)["samples"] == 1_000_000
    assert (run.path / "suspects.csv").read_text(encoding="utf-8").count("\n") == 200_001
    assert (run.path / "report.md").stat().st_size < 20_000
    assert (run.path / "report.json").stat().st_size < 2_000_000
