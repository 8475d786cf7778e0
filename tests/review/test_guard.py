"""Who is let in: the page itself and programs with the token; everybody else is refused at every path."""

from __future__ import annotations

import anyio
import pytest
from made_audits import HOME, PORT, TOKEN, make_table, review_of
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient, WebSocketDisconnect

from dataclinic.review.guard import MOST_BODY_BYTES, POLICY, Guard

COOKIE = {"cookie": f"dataclinic-{PORT}={TOKEN}"}
JSON = {"content-type": "application/json"}
PATHS = ["/", "/api/session", "/api/next", "/static/review.js", "/api/pictures/0", "/no/such/path", "/favicon.ico"]


async def inner(scope, receive, send):
    """Says what it was sent, so that a test sees what came through."""
    message = await receive()
    await PlainTextResponse(b"let in " + message["body"])(scope, receive, send)


@pytest.fixture
def client():
    """Without cookie, token or origin: each test adds what it is about."""
    guard = Guard(inner, token=TOKEN, port=PORT, once="once-only")
    return TestClient(guard, base_url=HOME, follow_redirects=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    return review_of(make_table(tmp_path_factory.mktemp("guarded")))


@pytest.mark.parametrize("path", PATHS)
def test_no_path_answers_without_the_token(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/plain; charset=utf-8")
    assert "let in" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": f"dataclinic-{PORT}=wrong"},
        {"cookie": f"dataclinic-{PORT}="},
        {"cookie": f"dataclinic-{PORT + 1}={TOKEN}"},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": TOKEN},
    ],
)
def test_a_wrong_token_is_refused(client, headers):
    assert client.get("/api/session", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        COOKIE,
        {"authorization": f"Bearer {TOKEN}"},
        {"cookie": f"other=a; broken; dataclinic-{PORT}=stale; dataclinic-{PORT}={TOKEN}; last={{"},
    ],
)
def test_the_token_lets_in_whatever_other_pages_of_this_machine_left(client, headers):
    assert client.get("/api/session", headers=headers).text == "let in "


@pytest.mark.parametrize("path", ["/api/session", "/api/next", "/static/review.js", "/favicon.ico"])
def test_the_token_in_an_address_opens_the_page_alone(client, path):
    assert client.get(path, params={"token": TOKEN}).status_code == 403


def test_opening_sets_a_cookie_that_no_script_and_no_other_site_can_use(client):
    answer = client.get("/", params={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["set-cookie"] == f"dataclinic-{PORT}={TOKEN}; HttpOnly; Path=/; SameSite=strict"
    assert client.get("/").text == "let in "


def test_a_link_on_another_site_opens_the_page_by_a_step_of_its_own(client):
    """Browsers send a strict cookie only with what the page itself asks for, and a redirect is not that."""
    answer = client.get("/", params={"token": TOKEN}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert 'content="0;url=/"' in answer.text
    assert "set-cookie" in answer.headers


@pytest.mark.parametrize("token", ["wrong", "", "\xff", "токен", TOKEN[:-1], f"{TOKEN}x"])
def test_a_wrong_token_opens_nothing(client, token):
    answer = client.get("/", params={"token": token})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_token_for_the_browser_opens_the_page_a_single_time(client):
    assert client.get("/", params={"token": "once-only"}).status_code == 303
    client.cookies.clear()
    assert client.get("/", params={"token": "once-only"}).status_code == 403
    assert client.get("/", params={"token": TOKEN}).status_code == 303


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        f"example.com:{PORT}",
        f"127.0.0.1.example.com:{PORT}",
        f"localhost.example.com:{PORT}",
        "127.0.0.1",
        "localhost",
        f"127.0.0.1:{PORT + 1}",
        f"127.0.0.1:{PORT}.example.com",
        f"0.0.0.0:{PORT}",
        f"[::1]:{PORT}",
        f"user@127.0.0.1:{PORT}",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/next", "/static/review.js", f"/?token={TOKEN}"])
def test_a_foreign_host_is_refused_even_with_the_token(client, host, path):
    """As after DNS rebinding: the name of another site that leads to 127.0.0.1."""
    assert client.get(path, headers={**COOKIE, "host": host}).status_code == 403


def test_two_hosts_are_refused(client):
    headers = [*COOKIE.items(), ("host", f"127.0.0.1:{PORT}"), ("host", "example.com")]
    assert client.get("/api/next", headers=headers).status_code == 403


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"LOCALHOST:{PORT}", f"127.0.0.1:{PORT}"])
def test_both_names_of_this_machine_are_its_own(client, host):
    origin = f"http://{host.lower()}"
    assert client.get("/api/next", headers={**COOKIE, "host": host, "origin": origin}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://example.com",
        "null",
        f"https://127.0.0.1:{PORT}",
        f"http://localhost:{PORT}",
        f"http://127.0.0.1:{PORT + 1}",
        "http://127.0.0.1",
        f"http://127.0.0.1:{PORT}.example.com",
        f"{HOME}/",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/next", f"/?token={TOKEN}"])
def test_a_foreign_origin_is_refused_even_with_the_token(client, origin, path):
    assert client.get(path, headers={**COOKIE, "origin": origin}).status_code == 403
    assert client.post(path, headers={**COOKIE, **JSON, "origin": origin}, content=b"{}").status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "unheard-of"])
def test_what_another_page_makes_the_browser_send_is_refused(client, site):
    """Pages of other ports of this machine are of the same site: they have the cookie, and are another page."""
    assert client.get("/api/pictures/0", headers={**COOKIE, "sec-fetch-site": site}).status_code == 403
    headers = {**COOKIE, **JSON, "sec-fetch-site": site, "origin": HOME}
    assert client.post("/api/undo", headers=headers, content=b"{}").status_code == 403


@pytest.mark.parametrize("place", [{"origin": HOME}, {"sec-fetch-site": "same-origin"}])
def test_a_change_comes_in_from_the_page_itself(client, place):
    headers = {**COOKIE, **JSON, **place}
    assert client.post("/api/undo", headers=headers, content=b'{"a": 1}').text == 'let in {"a": 1}'


@pytest.mark.parametrize("place", [{}, {"sec-fetch-site": "none"}])
def test_a_change_that_does_not_say_where_it_comes_from_is_refused(client, place):
    assert client.post("/api/undo", headers={**COOKIE, **JSON, **place}, content=b"{}").status_code == 403


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"]
)
def test_a_change_that_is_no_json_is_refused(client, kind):
    headers = {**COOKIE, "origin": HOME, **({} if kind is None else {"content-type": kind})}
    assert client.post("/api/undo", headers=headers, content=b"{}").status_code == 403


def test_json_may_name_its_character_set(client):
    headers = {**COOKIE, "origin": HOME, "content-type": "application/json; charset=utf-8"}
    assert client.post("/api/undo", headers=headers, content=b"{}").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"])
def test_other_methods_are_refused_without_a_word_about_other_sites(client, method):
    answer = client.request(method, "/api/verdicts", headers={**COOKIE, "origin": HOME})
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_large_body_is_refused(client):
    headers = {**COOKIE, **JSON, "origin": HOME}
    assert client.post("/api/undo", headers=headers, content=b"x" * MOST_BODY_BYTES).status_code == 200
    assert client.post("/api/undo", headers=headers, content=b"x" * (MOST_BODY_BYTES + 1)).status_code == 413


def test_a_large_body_is_refused_whatever_length_it_claims():
    """Sent in parts, as nobody has to say beforehand how long it will be."""
    parts = iter([{"type": "http.request", "body": b"x" * 40_000, "more_body": True}] * 10)
    headers = [(b"host", HOME[7:].encode()), (b"origin", HOME.encode()), (b"content-type", b"application/json")]
    headers.append((b"cookie", COOKIE["cookie"].encode()))
    scope = {"type": "http", "method": "POST", "path": "/api/undo", "query_string": b"", "headers": headers}
    sent, read = [], []

    async def receive():
        read.append(1)
        return next(parts)

    async def send(message):
        sent.append(message)

    anyio.run(Guard(inner, token=TOKEN, port=PORT), scope, receive, send)
    assert sent[0]["status"] == 413
    assert len(read) == 2


def test_websockets_are_refused(client):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/", headers=COOKIE):
        pass


@pytest.mark.parametrize("path", ["/", "/api/session", "/static/review.js", "/api/next?label=none", "/no/such/path"])
def test_every_answer_forbids_what_is_not_needed(served, path):
    answers = [served.client.get(path), TestClient(served.client.app, base_url=HOME).get(path)]
    answers.append(served.client.get("/", params={"token": TOKEN}))
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_failing_answer_has_the_headers_too(client):
    async def broken(scope, receive, send):
        await send({"type": "http.response.start", "status": 500, "headers": [(b"cache-control", b"public")]})
        await send({"type": "http.response.body", "body": b""})

    answer = TestClient(Guard(broken, token=TOKEN, port=PORT), base_url=HOME).get("/x", headers=COOKIE)
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert answer.headers["content-security-policy"] == POLICY
