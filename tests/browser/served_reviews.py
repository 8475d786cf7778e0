"""Reviews of made runs in a real browser: the server in a thread, or as a program that can be killed."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

import uvicorn

from dataclinic.review.app import make_app
from dataclinic.review.serving import listening_on
from dataclinic.review.session import Session
from dataclinic.review.showing import Showing
from dataclinic.rundir.decisions import DECISIONS, read_decisions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataclinic.edits import Decision
    from dataclinic.rundir import RunDir

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

TOKEN = "only-for-tests"  # noqa: S105 - it opens made runs

READY = "#sample:not([hidden]), #done:not([hidden]), #alert:not([hidden])"

CONTRASTS = """() => {
  const parse = (colour) => {
    const parts = colour.replace("srgb", "").match(/[\\d.]+/g).map(Number);
    return colour.startsWith("color(") ? parts.map((part, at) => (at < 3 ? 255 * part : part)) : parts;
  };
  const over = (below, layer) => {
    const alpha = layer.length > 3 ? layer[3] : 1;
    return below.map((part, at) => part * (1 - alpha) + layer[at] * alpha);
  };
  const background = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(parse(getComputedStyle(at).backgroundColor));
    return layers.reduce(over, [255, 255, 255]);
  };
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) =>
    0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
  const speaks = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.querySelectorAll("body *")]
    .filter((one) => speaks(one) && one.getClientRects().length && !one.closest(".hidden, noscript, progress"))
    .map((element) => {
      const pair = [luminance(parse(getComputedStyle(element).color)), luminance(background(element))];
      return [(Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05), element.outerHTML.slice(0, 90)];
    });
}"""
"""Contrast as WCAG 2 defines it, of every element that has text of its own."""


@dataclass(frozen=True)
class Server:
    """A review that is served; `url` opens its page."""

    run: RunDir
    session: Session
    url: str

    @property
    def decisions(self) -> tuple[Decision, ...]:
        return read_decisions(self.run.path / DECISIONS)


@contextmanager
def serving(run: RunDir, *, language: str | None = None, audit_sample: int = 0) -> Iterator[Server]:
    session = Session(run, reviewer="Ada", audit_sample=audit_sample)
    listening = listening_on(0)
    port = listening.getsockname()[1]
    app = make_app(session, Showing(run, session), token=TOKEN, port=port, language=language)
    config = uvicorn.Config(app, http="h11", ws="none", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield Server(run, session, f"http://127.0.0.1:{port}/?token={TOKEN}")
    finally:
        server.force_exit = server.should_exit = True
        thread.join()
        listening.close()


@contextmanager
def program(run: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`dataclinic review` as a person starts it, and the address it prints."""
    command = [sys.executable, "-m", "dataclinic", "review", str(run), "--port", str(port), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGKILL)


@dataclass
class Reviewer:
    """A person before the page; `trouble` is what the page threw or complained of, `asked` all it asked for."""

    page: Any
    server: Server | None = None
    trouble: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.page.wait_for_selector(READY)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, each once the page has done what the one before asked for."""
        for key in keys:
            self.page.keyboard.press(key)
            self.settled()
            if key == "Escape":
                self.page.wait_for_selector("dialog[open]", state="hidden")

    def settled(self) -> None:
        self.page.wait_for_selector("body:not(.busy)")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def until(self, condition: Any, seconds: float = 5.0) -> None:
        """Wait for something that no selector tells."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            self.page.wait_for_timeout(20)

    @property
    def rank(self) -> int:
        return int(re.sub(r"\D", "", self.page.locator("#rank").inner_text()))

    def text(self, selector: str) -> str:
        shown: str = self.page.locator(selector).inner_text()
        return shown.strip()

    @property
    def bar(self) -> str:
        return self.text("#saved")


def lines(run: Path) -> list[dict[str, Any]]:
    file = run / DECISIONS
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def verdicts(reviewer: Reviewer) -> list[tuple[str, str | None]]:
    """Those that stand on disk, in order."""
    assert reviewer.server is not None
    return [(one.verdict, one.label) for one in reviewer.server.decisions]
