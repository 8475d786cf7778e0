"""The command: what it prints, how it ends, and what it refuses before it serves anything."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_runs import Made, make_run

from dataclinic.cli import review
from dataclinic.review import serving

ADDRESSES = serving.Addresses("http://127.0.0.1:5/?token=page", "http://127.0.0.1:5/?token=once", 5)


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run", Made("table", samples=40, flagged=10))


@pytest.fixture
def served(monkeypatch):
    """What the server was started with; it comes to its end at once, after `then` was called with the session."""
    started = {"then": lambda _session: None}

    def serve(session, _showing, *, port, language, ready):
        started.update(session=session, port=port, language=language)
        ready(ADDRESSES)
        started["then"](session)

    monkeypatch.setattr(serving, "serve", serve)
    return started


@pytest.fixture
def browser(monkeypatch):
    """Addresses that were opened, on a machine with a screen that nobody is logged into from elsewhere."""
    opened = []
    monkeypatch.setattr(review, "_open_browser", opened.append)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    return opened


def test_prints_the_address_alone_on_stdout_and_opens_one_that_works_once(cli, run, served, browser):
    result = cli("review", run.path)
    assert (result.code, result.out) == (0, "http://127.0.0.1:5/?token=page\n")
    assert "Ctrl-C" in result.err
    assert browser == ["http://127.0.0.1:5/?token=once"]
    assert "token" not in result.err


def test_opens_no_browser_where_none_is_wanted(cli, run, served, browser):
    assert cli("review", run.path, "--no-browser").code == 0
    assert browser == []


def test_says_what_was_decided_and_what_to_do_next(cli, run, served, browser):
    def decide(session):
        session.decide(0, "drop")
        session.decide(1, "keep")
        session.decide(2, "ambiguous")
        session.undo()

    served["then"] = decide
    err = cli("review", run.path).err
    assert "2 verdicts (0 relabelled, 1 kept, 1 dropped, 0 ambiguous)" in err
    assert str(run.path / "decisions.jsonl") in err
    assert f"dataclinic export {run.path} DEST" in err
    assert "dataclinic merge-decisions" in err


def test_says_that_nothing_was_decided(cli, run, served, browser):
    assert "no verdict" in cli("review", run.path).err


def test_verdicts_are_signed_with_the_login_name_or_the_one_that_is_given(cli, run, served, browser, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ann")
    cli("review", run.path)
    assert served["session"].reviewer == "ann"
    cli("review", run.path, "--reviewer", "bo", "--port", "8123", "--language", "zh")
    assert (served["session"].reviewer, served["port"], served["language"]) == ("bo", 8123, "zh")


def test_a_machine_without_login_names_signs_with_none(cli, run, served, browser, monkeypatch):
    def unknown():
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", unknown)
    cli("review", run.path)
    assert served["session"].reviewer == ""


def test_on_a_remote_machine_it_says_how_to_get_there(cli, run, served, browser, monkeypatch):
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    assert "ssh -N -L 5:127.0.0.1:5" in cli("review", run.path).err


@pytest.mark.parametrize("variables", [{"SSH_CONNECTION": "x", "DISPLAY": ":0"}, {}])
def test_no_browser_takes_over_a_terminal(monkeypatch, variables):
    for name in ("SSH_CONNECTION", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("webbrowser.open", lambda _: pytest.fail("a browser was opened"))
    review._open_browser("http://127.0.0.1:5/")


def test_draws_the_audit_sample_that_was_asked_for(cli, run, served, browser):
    cli("review", run.path, "--audit-sample", "7")
    assert served["session"].standing().audit_size == 7


def test_refuses_what_is_no_run(cli, tmp_path, served):
    result = cli("review", tmp_path / "none")
    assert (result.code, result.out) == (2, "")
    assert "no such run" in result.err


def test_refuses_a_port_that_is_taken(cli, run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = cli("review", run.path, "--no-browser", "--port", taken.getsockname()[1])
    assert (result.code, result.out) == (2, "")
    assert "cannot listen on port" in result.err


def test_the_program_starts_without_the_server():
    code = "import dataclinic.cli.app, sys; print(*({'starlette', 'uvicorn', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
