"""Keys pressed at a terminal, one at a time; a line and Enter where there is no terminal."""

from __future__ import annotations

import os
import select
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTER = "enter"
SPACE = "space"
END = "end"
"""No key will follow: the input has ended."""

ESCAPE_SECONDS = 0.05
"""An arrow key sends its code at once; a person who pressed Escape is slower."""

LINE_SKIP = "s"
"""For a space, which nobody sees at the end of a line."""


class Keyboard(Protocol):
    """Where keys come from."""

    single: bool
    """Whether a key counts without Enter."""

    def key(self) -> str:
        """The next key: a character, ENTER, SPACE, END, or "" for one that means nothing here."""

    def line(self) -> str:
        """A line of text without its end; "" where the input has ended."""


class LineKeyboard:
    """Each line is a key: its first character, ENTER for an empty one."""

    single = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def key(self) -> str:
        read = self._stream.readline()
        if not read:
            return END
        text = read.rstrip("\r\n")
        if not text:
            return ENTER
        return SPACE if not text.strip() or text.strip().lower() == LINE_SKIP else text.strip()[0]

    def line(self) -> str:
        return self._stream.readline().rstrip("\r\n")


@contextmanager
def keyboard(stream: TextIO | None = None) -> Iterator[Keyboard]:
    """Single keys of the terminal that `stream` (stdin) is; lines of anything else, and on Windows.

    The terminal is as it was when the block ends, however it ends.
    """
    source = stream or sys.stdin
    try:
        import termios
        import tty
    except ImportError:
        yield LineKeyboard(source)
        return
    if not source.isatty():
        yield LineKeyboard(source)
        return
    handle = source.fileno()
    before = termios.tcgetattr(handle)

    class Single:
        single = True

        def key(self) -> str:
            return _pressed(handle)

        def line(self) -> str:
            termios.tcsetattr(handle, termios.TCSADRAIN, before)
            try:
                return source.readline().rstrip("\r\n")
            finally:
                tty.setcbreak(handle, termios.TCSADRAIN)

    # Not TCSAFLUSH, the usual way, which throws away keys that were pressed meanwhile.
    tty.setcbreak(handle, termios.TCSADRAIN)
    try:
        yield Single()
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _pressed(handle: int) -> str:
    first = os.read(handle, 1)
    if not first or first == b"\x04":
        return END
    if first in {b"\r", b"\n"}:
        return ENTER
    if first == b" ":
        return SPACE
    if first == b"\x1b":  # an arrow or function key: its code is read and means nothing
        while select.select([handle], [], [], ESCAPE_SECONDS)[0]:
            os.read(handle, 16)
        return ""
    return _character(handle, first)


def _character(handle: int, first: bytes) -> str:
    """The rest of a character of UTF-8 whose first byte is read."""
    more = 0 if first[0] < 0xC0 else 1 if first[0] < 0xE0 else 2 if first[0] < 0xF0 else 3
    text = (first + (os.read(handle, more) if more else b"")).decode("utf-8", "ignore")
    return text if text.isprintable() else ""
