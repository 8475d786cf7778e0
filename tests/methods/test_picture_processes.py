"""Squares decoded by worker processes: in order, the same as without, and with an end."""

import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dataclinic.methods import picture_processes
from dataclinic.methods.image_pixels import UndecodableImage
from dataclinic.methods.picture_processes import map_squares
from dataclinic.methods.square_pictures import SquareView
from dataclinic.seeding import rng_for

VIEW = SquareView(16, 0.875, "bicubic")

INTERRUPTED = """
import sys
import numpy as np
from io import BytesIO
from PIL import Image
from dataclinic.methods.picture_processes import map_squares
from dataclinic.methods.square_pictures import SquareView

if __name__ == "__main__":
    content = BytesIO()
    Image.new("RGB", (600, 600)).save(content, "PNG")
    batches = map_squares(len, [content.getvalue()] * 200_000, SquareView(16, 1.0, "bilinear"), batch_size=4, workers=2)
    for number, _ in enumerate(batches):
        if number == 3:
            print("running", flush=True)
"""


def png(pixels):
    content = BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def sources():
    rng = rng_for(0, "sources")
    return [png(rng.integers(0, 256, (20 + row % 3, 24, 3))) for row in range(23)]


def squares(sources, **settings):
    return list(map_squares(np.copy, sources, VIEW, batch_size=4, **settings))


def test_workers_change_nothing(sources):
    alone, shared = squares(sources, workers=1), squares(sources, workers=2)
    assert [len(batch) for batch in shared] == [4] * 5 + [3]
    for first, second in zip(alone, shared, strict=True):
        np.testing.assert_array_equal(first, second)


def test_nothing_to_do_is_no_batch():
    assert squares([]) == []


def test_a_file_that_has_gone_stops_it(sources, tmp_path):
    with pytest.raises(UndecodableImage, match="no such file"):
        squares([*sources, tmp_path / "gone.png"], workers=2)


def test_killed_workers_are_done_without(sources):
    """As where memory is short: the rest is decoded here, and nothing is lost or doubled."""
    found = []
    for batch in map_squares(np.copy, sources, VIEW, batch_size=1, workers=2):
        if not found:
            for child in picture_processes.get_context().active_children():
                child.kill()
        found.append(batch)
    np.testing.assert_array_equal(np.concatenate(found), np.concatenate(squares(sources, workers=1)))


def test_little_shared_memory_is_done_without(sources, monkeypatch):
    monkeypatch.setattr(picture_processes.shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    monkeypatch.setattr(picture_processes, "SHARED_MEMORY", picture_processes.Path("/"))
    monkeypatch.setattr(picture_processes, "ProcessPoolExecutor", None)
    assert len(squares(sources, workers=2)) == 6


@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a process group")
def test_an_interrupt_ends_the_workers(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    run = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert run.stdout.readline() == "running\n"
    os.killpg(run.pid, signal.SIGINT)  # what a terminal does at Ctrl-C
    _, said = run.communicate(timeout=20)
    assert run.returncode != 0
    assert "KeyboardInterrupt" in said
    assert "resource_tracker" not in said
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.killpg(run.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("workers outlive the interrupt")
