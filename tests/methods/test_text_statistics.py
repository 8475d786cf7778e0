"""Texts in numbers: counted by hand, in scripts of all kinds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.text_statistics import is_blank, text_statistics

SHARES = ("non_letter_share", "repeated_character_share", "upper_case_share")


def test_counted_by_hand():
    assert text_statistics("  See http://a.b NOW!!!\n\nOK?  ") == pytest.approx(
        {
            "length_characters": 26,
            "length_words": 6,  # See, http, a, b, NOW, OK
            "longest_word_characters": 10,
            "lines": 2,
            "links": 1,
            "non_letter_share": 8 / 22,  # : / / . ! ! ! ?
            "repeated_character_share": 3 / 22,
            "upper_case_share": 6 / 14,
        }
    )


def test_marks_belong_to_their_letters():
    assert text_statistics("e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}")["non_letter_share"] == 0
    assert text_statistics("हिन्दी")["non_letter_share"] == 0
    assert text_statistics("12345")["non_letter_share"] == 1


def test_scripts_without_case_have_no_share_of_capitals():
    assert math.isnan(text_statistics("这是一个句子")["upper_case_share"])
    assert text_statistics("Ünicode")["upper_case_share"] == pytest.approx(1 / 7)


@pytest.mark.parametrize(
    ("text", "share"), [("soooo", 4 / 5), ("good", 0), ("-----", 1), ("a   b", 0), ("aaabbb", 1), ("11 11 11", 0)]
)
def test_runs_of_three_or_more_count_as_repeated(text, share):
    assert text_statistics(text)["repeated_character_share"] == pytest.approx(share)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\ufeff", "\x00\x1f", "\u202e\u2066", "\u3000"])
def test_blank_texts_have_nothing_to_read(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", " . ", "\u200b的", "🧥", "\U0001fae8", "0"])
def test_a_single_sign_can_be_read(text):
    assert not is_blank(text)


@given(st.text())
def test_any_text_has_counts_and_shares_within_bounds(text):
    found = text_statistics(text)
    assert all(found[name] >= 0 for name in found if name not in SHARES)
    assert all(math.isnan(found[name]) or 0 <= found[name] <= 1 for name in SHARES)


@given(st.text(min_size=1))
def test_outer_spaces_change_nothing(text):
    assert text_statistics(f"  {text}\n") == pytest.approx(text_statistics(text), nan_ok=True)
