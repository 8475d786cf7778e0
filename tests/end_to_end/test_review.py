"""The real program on a real run: verdicts over HTTP, killed in the middle, and started once more."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_runs import Made, make_run

from dataclinic.rundir.decisions import read_decisions

STORM = 40
"""Verdicts that are acknowledged before the server is killed."""

SAMPLES = 2000
"""More than are decided until it is."""


class Browser:
    """One connection to the server, with the cookie that opening the page gave."""

    def __init__(self, address):
        parts = urlsplit(address)
        self.origin, self.host, self.opening = f"http://{parts.netloc}", parts.netloc, f"/?{parts.query}"
        self.connection = http.client.HTTPConnection(self.host, timeout=30)
        self.cookie = None

    def ask(self, method, path, body=None, **headers):
        sent = {"cookie": self.cookie} if self.cookie else {}
        if method == "POST":
            sent |= {"origin": self.origin, "content-type": "application/json"}
        self.connection.request(method, path, None if body is None else json.dumps(body), {**sent, **headers})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def open(self):
        status, headers, _ = self.ask("GET", self.opening)
        self.cookie = headers["set-cookie"].partition(";")[0]
        return status

    def json(self, method, path, body=None):
        status, _, content = self.ask(method, path, body)
        assert status == 200, content
        return json.loads(content)


@contextmanager
def served(run, *options):
    """The program, and a browser that opened its page."""
    command = [sys.executable, "-m", "dataclinic", "review", str(run), "--no-browser", "--reviewer", "ann", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        try:
            browser = Browser(program.stdout.readline().strip())
            with closing(browser.connection):
                assert browser.open() == 303
                yield program, browser
        finally:
            program.kill()


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", Made("table", samples=60, flagged=20)).path


def decide_until_killed(program, browser, acknowledged, enough):
    """Drop sample after sample as fast as the server answers; what it acknowledged is in `acknowledged`."""
    row = browser.json("GET", "/api/next?beyond=1")["sample"]["row"]
    body = {"verdict": "drop", "filters": {"beyond": True}}
    try:
        while True:
            state = browser.json("POST", "/api/verdicts", {"row": row, **body})
            acknowledged.append(row)
            row = state["sample"]["row"]
            if len(acknowledged) >= STORM:
                enough.set()
    except (ConnectionError, http.client.HTTPException):
        enough.set()


def test_a_kill_in_the_middle_of_a_storm_of_verdicts_loses_none(tmp_path):
    run = make_run(tmp_path / "run", Made("table", samples=SAMPLES, flagged=20)).path
    ranking = pd.read_parquet(run / "ranking.parquet")
    names = dict(zip(ranking["id"], ranking["row"].tolist(), strict=True))
    acknowledged, enough = [], threading.Event()
    with served(run) as (program, browser):
        storm = threading.Thread(target=decide_until_killed, args=(program, browser, acknowledged, enough))
        storm.start()
        assert enough.wait(60)
        program.send_signal(signal.SIGKILL)
        storm.join(30)
    assert STORM <= len(acknowledged) < SAMPLES
    kept = [names[decision.id] for decision in read_decisions(run / "decisions.jsonl")]
    # The one that was under way when the server died may be on disk, though nobody was told.
    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) <= len(acknowledged) + 1
    with served(run) as (_, browser):
        state = browser.json("GET", "/api/next?beyond=1")
        assert state["standing"]["dropped"] == len(kept)
        assert state["left"] == SAMPLES - len(kept)
        assert state["sample"]["row"] not in kept
        assert state["sample"]["decision"] is None
        undone = browser.json("POST", "/api/undo", {"filters": {"beyond": True}})
        assert undone["sample"]["row"] == kept[-1]
        state = browser.json("POST", "/api/verdicts", {"row": kept[-1], "verdict": "keep", "filters": {"beyond": True}})
        assert (state["standing"]["dropped"], state["standing"]["kept"]) == (len(kept) - 1, 1)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_is_its_proper_end(run, how):
    with served(run) as (program, browser):
        row = browser.json("GET", "/api/next")["sample"]["row"]
        browser.json("POST", "/api/verdicts", {"row": row, "verdict": "drop"})
        program.send_signal(how)
        out, err = program.communicate(timeout=20)
    assert program.returncode == 0
    assert "1 verdict (0 relabelled, 0 kept, 1 dropped, 0 ambiguous)" in err
    assert "token" not in out + err


def test_listens_to_this_machine_alone_and_refuses_strangers(run):
    with served(run, "--audit-sample", "5") as (_, browser):
        port = int(browser.host.rpartition(":")[2])
        assert browser.host.startswith("127.0.0.1:")
        assert browser.ask("GET", "/api/next")[0] == 200
        assert browser.ask("GET", "/api/next", host=f"rebound.example.com:{port}")[0] == 403
        assert browser.ask("GET", "/api/next", origin="http://example.com")[0] == 403
        assert browser.ask("GET", "/api/next", cookie="")[0] == 403
        assert browser.ask("GET", f"/api/next{browser.opening[1:]}", cookie="")[0] == 403
        for path in (
            "/static/../app.py",
            "/static/..%2fapp.py",
            "/static/%2e%2e/%2e%2e/pyproject.toml",
            "//etc/passwd",
        ):
            assert browser.ask("GET", path)[0] == 404
        body = json.dumps({"row": 0, "verdict": "drop", "pad": "x" * 70_000})
        browser.connection.request(
            "POST",
            "/api/verdicts",
            body,
            {"cookie": browser.cookie, "origin": browser.origin, "content-type": "application/json"},
        )
        assert browser.connection.getresponse().status == 413
    assert not (run / "decisions.jsonl").exists()


def test_a_broken_file_is_told_in_the_page_and_not_thrown_at_the_terminal(run):
    (run / "previews.json").write_text("broken")
    with served(run) as (program, browser):
        status, _, content = browser.ask("GET", "/api/next")
        assert status == 400
        assert "previews.json" in json.loads(content)["error"]
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=20)
    assert "Traceback" not in err
