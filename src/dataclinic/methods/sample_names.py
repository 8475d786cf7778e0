"""Whether a column's values number or name the samples rather than describe them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataclinic.arrays import Scores

_SURE = 20.0
"""Repeats that whole numbers drawn from their own range would show on average; that none comes has a chance of e⁻²⁰."""

_FEWEST_REPEATED = 0.01
"""Share of the values that may be repeated, as where some rows were copied."""

_MACHINE_MADE = (
    (re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE), "UUIDs"),
    (re.compile(r"(?=.*[0-9])(?=.*[a-f])(0x)?[0-9a-f]{12,128}", re.IGNORECASE), "hashes"),
    (re.compile(r"[^\n]*[^\s.]\.[a-z][a-z0-9]{1,4}", re.IGNORECASE), "file names"),
)
_MOSTLY = 0.9
"""Share of the texts that must have the form."""


def numbers_samples(values: Scores) -> bool:
    """Whether whole numbers never repeat although their range is so narrow that measured ones would.

    Of n values drawn from a range of R whole numbers about n² / 2R pairs are equal, and more where some values are
    likelier than others (the birthday problem). Running numbers, and a sample of them, have none.

    Args:
        values: (samples,), NaN where missing.
    """
    known = values[~np.isnan(values)]
    if not known.size or (known % 1 != 0).any():
        return False
    distinct = len(np.unique(known))
    width = float(np.ptp(known)) + 1
    return distinct >= (1 - _FEWEST_REPEATED) * len(known) and len(known) ** 2 / (2 * width) >= _SURE


def machine_made(texts: Sequence[str]) -> str | None:
    """What at least nine of ten `texts` are: "UUIDs", "hashes" or "file names"; None where they are neither."""
    for form, what in _MACHINE_MADE:
        if sum(form.fullmatch(text.strip()) is not None for text in texts) >= _MOSTLY * max(len(texts), 1):
            return what
    return None
