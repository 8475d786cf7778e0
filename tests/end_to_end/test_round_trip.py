"""Audit, review, export, audit again: the real programs one after another, and a reviewer who knows the truth."""

import http.client
import json
import os
import re
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest

QUICK = ("--model", "linear_head", "--folds", "3", "--repeats", "2", "--fixes", "none")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


class Reviewer:
    """A client of the review page's own interface."""

    def __init__(self, address):
        url = urlsplit(address)
        self.host, self.headers = url.netloc, {"Authorization": f"Bearer {url.query.partition('=')[2]}"}

    def get(self, path):
        return self._ask("GET", path, None, {})

    def post(self, path, content):
        headers = {"Content-Type": "application/json", "Origin": f"http://{self.host}"}
        return self._ask("POST", path, json.dumps(content), headers)

    def _ask(self, method, path, body, headers):
        with closing(http.client.HTTPConnection(self.host, timeout=20)) as connection:
            connection.request(method, path, body, {**self.headers, **headers})
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status == 200, content
        return json.loads(content)


@contextmanager
def reviewing(run):
    command = [sys.executable, "-m", "dataclinic", "review", str(run), "--no-browser", "--reviewer", "anna"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as server:
        try:
            line = server.stdout.readline()
            yield Reviewer(re.search(r"http://\S+", line).group())
        finally:
            server.terminate()


def decide_all(run, truth):
    """Every suspect gets its true label; gives how many verdicts that took."""
    nothing = {"label": None, "check": None, "beyond": False}
    decided = 0
    with reviewing(run) as reviewer:
        state = reviewer.get("/api/next")
        while (sample := state["sample"]) is not None:
            label = truth[sample["id"]]
            verdict = {"verdict": "keep", "label": None}
            if label != sample["given"]:
                verdict = {"verdict": "relabel", "label": label}
            state = reviewer.post("/api/verdicts", {"row": sample["row"], **verdict, "filters": nothing})
            decided += 1
    return decided


def test_what_a_review_decided_is_exported_and_the_next_audit_finds_fewer(cli, survey):
    truth = {str(row): str(label) for row, label in enumerate(survey.true)}
    before = survey.path.read_bytes()
    assert cli("audit", survey.path, "--label", "grade", *QUICK, "--out", "first").code == 0
    suspects = pd.read_csv("first/suspects.csv")
    decided = decide_all(Path("first"), truth)
    assert decided >= len(suspects) > 5

    dry = cli("export", "first", "cleaned")
    assert dry.code == 0, dry.err
    assert not Path("cleaned").exists()
    assert cli("export", "first", "cleaned", "--write").code == 0
    cleaned = pd.read_csv("cleaned/survey.csv")
    wrong = (cleaned["grade"] != survey.true).sum()
    assert wrong <= len(survey.switched) / 4
    assert survey.path.read_bytes() == before

    assert cli("audit", "cleaned/survey.csv", "--label", "grade", *QUICK, "--out", "second").code == 0
    again = pd.read_parquet("second/ranking.parquet")
    assert again["flagged"].sum() <= len(suspects) / 3
    told = cli("compare", "first", "second", "--json")
    assert told.code == 0, told.err
    found = json.loads(told.out)
    assert found["suspects"]["fixed"] >= len(suspects) * 2 / 3
    assert cli("check", "first", "--fail-on", "label_errors > 2%").code in {0, 1}
    assert cli("check", "second", "--fail-on", "label_errors > 2%").code == 0
