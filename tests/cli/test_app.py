import re
import resource
import subprocess
import sys

import numpy as np

from dataclinic import __version__
from dataclinic.registry import CHECKS, KINDS
from dataclinic.rundir.embedding_cache import EmbeddingCache

HEAVY = ("torch", "timm", "torchvision", "sklearn", "pandas", "scipy", "cleanlab", "pyarrow", "numpy")


def modules_after(statement):
    code = f"{statement}; import sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_or_the_program_imports_nothing_heavy():
    assert not modules_after("import dataclinic") & set(HEAVY)
    assert not modules_after("import dataclinic.cli.app") & set(HEAVY)


def test_help_answers_quickly():
    command = [sys.executable, "-m", "dataclinic", "--help"]
    subprocess.run(command, capture_output=True, check=True)
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert "audit" in done.stdout
    # Half a second is the promise, of a processor's own time: a busy machine lets any run wait.
    assert min(times) < 0.5


def test_version(cli):
    assert cli("--version").out == f"dataclinic {__version__}\n"


def test_list_names_every_plugin_with_its_settings(cli):
    out = cli("list").out
    for registry in KINDS:
        for name in registry.ids():
            assert name in out
    checks = cli("list", "checks").out
    assert all(name in checks for name in CHECKS.ids())
    assert "ratio=0.2" in checks
    assert "linear_head" not in checks


def test_doctor_says_what_is_there_and_what_to_do(cli):
    out = cli("doctor").out
    for name in ("python", "torch", "devices", "weights cache", "disk"):
        assert re.search(rf"^{name} ", out, re.MULTILINE)
    assert "→" in out


def test_doctor_shows_and_empties_the_embedding_cache(cli, monkeypatch):
    cache = EmbeddingCache.default()
    cache.keep("net", "", ["a" * 32], np.zeros((1, 5_000_000), np.float32))
    assert f"{cache.folder}: 0.02 GB" in cli("doctor").out
    emptied = cli("doctor", "--clear-cache")
    assert "removed 0.02 GB of embeddings" in emptied.err
    assert f"{cache.folder}: 0.00 GB, at most 11 GB" in emptied.out
    monkeypatch.setenv("DATACLINIC_CACHE", "off")
    assert re.search(r"^embedding cache +DATACLINIC_CACHE is off", cli("doctor", "--clear-cache").out, re.MULTILINE)


def test_no_arguments_show_the_help(cli):
    result = cli()
    assert "audit" in result.out + result.err
