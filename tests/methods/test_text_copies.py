"""Texts that say the same share a set; texts from a template, of other numbers or too short do not."""

import numpy as np
import pytest

from dataclinic.methods.text_copies import WAYS, normalised_words, text_copies, word_likeness

STORY = "the quick brown fox jumps over the lazy dog near the old mill by the river"


def sets_of(*texts, everyone=True):
    rows = np.arange(len(texts))
    around = np.array([[other for other in rows if other != row] for row in rows]).reshape(len(texts), -1)
    pairs = np.array([(row, other) for row in rows for other in rows if row < other and everyone], np.int64)
    return text_copies(texts, pairs.reshape(-1, 2), around)


def test_case_signs_and_spaces_are_no_words():
    found = sets_of("Hello, World!", "hello world", "something else", everyone=False)
    assert found.sets.tolist() == [0, 0, -1]
    assert [WAYS[way] for way in found.likeness.ways] == ["same words"]


def test_one_changed_word_of_many_is_found():
    for changed in (STORY.replace("lazy", "sleepy"), STORY.replace(" lazy", ""), STORY + " again", "Well " + STORY):
        found = sets_of(STORY, changed, "an entirely different sentence about the weather in spring")
        assert found.sets.tolist() == [0, 0, -1]
        assert [WAYS[way] for way in found.likeness.ways] == ["words changed"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("how do I lock my card", "how do I unlock my card"),
        (STORY + " at 10", STORY + " at 11"),
        (STORY + " -5", STORY + " 5"),
        ("we write everything in C", "we write everything in C++"),
        ("great 😀", "great 😡"),
        ("!!!", "???"),
        ("", ""),
        (STORY, " ".join(reversed(STORY.split()))),
    ],
)
def test_what_means_something_else_is_not_alike(one, other):
    assert sets_of(one, other).sets.tolist() == [-1, -1]


def test_texts_from_a_template_form_no_sets():
    texts = [
        f"the forecast for {place} on {day} is sunny with a light breeze from the west and no rain"
        for day in ("Monday", "Tuesday", "Friday")
        for place in ("Oslo", "Rome", "Lima")
    ]
    assert (sets_of(*texts).sets == -1).all()
    assert (sets_of(*texts[:2]).sets == 0).all()


def test_likeness_is_the_share_of_the_longer_text():
    words = tuple("abcdefghij")
    assert word_likeness(words, words) == 1.0
    assert word_likeness(words, (*words[:4], "x", *words[5:])) == 0.9
    assert word_likeness(words, words[1:]) == 0.9
    assert word_likeness(words[1:], words) == 0.9
    assert word_likeness(words, words[:3]) == 0.0


def test_canonically_equal_words_are_equal():
    assert normalised_words("Caf\u00e9 \ufb01ne, STRASSE") == normalised_words("cafe\u0301 fine strasse")


def test_more_than_two_with_the_same_words_are_one_set():
    found = sets_of("Top up?", "top up", "TOP UP!", "other words", "top-up", everyone=False)
    assert found.sets.tolist() == [0, 0, 0, -1, 0]
