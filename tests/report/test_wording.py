"""Numbers read as a person writes them, and text from the data cannot hide what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.report import wording


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0.0 %"), (1, "100.0 %"), (0.0004, "< 0.1 %"), (0.9996, "> 99.9 %"), (0.1234, "12.3 %"), (None, "–")],
)
def test_percent(share, text):
    assert wording.percent(share).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(12345, "12,345"), (3.14159, "3.142"), (0.00012, "0.00012"), (98765.43, "98,765.4"), (None, "–")],
)
def test_number(value, text):
    assert wording.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.41, "0.4 s"), (12.3, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (59.7, "1 min 0 s"), (None, "–")],
)
def test_duration(seconds, text):
    assert wording.duration(seconds) == text


def test_moment():
    assert wording.moment("2026-08-03T14:05:09+00:00") == "3 August 2026, 14:05 UTC"
    assert wording.moment(None) == ""


@given(st.text(), st.integers(3, 40))
def test_shortened_text_keeps_both_ends_and_the_limit(text, limit):
    short = wording.shorten(text, limit)
    whole = wording.visible(text)
    assert len(short) <= limit
    assert short == whole or (whole.startswith(short.partition("…")[0]) and "…" in short)


@given(st.text(st.characters()))
def test_what_is_shown_can_be_encoded_and_has_no_control_characters(text):
    shown = wording.visible(text)
    shown.encode()
    assert not any(ord(character) < 32 or ord(character) == 127 for character in shown)


def test_marks_that_turn_the_text_around_are_shown():
    assert wording.visible("a\u202eb\u2066c") == "a\ufffdb\ufffdc"


def test_undecodable_bytes_of_a_file_name_are_shown():
    assert wording.visible(b"caf\xe9".decode("utf-8", "surrogateescape")) == "caf\ufffd"


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("near_duplicates", "Near duplicates"), ("iqr_outliers", "IQR outliers"), ("zscore_outliers", "Z-score outliers")],
)
def test_checks_are_named_in_words(name, spelled):
    assert wording.check_title(name) == spelled


def test_settings_are_flat_and_only_those_that_are_set():
    settings = {"label": None, "only": [], "skip": ["a", "b"], "checks": {"iqr": {"factor": 3.0}}, "folds": 5}
    assert wording.flat(settings) == [("skip", "a, b"), ("checks.iqr.factor", "3.0"), ("folds", "5")]


def test_names_are_short_inside_a_text_and_the_longest_is_cut_first():
    long, longer = "n" * 60, "n" * 90
    text = wording.with_short_names(f"given '{longer}', said 'cat'", [long, longer, "cat"])
    assert text == f"given '{wording.shorten(longer, 48)}', said 'cat'"


def test_the_largest_number_is_short():
    assert wording.number(1.7e308) == "1.7e+308"


def test_readable_texts_keep_their_lines():
    assert wording.readable("one\r\ntwo\rthree\tfour") == "one\ntwo\nthree\tfour"
    assert wording.readable("\x00\u2066\ud800") == "\u2400\ufffd\ufffd"
