"""Reviews to be opened in Chromium, each of a run of its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_judgement import make_judged_run
from made_runs import HOSTILE, Made, make_run
from served_reviews import CHROMIUM, QUIET, Reviewer, serving

from dataclinic.rundir import RunDir

MADE = {
    "images": Made(samples=200, flagged=60),
    "table": Made(kind="table"),
    "texts": Made(kind="texts"),
    "numbers": Made(kind="table", task="regression"),
    "hostile_images": Made(samples=120, classes=HOSTILE, hostile_ids=True),
    "hostile_table": Made(kind="table", samples=120, classes=HOSTILE, hostile_ids=True, columns=30),
    "hostile_texts": Made(kind="texts", samples=120, classes=HOSTILE, hostile_ids=True),
    "hostile_numbers": Made(kind="table", samples=120, task="regression", classes=HOSTILE, hostile_ids=True),
    "digits": Made(samples=60, flagged=12, classes=tuple("0123456789")),
    "many_classes": Made(kind="texts", samples=300, classes=tuple(f"Größe {place:05}" for place in range(10_000))),
    "huge": Made(kind="table", samples=200_000, flagged=200_000),
    "few": Made(kind="texts", samples=30, flagged=2),
}


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Runs by name, made when they are first asked for."""
    folder, runs = tmp_path_factory.mktemp("reviews"), {}

    def run_of(name):
        if name not in runs:
            make = make_run if name in {"numbers", "hostile_numbers", "huge", "many_classes"} else make_judged_run
            runs[name] = make(folder / name, MADE[name])
        return runs[name]

    return run_of


@pytest.fixture
def reviewing(browser, made, tmp_path):
    """Opens a review of a copy of a run; fails the test where the page threw, complained or asked elsewhere."""
    opened = []

    def open_review(name, *, size=(1280, 800), language=None, audit_sample=0, **context):
        run = RunDir(Path(shutil.copytree(made(name).path, tmp_path / f"run {len(opened)}")))
        served = serving(run, language=language, audit_sample=audit_sample)
        server = served.__enter__()
        opened.append((served, browser.new_context(viewport={"width": size[0], "height": size[1]}, **context)))
        reviewer = Reviewer(opened[-1][1].new_page(), server)
        opened[-1] += (reviewer,)
        reviewer.open(server.url)
        return reviewer

    yield open_review
    for served, context, reviewer in opened:
        context.close()
        served.__exit__(None, None, None)
        home = reviewer.server.url.split("?")[0]
        assert reviewer.trouble == []
        assert [url for url in reviewer.asked if not url.startswith(home)] == []
