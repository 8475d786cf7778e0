"""The server of a review: the page, the samples it shows and the verdicts it sends."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from dataclinic.errors import DataclinicError, DecisionsError, ReviewError
from dataclinic.report.wording import check_title
from dataclinic.review.asked import AskedSkip, AskedUndo, AskedVerdict, filters_of, parsed, row_of
from dataclinic.review.files import STATIC, static_file, words_file
from dataclinic.review.guard import Guard
from dataclinic.review.session import RERANK_EVERY

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from dataclinic.edits import Decision
    from dataclinic.review.queue import Filters
    from dataclinic.review.session import Session
    from dataclinic.review.showing import Showing

PICTURES_PX = {"large": 1200, "small": 240}
"""Longest side of a picture: what fills a screen, and what stands beside it."""

UPCOMING = 3
"""Samples that the page may fetch ahead."""

HTML = "text/html; charset=utf-8"


def make_app(
    session: Session,
    showing: Showing,
    *,
    token: str,
    port: int,
    language: str | None = None,
    once: str | None = None,
) -> ASGIApp:
    """The server of the review on 127.0.0.1.

    Args:
        session: the review.
        showing: what is shown of its samples.
        token: opens the page, and every other request needs it.
        port: on which it is reached.
        language: "en" or "zh" of the page; None leaves it to the browser.
        once: a token that opens the page a single time.
    """
    api = _Api(session, showing, language)
    routes = [
        Route("/", api.page),
        Route("/favicon.ico", _nothing),
        Route(f"/{STATIC}/{{name}}", _static),
        Route("/api/words/{language}", _words),
        Route("/api/session", api.about),
        Route("/api/next", api.next),
        Route("/api/samples/{row}", api.sample),
        Route("/api/pictures/{row}", api.picture),
        Route("/api/verdicts", _posted(api.decide), methods=["POST"]),
        Route("/api/skip", _posted(api.skip), methods=["POST"]),
        Route("/api/undo", _posted(api.undo), methods=["POST"]),
    ]
    app = Starlette(routes=routes, exception_handlers={DataclinicError: _failed, HTTPException: _no_page})
    app.router.redirect_slashes = False
    return Guard(app, token=token, port=port, once=once)


@dataclass(frozen=True)
class _Api:
    """Answers, each made in a thread of its own: disk and tables are waited for there."""

    session: Session
    showing: Showing
    language: str | None

    def page(self, _request: Request) -> Response:
        content, _ = static_file("review.html")
        if self.language is not None:
            content = content.replace(b'lang="en"', f'lang="{self.language}"'.encode(), 1)
        return Response(content, media_type=HTML)

    def about(self, _request: Request) -> Response:
        session, record = self.session, self.session.run.record
        return _json(
            {
                "run": session.run.path.absolute().name,
                "source": record.get("source", ""),
                "task": session.task,
                "kind": record["dataset"]["kind"],
                "classes": session.classes,
                "checks": [_check(name) for name in session.checks],
                "reviewer": session.reviewer,
                "samples": record["dataset"]["samples"],
                "total": session.total,
                "language": self.language,
                "rerank_every": RERANK_EVERY,
            }
        )

    def next(self, request: Request) -> Response:
        return self._state(filters_of(request.query_params))

    def sample(self, request: Request) -> Response:
        return _json({"sample": self._sample(row_of(request.path_params["row"], self.session.total))})

    def picture(self, request: Request) -> Response:
        row = row_of(request.path_params["row"], self.session.total)
        size = request.query_params.get("size", "large")
        if size not in PICTURES_PX:
            raise ReviewError.bad_request("size", f"it is one of {', '.join(PICTURES_PX)}")
        found = self.showing.picture(row, PICTURES_PX[size])
        if found is None:
            return _told(ReviewError.no_picture(row), 404)
        return Response(found[0], media_type=found[1])

    def decide(self, body: bytes) -> Response:
        asked = parsed(body, AskedVerdict)
        self.session.left(asked.filters.filters)  # refuses wrong filters before anything is recorded
        # Session checks the verdict: the page may send any text.
        recorded = self.session.decide(asked.row, asked.verdict, asked.label)  # type: ignore[arg-type]
        return self._state(asked.filters.filters, reranked=recorded.reranked)

    def skip(self, body: bytes) -> Response:
        asked = parsed(body, AskedSkip)
        self.session.skip(asked.row)
        return self._state(asked.filters.filters)

    def undo(self, body: bytes) -> Response:
        filters = parsed(body, AskedUndo).filters.filters
        undone = self.session.undo()
        if undone is None:
            return self._state(filters)
        return self._state(filters, row=undone.row, undone=undone.decision)

    def _state(
        self, filters: Filters, *, row: int | None = None, reranked: bool = False, undone: Decision | None = None
    ) -> Response:
        """The sample in `row`, or the next one of the queue, and where the review stands."""
        session = self.session
        row = session.next(filters) if row is None else row
        upcoming = [other for other in session.upcoming(filters, UPCOMING + 1) if other != row]
        return _json(
            {
                "sample": None if row is None else self._sample(row),
                "left": session.left(filters),
                "upcoming": upcoming[:UPCOMING],
                "standing": asdict(session.standing()),
                "reranked": reranked,
                "undone": None if undone is None else asdict(undone),
                "notice": self.showing.notice(),
            }
        )

    def _sample(self, row: int) -> dict[str, Any]:
        shown = self.showing.shown(row)
        return {**asdict(shown), "checks": [_check(name) for name in shown.checks]}


def _check(name: str) -> dict[str, str]:
    return {"id": name, "title": check_title(name)}


def _posted(answer: Callable[[bytes], Response]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answer, await request.body())

    return endpoint


def _static(request: Request) -> Response:
    content, kind = static_file(request.path_params["name"])
    return Response(content, media_type=kind)


def _words(request: Request) -> Response:
    return Response(words_file(request.path_params["language"]), media_type="application/json")


def _nothing(_request: Request) -> Response:
    return Response(status_code=204)


def _failed(_request: Request, error: Exception) -> Response:
    """What a person can act on, as JSON."""
    assert isinstance(error, DataclinicError)  # noqa: S101 - it is registered for these
    return _told(error, 409 if isinstance(error, DecisionsError) else 400)


def _no_page(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
    return _told(ReviewError.no_page(request.url.path), error.status_code)


def _told(error: DataclinicError, status: int) -> Response:
    return _json({"error": error.message, "hint": error.hint}, status)


def _json(content: Any, status: int = 200) -> Response:
    """Plain ASCII: names that hold bytes which are no text go through it unharmed."""
    return Response(json.dumps(content, allow_nan=False), status, media_type="application/json")
