"""Other pages in the reviewer's browser: what they try reaches the server with a cookie, and changes nothing."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_judgement import make_judged_run
from made_runs import Made
from served_reviews import READY, Reviewer, serving

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ATTACK = """async (target) => {
  const verdict = JSON.stringify({row: 0, verdict: "drop", label: null, filters: {}});
  const tries = {
    simple: {mode: "no-cors", method: "POST", credentials: "include", body: verdict},
    json: {method: "POST", credentials: "include", headers: {"Content-Type": "application/json"}, body: verdict},
    blob: {mode: "no-cors", method: "POST", credentials: "include", body: new Blob([verdict], {type: "text/plain"})},
  };
  const got = {};
  for (const [name, options] of Object.entries(tries)) {
    got[name] = await fetch(`${target}/api/verdicts`, options).then((answer) => answer.type, () => "failed");
  }
  const read = fetch(`${target}/api/next`, {credentials: "include"});
  got.read = await read.then((answer) => answer.text(), () => "failed");
  got.picture = await new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve("loaded");
    image.onerror = () => resolve("failed");
    image.src = `${target}/api/pictures/1?size=small`;
  });
  const form = Object.assign(document.createElement("form"), {
    method: "post", action: `${target}/api/verdicts`, enctype: "text/plain", target: "inside",
  });
  const frame = Object.assign(document.createElement("iframe"), {name: "inside"});
  form.append(Object.assign(document.createElement("input"), {name: verdict.slice(0, -1) + ', "x": "', value: '"}'}));
  document.body.append(frame, form);
  await new Promise((resolve) => { frame.onload = resolve; form.submit(); });
  return got;
}"""
"""Whatever a page can do without leave of the other: each of these would be a verdict, were it let in."""


@pytest.fixture
def server(tmp_path):
    with serving(make_judged_run(tmp_path / "run", Made(samples=60, flagged=20))) as server:
        yield server


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def another_site(folder):
    """A page on another port of this machine, which browsers take for the same site."""
    site = HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = Thread(target=site.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{site.server_port}"
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_another_page_can_neither_decide_nor_look(server, page, tmp_path, name):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<!doctype html><title>another page</title>")
    page.goto(server.url)
    page.wait_for_selector(READY)
    with another_site(tmp_path / "site") as address:
        page.goto(f"http://{address.replace('127.0.0.1', name)}/index.html")
        got = page.evaluate(ATTACK, server.url.partition("/?")[0])
    assert (got["json"], got["read"], got["picture"]) == ("failed", "failed", "failed")
    assert server.decisions == ()
    # What was refused is refused to that page alone.
    page.goto(server.url.partition("?")[0])
    page.wait_for_selector(READY)
    Reviewer(page).press("d")
    assert len(server.decisions) == 1


def test_a_page_of_this_machine_cannot_frame_the_review(server, page, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<!doctype html><title>another page</title>")
    with another_site(tmp_path / "site") as address:
        page.goto(f"http://{address}/index.html")
        frame = f"<iframe src='{server.url}' onload='document.title = \"done\"'></iframe>"
        page.evaluate("(frame) => { document.body.innerHTML = frame; }", frame)
        page.wait_for_function("document.title === 'done'")
        assert not page.frames[1].query_selector("#sample")


def test_the_printed_address_opens_from_a_link_in_another_page(server, page, tmp_path):
    """As in a terminal that is itself a page: a strict cookie is not sent along with a redirect from there."""
    link = tmp_path / "link.html"
    link.write_text(f"<!doctype html><title>link</title><a href='{server.url}'>open</a>")
    page.goto(link.as_uri())
    page.click("a")
    page.wait_for_selector(READY)
    assert page.url == server.url.partition("?")[0]


def test_the_address_leaves_no_token_in_the_page_or_its_history(server, page):
    page.goto(server.url)
    page.wait_for_selector(READY)
    token = server.url.partition("token=")[2]
    assert token not in page.url + page.content() + page.evaluate("document.cookie + document.referrer")
