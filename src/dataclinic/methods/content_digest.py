"""Digests of content: 32 hexadecimal digits, equal for equal content, whatever the file or row it stands in."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from dataclinic.arrays import Pixels

# Odd multipliers of the two lanes: the golden ratio's, and that of SplitMix64's second round (Steele et al. 2014).
_LANES = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0x94D049BB133111EB))


def pixel_digest(pixels: Pixels) -> str:
    """BLAKE2b-128 (RFC 7693) of a picture's pixels and shape: a 2 × 8 picture is not a 4 × 4 one."""
    digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def text_digest(text: str) -> str:
    """BLAKE2b-128 of a text's words, "" where it has none.

    Texts are equal whose characters are canonically equivalent (Unicode normalisation form C, UAX #15: a letter with
    its accent is one or two code points) and which differ in no more than the width of their spaces and line breaks.
    Case counts, since Polish is no polish, and so do signs, since a question is no statement.
    """
    words = " ".join(unicodedata.normalize("NFC", text).split())
    # Half of a surrogate pair is no character, but a cell may hold one.
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if words else ""


def row_digests(columns: Iterable[pd.Series], rows: int) -> tuple[str, ...]:
    """One digest a row over the cells of all `columns`, in their order; "" for each where there is no column.

    Missing cells equal each other, and 0.0 equals −0.0. Numbers are mixed without loss and text is hashed to 64 bits
    (SipHash), then two 64-bit lanes take up column after column: among a million different rows the chance of
    any two equal digests is below one in a million. Not meant to withstand someone who seeks collisions.
    """
    lanes = [np.full(rows, lane) for lane in _LANES]
    empty = True
    for column in columns:
        empty = False
        cells = _cell_hashes(column)
        lanes = [_mixed((lane ^ cells) * multiplier) for lane, multiplier in zip(lanes, _LANES, strict=True)]
    if empty:
        return ("",) * rows
    digits = np.column_stack(lanes).astype(">u8").tobytes().hex()
    return tuple(digits[start : start + 32] for start in range(0, len(digits), 32))


def _cell_hashes(column: pd.Series) -> NDArray[np.uint64]:
    import pandas as pd

    if pd.api.types.is_float_dtype(column.dtype):
        # One bit pattern for every NaN and for both zeros: pandas before 3.1 hashes the bits as they are.
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan) + 0.0
        column = pd.Series(np.where(np.isnan(numbers), np.nan, numbers))
    try:
        hashes = pd.util.hash_pandas_object(column, index=False)
    except TypeError:  # cells that cannot be hashed, such as lists
        hashes = pd.util.hash_pandas_object(column.map(repr), index=False)
    return np.asarray(hashes, np.uint64)


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finalizer of SplitMix64: every bit of the input moves every bit of the output."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
