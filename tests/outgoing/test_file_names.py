import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.outgoing.file_names import distinct_names, folded, safe_name

CASES = {
    "cat": "cat",
    "Golden Retriever": "Golden Retriever",
    "قميص": "قميص",
    "../../etc": "%2E.%2F..%2Fetc",
    "..": "%2E%2E",
    ".": "%2E",
    "": "%",
    "C:\\x": "C%3A%5Cx",
    "100%": "100%25",
    "%2F": "%252F",
    "a\x00b\nc": "a%00b%0Ac",
    "-rf": "%2Drf",
    "~root": "%7Eroot",
    "end. ": "end.%20",
    "CON": "%43ON",
    "nul.txt": "%6Eul.txt",
    "console": "console",
    "\u202egnp.exe": "%E2%80%AEgnp.exe",
    "e\u0301": "é",
}


@pytest.mark.parametrize("name", CASES, ids=repr)
def test_names_that_could_lead_elsewhere_are_spelled_out(name):
    assert safe_name(name) == CASES[name]


def test_a_long_name_is_cut_at_a_character_and_told_apart_by_its_digest():
    first, second = safe_name("é" * 300), safe_name("é" * 301)
    assert first != second
    for name in (first, second):
        assert len(name.encode()) <= 120
        assert re.fullmatch("é+~[0-9a-f]{8}", name)


def test_what_is_not_cut_can_be_read_back():
    from urllib.parse import unquote

    for name, written in CASES.items():
        if name:
            assert unquote(written) == unicodedata.normalize("NFC", name)


def test_names_that_some_file_systems_take_for_one_are_told_apart():
    names = ["Case", "case", "é", "e\u0301", "ordinary"]
    found = distinct_names(names)
    assert len({folded(written) for written in found.values()}) == 5
    assert found["ordinary"] == "ordinary"
    assert found["Case"].startswith("Case~")


def test_a_name_made_to_look_like_another_ones_digest_does_not_meet_it():
    marked = distinct_names(["Case", "case"])["Case"]
    found = distinct_names(["Case", "case", marked, marked.upper()])
    assert len({folded(written) for written in found.values()}) == 4


def test_reserved_names_are_not_given():
    assert folded(distinct_names(["Changes.csv"], ["changes.csv"])["Changes.csv"]) != "changes.csv"


@given(st.lists(st.text(st.characters(codec=None), max_size=200), unique=True, max_size=8))
def test_any_names_are_safe_and_distinct(names):
    found = distinct_names(names)
    assert len({folded(written) for written in found.values()}) == len(names)
    for written in found.values():
        assert 0 < len(written.encode()) <= 125
        assert not set(written) & set('/\\:*?"<>|\x00')
        assert written[0] not in ".-~ "
        assert written[-1] not in ". "
