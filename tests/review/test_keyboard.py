import io
import os
import pty
import termios
import threading

import pytest

from dataclinic.review.keyboard import END, ENTER, SPACE, keyboard


def _keys(text, count):
    with keyboard(io.StringIO(text)) as keys:
        return [keys.key() for _ in range(count)]


def test_without_a_terminal_each_line_is_a_key():
    assert _keys("k\n\n \ns\n3\n  drop it\n", 7) == ["k", ENTER, SPACE, SPACE, "3", "d", END]


def test_a_last_line_without_an_end_counts():
    assert _keys("q", 2) == ["q", END]


def test_without_a_terminal_lines_are_lines():
    with keyboard(io.StringIO(" a cat \r\n")) as keys:
        assert not keys.single
        assert keys.line() == " a cat "
        assert keys.line() == ""


@pytest.fixture
def terminal():
    """What a person types into, and what the program reads from."""
    typing, reading = pty.openpty()
    with os.fdopen(reading, encoding="utf-8") as stream:
        yield typing, stream
    os.close(typing)


def test_at_a_terminal_a_key_counts_at_once(terminal):
    typing, stream = terminal
    with keyboard(stream) as keys:
        assert keys.single
        keys_typed = b"k3 \r\n\xe7\x8c\xab\x04"
        os.write(typing, keys_typed[:1])
        assert keys.key() == "k"  # no Enter was needed
        os.write(typing, keys_typed[1:])
        assert [keys.key() for _ in range(6)] == ["3", SPACE, ENTER, ENTER, "猫", END]


def test_arrows_and_control_characters_mean_nothing(terminal):
    typing, stream = terminal
    with keyboard(stream) as keys:
        keys_typed = (b"\x1b[A", b"\x1bOP", b"\x01", b"\x1b")
        for typed in keys_typed:
            os.write(typing, b"k")
            assert keys.key() == "k"
            os.write(typing, typed)
            assert keys.key() == ""


def test_a_line_is_edited_as_lines_are(terminal):
    typing, stream = terminal
    with keyboard(stream) as keys:
        # What the terminal itself takes back when it is rubbed out; it waits for the mode of lines.
        typist = threading.Timer(0.3, os.write, (typing, b"ca\x7fat\nk"))
        typist.start()
        assert keys.line() == "cat"
        assert keys.key() == "k"
        typist.join()


def _crash(stream, typing):
    with keyboard(stream) as keys:
        os.write(typing, b"k")
        keys.key()
        assert not termios.tcgetattr(stream.fileno())[3] & termios.ICANON
        raise ZeroDivisionError


def test_the_terminal_is_left_as_it_was_even_after_a_crash(terminal):
    typing, stream = terminal
    before = termios.tcgetattr(stream.fileno())
    with pytest.raises(ZeroDivisionError):
        _crash(stream, typing)
    assert termios.tcgetattr(stream.fileno()) == before
