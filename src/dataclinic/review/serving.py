"""A review on 127.0.0.1: its address, and the server until it is told to stop."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_urlsafe
from threading import Thread
from typing import TYPE_CHECKING

from dataclinic.errors import DataclinicError, ReviewError
from dataclinic.review.app import make_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataclinic.review.session import Session
    from dataclinic.review.showing import Showing

HOST = "127.0.0.1"

GRACE_SECONDS = 2
"""For answers that are under way when the server is told to stop; verdicts are on disk by then or were never told."""

WAITING = 128
"""Connections that may wait to be accepted."""


@dataclass(frozen=True)
class Addresses:
    """Of the page: `page` opens it any number of times, `once` a single time."""

    page: str
    once: str
    port: int


def serve(
    session: Session,
    showing: Showing,
    *,
    port: int,
    language: str | None,
    ready: Callable[[Addresses], None],
) -> None:
    """Serve the review until Ctrl-C or SIGTERM.

    Args:
        session: the review.
        showing: what is shown of its samples; it is made ready meanwhile.
        port: 0 for a free one.
        language: of the page, None for the browser's.
        ready: called once the addresses can be opened.

    Raises:
        ReviewError: the port is taken or not allowed.
    """
    import uvicorn

    listening = listening_on(port)
    token, once = token_urlsafe(32), token_urlsafe(32)
    port = listening.getsockname()[1]
    app = make_app(session, showing, token=token, port=port, language=language, once=once)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    address = f"http://{HOST}:{port}/?token="
    ready(Addresses(address + token, address + once, port))
    Thread(target=_load, args=(showing,), name="load the data", daemon=True).start()
    with listening:
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            return


def _load(showing: Showing) -> None:
    with suppress(DataclinicError):  # whoever asks for a sample is told of it
        showing.load()


def listening_on(port: int) -> socket.socket:
    """A socket of this machine alone, to which a browser may connect already."""
    # Named TCP, or asyncio does not know it for what it is and leaves it to wait 40 ms with the end of each answer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        # A killed server leaves connections behind that keep its port for a minute. Windows would share a port in use.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(WAITING)
    except OSError as error:
        listening.close()
        raise ReviewError.port_taken(port, error) from error
    return listening
