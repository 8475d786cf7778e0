"""The socket that the review listens on."""

from __future__ import annotations

import asyncio
import socket

import pytest

from dataclinic.errors import ReviewError
from dataclinic.review.serving import listening_on


def test_listens_to_this_machine_alone_on_a_free_port():
    with listening_on(0) as first, listening_on(0) as second:
        assert first.getsockname()[0] == second.getsockname()[0] == "127.0.0.1"
        assert first.getsockname()[1] != second.getsockname()[1]


def test_a_taken_port_is_refused():
    with listening_on(0) as taken, pytest.raises(ReviewError, match="cannot listen on port"):
        listening_on(taken.getsockname()[1])


def test_answers_go_out_at_once():
    """Otherwise the last part of each waits for the browser to confirm the first, 40 ms on Linux."""
    told = []

    async def serve():
        def connected(_reader, writer):
            told.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = listening_on(0)
        async with await asyncio.start_server(connected, sock=listening):
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            await reader.read()
            writer.close()
            await writer.wait_closed()

    asyncio.run(serve())
    assert told == [1]
