"""Find the samples of an earlier run among those of a later one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from dataclinic.arrays import Codes, Mask, Rows

FULLEST = (("content", "id"), ("content", "given_label"), ("content",))
"""What samples with content share, in the order in which they are matched by it."""


def match_runs(before: pd.DataFrame, after: pd.DataFrame) -> Rows:
    """(after,) row in `before` of each sample of `after`, -1 where it is new; each sample is matched once.

    Both have the columns id, content (digest, "" where there is none) and given_label, a row a sample. Equal content
    makes the same sample: first where the id is the same too, then the label, then in order, so that a copy more is a
    sample more. Where one of the two has no content, the id decides. An id whose content changed is another sample.
    """
    codes = {name: _codes(before[name], after[name]) for name in ("content", "id", "given_label")}
    partner, free = np.full(len(after), -1, np.int64), np.ones(len(before), bool)
    known_before, known_after = ((frame["content"] != "").to_numpy(bool) for frame in (before, after))
    all_before, all_after = np.ones(len(before), bool), np.ones(len(after), bool)
    rounds = [(names, known_before, known_after) for names in FULLEST]
    rounds += [(("id",), all_before, ~known_after), (("id",), ~known_before, all_after)]
    for names, among_before, among_after in rounds:
        old, new = _pairs([codes[name] for name in names], free & among_before, (partner < 0) & among_after)
        partner[new], free[old] = old, False
    return partner


def _codes(before: pd.Series[str], after: pd.Series[str]) -> tuple[Codes, Codes]:
    """Numbers that are equal where the texts are."""
    codes = pd.factorize(pd.concat([before, after], ignore_index=True))[0].astype(np.int64)
    return codes[: len(before)], codes[len(before) :]


def _pairs(codes: list[tuple[Codes, Codes]], before: Mask, after: Mask) -> tuple[Rows, Rows]:
    """Rows of `before` and of `after` that are equal in all `codes`, the first with the first and so on."""
    sides = [_numbered([pair[side] for pair in codes], rows) for side, rows in enumerate((before, after))]
    shared = [name for name in sides[0] if name != "row"]
    found = sides[0].merge(sides[1], on=shared, suffixes=("_before", "_after"))
    return found["row_before"].to_numpy(np.int64), found["row_after"].to_numpy(np.int64)


def _numbered(codes: list[Codes], rows: Mask) -> pd.DataFrame:
    """The codes of those rows, and which of its equals each row is."""
    frame = pd.DataFrame({f"code_{place}": values[rows] for place, values in enumerate(codes)})
    frame["equal"] = frame.groupby(list(frame.columns), sort=False).cumcount()
    return frame.assign(row=np.flatnonzero(rows))
