"""Equal content has equal digests, and nothing else has."""

import hashlib
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclinic.methods.content_digest import pixel_digest, row_digests, text_digest


def digests(frame):
    return row_digests((frame[name] for name in frame), len(frame))


def test_pixel_digest_is_blake2b_of_shape_and_pixels():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert pixel_digest(pixels) == hashlib.blake2b(b"(2, 4, 3)" + bytes(range(24)), digest_size=16).hexdigest()


def test_shape_and_single_pixels_matter_but_memory_layout_does_not():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    changed = pixels.copy()
    changed[1, 1, 1] += 1
    assert len({pixel_digest(pixels), pixel_digest(pixels.reshape(4, 2, 3)), pixel_digest(changed)}) == 3
    assert pixel_digest(np.asfortranarray(pixels)) == pixel_digest(pixels)


CELL = st.tuples(st.integers(0, 2), st.sampled_from(["", "a", "b", None]), st.sampled_from([0.5, -0.0, 0.0, np.nan]))


@given(st.lists(CELL, min_size=1, max_size=12))
def test_rows_have_equal_digests_where_all_cells_are_equal(cells):
    found = digests(pd.DataFrame(cells, columns=["number", "text", "real"]))
    plain = [(number, text, "nan" if np.isnan(real) else real) for number, text, real in cells]
    for one in range(len(cells)):
        for other in range(len(cells)):
            assert (found[one] == found[other]) == (plain[one] == plain[other])


def test_digest_has_32_hexadecimal_digits_and_does_not_depend_on_other_rows():
    frame = pd.DataFrame({"number": [3, 1, 2], "text": ["c", "a", "b"]})
    found = digests(frame)
    assert all(len(digest) == 32 and set(digest) <= set("0123456789abcdef") for digest in found)
    assert digests(frame.iloc[[2, 0]]) == (found[2], found[0])


def test_swapped_columns_are_other_content():
    one, other = digests(pd.DataFrame({"first": [1, 2], "second": [2, 1]}))
    assert one != other


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 2, None], dtype="Int64"),
        pd.Series([True, False, None], dtype="boolean"),
        pd.Series(["a", "b", None], dtype="category"),
        pd.Series(pd.to_datetime(["2020-01-01", "2021-01-01", None])),
        pd.Series([[1], {"a": 2}, None], dtype=object),
        pd.Series([b"a", 1, None], dtype=object),
        pd.Series([1.5, 2.5, None], dtype="float32"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_columns_of_any_type_have_digests(column):
    twice = pd.concat([column, column], ignore_index=True)
    found = row_digests([twice], 6)
    assert found[:3] == found[3:]
    assert len(set(found)) == 3


def test_no_columns_no_digests():
    assert row_digests([], 2) == ("", "")


def test_many_rows_do_not_collide():
    frame = pd.DataFrame({"one": np.repeat(np.arange(300), 300), "other": np.tile(np.arange(300), 300)})
    assert len(set(digests(frame))) == len(frame)


def test_texts_are_equal_whose_words_and_signs_are():
    wanted = text_digest("Un caf\N{LATIN SMALL LETTER E WITH ACUTE}, please")
    for same in (
        "  Un cafe\N{COMBINING ACUTE ACCENT}, please\n",
        "Un\tcaf\u00e9,\n\nplease",
        "Un\u00a0caf\u00e9, please",
    ):
        assert text_digest(same) == wanted
    for other in ("un caf\u00e9, please", "Un caf\u00e9 please", "Un cafe, please", "Uncaf\u00e9, please"):
        assert text_digest(other) != wanted


def test_text_digest_is_blake2b_of_the_text():
    assert text_digest("two words") == hashlib.blake2b(b"two words", digest_size=16).hexdigest()
    assert text_digest(" \n ") == ""
    assert len(text_digest("half a pair \ud800")) == 32


@given(st.text())
def test_text_digest_is_the_same_after_any_canonical_rewriting(text):
    assert text_digest(unicodedata.normalize("NFD", text)) == text_digest(f" {text}\n")
