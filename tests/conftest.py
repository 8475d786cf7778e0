import os
import signal
import sys
from dataclasses import dataclass

# Workers side by side with a thread a core each would wait for each other in busy loops. Set before torch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from dataclinic.cli import app
from dataclinic.seeding import rng_for

# A shell without job control starts what it puts in the background with Ctrl-C ignored, and tests inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


@pytest.fixture
def cli(monkeypatch, capsys):
    """Run the real program in this process: cli("audit", path) → exit code, stdout, stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["dataclinic", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            app.main()
        captured = capsys.readouterr()
        return Result(stopped.value.code, captured.out, captured.err)

    return run


@pytest.fixture(autouse=True)
def _no_download(monkeypatch):
    """No test may reach for a hub."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path_factory):
    """No test may find embeddings that another one, or the user, has kept."""
    monkeypatch.setenv("DATACLINIC_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(autouse=True)
def _draws_of_its_own(request, monkeypatch):
    """A module's RNG starts anew for every test, so that no test depends on which ones ran before it."""
    if hasattr(request.module, "RNG"):
        monkeypatch.setattr(request.module, "RNG", rng_for(0, request.node.originalname))
