"""The door of the review's server: who may ask, from where, and with how much."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY_BYTES = 64 * 1024
"""A verdict takes some hundred bytes; class names may be long."""

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
"""Of every answer: nothing is loaded from elsewhere, kept, framed or told to others."""

NAMES = frozenset({b"127.0.0.1", b"localhost"})

GO_ON = '<!doctype html><meta charset="utf-8"><title>dataclinic</title><meta http-equiv="refresh" content="0;url=/">'
"""Where another site's link led here, browsers send a strict cookie only with what this page itself asks for."""


class Guard:
    """Lets requests through to `app` that come from its own page, or from a program that has the token.

    It stands before every path, known or not. Another site that a browser has open can reach 127.0.0.1 too: by its
    own name (Host), from its own page (Origin, Sec-Fetch-Site), and without having seen the token. Each of these alone
    is refused.

    `once` is a second token that opens the page a single time: the one that a browser is started with, where other
    users of the machine see it in the list of processes.
    """

    def __init__(self, app: ASGIApp, *, token: str, port: int, once: str | None = None) -> None:
        self._app = app
        self._token = token.encode()
        self._once = None if once is None else once.encode()
        self._port = port
        self._cookie = f"dataclinic-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        guarded = _with_headers(send)
        asked = _Asked.of(scope)
        answer = self._refusal(asked) or self._opening(asked) or self._unknown(asked)
        if answer is None:
            body = await _body(receive, asked)
            if body is not None:
                await self._app(scope, _replayed(body, receive), guarded)
                return
            answer = PlainTextResponse("the request is too large\n", 413)
        await answer(scope, receive, guarded)

    def _refusal(self, asked: _Asked) -> Response | None:
        """Why the request is none of this page, whoever sends it."""
        if asked.method not in {"GET", "POST"}:
            return PlainTextResponse("only GET and POST\n", 405, headers={"allow": "GET, POST"})
        if not self._is_own_host(asked):
            return _refused("this address is not that of the review")
        own = b"http://" + asked.one(b"host").lower()
        if asked.has(b"origin") and asked.one(b"origin").lower() != own:
            return _refused("the request comes from another page")
        return None if asked.method == "GET" else self._refused_change(asked)

    def _refused_change(self, asked: _Asked) -> Response | None:
        if not asked.has(b"origin") and asked.one(b"sec-fetch-site") != b"same-origin":
            return _refused("a request that changes something says where it comes from")
        if asked.one(b"content-type").partition(b";")[0].strip().lower() != b"application/json":
            return _refused("a request that changes something is JSON")
        return None

    def _opening(self, asked: _Asked) -> Response | None:
        """Opens the page, with the token in its address; nothing else takes the token from there."""
        if asked.method != "GET" or asked.path != "/" or asked.token is None:
            return None
        if not self._admits(asked.token):
            return _refused("this token is not that of the review, or was used before")
        elsewhere = asked.has(b"sec-fetch-site") and asked.one(b"sec-fetch-site") not in {b"none", b"same-origin"}
        answer = HTMLResponse(GO_ON) if elsewhere else RedirectResponse("/", 303)
        answer.set_cookie(self._cookie, self._token.decode(), httponly=True, samesite="strict", path="/")
        return answer

    def _unknown(self, asked: _Asked) -> Response | None:
        """A request without the token, or one that another page of this machine makes the browser send."""
        if asked.has(b"sec-fetch-site") and asked.one(b"sec-fetch-site") not in {b"none", b"same-origin"}:
            return _refused("the request comes from another page")
        scheme, _, given = asked.one(b"authorization").partition(b" ")
        known = scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), self._token)
        known |= any(hmac.compare_digest(value, self._token) for value in asked.cookies(self._cookie.encode()))
        return None if known else _refused("open the address that dataclinic review printed, with its token")

    def _admits(self, token: bytes) -> bool:
        if hmac.compare_digest(token, self._token):
            return True
        if self._once is None or not hmac.compare_digest(token, self._once):
            return False
        self._once = None
        return True

    def _is_own_host(self, asked: _Asked) -> bool:
        name, _, port = asked.one(b"host").lower().rpartition(b":")
        return name in NAMES and port == str(self._port).encode()


@dataclass(frozen=True)
class _Asked:
    """What of a request decides whether it is let through; `token` is that of its query."""

    method: str
    path: str
    token: bytes | None
    headers: tuple[tuple[bytes, bytes], ...]

    @classmethod
    def of(cls, scope: Scope) -> _Asked:
        query = parse_qs(scope["query_string"][:1024].decode("latin-1"), encoding="latin-1")
        given = query.get("token", [None])[0]
        return cls(
            scope["method"], scope["path"], None if given is None else given.encode("latin-1"), tuple(scope["headers"])
        )

    def has(self, name: bytes) -> bool:
        return any(key == name for key, _ in self.headers)

    def one(self, name: bytes) -> bytes:
        """The header's value; empty where it is missing or there are several."""
        values = [value for key, value in self.headers if key == name]
        return values[0] if len(values) == 1 else b""

    def cookies(self, name: bytes) -> list[bytes]:
        """Every cookie of that name: pages on other ports of this machine share them."""
        parts = (
            part.strip().partition(b"=")
            for key, value in self.headers
            if key == b"cookie"
            for part in value.split(b";")
        )
        return [value for key, _, value in parts if key == name]


def _refused(why: str) -> Response:
    return PlainTextResponse(f"refused: {why}\n", 403)


def _with_headers(send: Send) -> Send:
    ours = {name for name, _ in HEADERS}

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in ours]
            message["headers"] = [*kept, *HEADERS]
        await send(message)

    return guarded


async def _body(receive: Receive, asked: _Asked) -> bytes | None:
    """The whole body; None where it is too large, whatever its length was said to be."""
    said = asked.one(b"content-length")
    if said.isdigit() and int(said[:20]) > MOST_BODY_BYTES:
        return None
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        size, more = size + len(parts[-1]), message.get("more_body", False)
        if size > MOST_BODY_BYTES:
            return None
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once more, then what comes after it."""
    read = False

    async def replay() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
