"""Published weights against a hub that is really served, refused, silent or switched off."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dataclinic.errors import WeightsError
from dataclinic.methods import weight_hub
from dataclinic.methods.weight_hub import fetch_weights

CONTENT = b"published weights"
FETCH = """
import sys
from dataclinic.methods.weight_hub import fetch_weights
print(fetch_weights(sys.argv[1], "model.safetensors"))
"""


class Hub(BaseHTTPRequestHandler):
    """Answers for one file as the hub does."""

    def do_HEAD(self):
        self._answer(body=b"")

    def do_GET(self):
        self._answer(body=CONTENT)

    def _answer(self, body):
        known = self.path == "/ours/net/resolve/main/model.safetensors"
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(CONTENT) if known else 0))
        self.send_header("ETag", f'"{hashlib.sha256(CONTENT).hexdigest()}"')
        if not known:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("X-Repo-Commit", "a" * 40)
        self.end_headers()
        if known:
            self.wfile.write(body)

    def log_message(self, *parts):
        pass


@pytest.fixture
def hub():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def deaf():
    """A port that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def asking(monkeypatch):
    """Fetch from a hub at some address, in this process."""

    def ask(endpoint):
        monkeypatch.setattr(weight_hub.constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(weight_hub.constants, "ENDPOINT", endpoint)
        return fetch_weights("ours/never-published", "model.safetensors")

    return ask


def fetch(endpoint, home, repo="ours/net"):
    """Path printed by another process, which reads the environment as huggingface_hub does: when it starts."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment = {**known, "HF_ENDPOINT": endpoint, "HF_HOME": str(home), "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-c", FETCH, repo]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip(), done.stderr


def test_downloads_once_and_then_needs_no_hub(hub, tmp_path):
    path, _ = fetch(hub, tmp_path)
    with open(path, "rb") as file:  # noqa: PTH123 - the path of another process
        assert file.read() == CONTENT
    again, _ = fetch("http://127.0.0.1:9", tmp_path)  # the discard port: nobody is there
    assert again == path


def test_an_unknown_repository_is_refused_with_the_hubs_reason(hub, tmp_path):
    path, said = fetch(hub, tmp_path, repo="ours/never-published")
    assert path == ""
    assert "WeightsError: weights of ours/never-published are not on this machine, and the download failed: 404" in said


def test_nobody_there_is_found_out_at_once(asking):
    began = time.monotonic()
    with pytest.raises(WeightsError, match="cannot be reached") as refused:
        asking("http://127.0.0.1:9")
    assert "--weights FILE" in refused.value.hint
    assert time.monotonic() - began < 2


def test_a_hub_that_does_not_answer_is_given_up_on(deaf, asking, monkeypatch):
    monkeypatch.setattr(weight_hub, "PATIENCE_SECONDS", 0.3)
    began = time.monotonic()
    with pytest.raises(WeightsError, match="cannot be reached"):
        asking(deaf)
    assert time.monotonic() - began < 2


def test_an_address_that_is_none_is_refused(asking):
    with pytest.raises(WeightsError, match="not a web address"):
        asking("file:///etc")


def test_switched_off_is_not_tried(monkeypatch):
    monkeypatch.setattr(weight_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE is set"):
        fetch_weights("ours/never-published", "model.safetensors")
