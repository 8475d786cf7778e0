"""Tell what became of the suspects of an earlier run, and which ones a later run has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dataclinic.arrays import Mask, Rows

Change: TypeAlias = Literal["new", "returned", "still", "fixed"]

NOWHERE = -1


def compare_runs(before: pd.DataFrame, after: pd.DataFrame, partner: Rows, approved: Mask) -> pd.DataFrame:
    """Every sample that is a suspect in one of two runs, and what changed.

    new: a suspect now that was none before, or was not there. still: a suspect in both with the same label. returned: a
    suspect now although a person said that its label is right, or one that was relabelled and is a suspect again.
    fixed: a suspect before that is none now, or is gone.

    Args:
        before: columns given_label, flagged and rank of the earlier run, a row a sample.
        after: those of the later run.
        partner: from `match_runs`.
        approved: (after,) whether a person said, before the later run, that the label it has there is right.

    Returns:
        Columns change, how (in words), before and after (rows in the two runs, -1 where it is not there); new,
        returned and still ones by their rank in the later run, then fixed ones by their rank in the earlier one.
    """
    here, earlier, same = _suspects(before, after, partner)
    was = np.zeros(len(here), bool)
    was[earlier >= 0] = before["flagged"].to_numpy(bool)[earlier[earlier >= 0]]
    said = approved[here]
    change = np.select([said, was & ~same, was], ["returned", "returned", "still"], "new")
    how = np.select(
        [said, was & ~same, was, earlier < 0, ~same],
        [
            "a person said that its label is right",
            "relabelled, and a suspect again",
            "same label as before",
            "was not there before",
            "relabelled, and a suspect now",
        ],
        "was no suspect before",
    )
    now = pd.DataFrame({"change": change, "how": how, "before": earlier, "after": here})
    return pd.concat([now, _fixed(before, after, partner)], ignore_index=True)


def _suspects(before: pd.DataFrame, after: pd.DataFrame, partner: Rows) -> tuple[Rows, Rows, Mask]:
    """Suspects of the later run by rank, their rows in the earlier one, and whether the label was the same there."""
    here = _by_rank(after)
    earlier = partner[here]
    return here, earlier, _same_label(before, after, earlier, here)


def _fixed(before: pd.DataFrame, after: pd.DataFrame, partner: Rows) -> pd.DataFrame:
    there = _by_rank(before)
    back = np.full(len(before), NOWHERE, np.int64)
    back[partner[partner >= 0]] = np.flatnonzero(partner >= 0)
    now = back[there]
    still = np.zeros(len(there), bool)
    still[now >= 0] = after["flagged"].to_numpy(bool)[now[now >= 0]]
    there, now = there[~still], now[~still]
    same = _same_label(before, after, there, now)
    how = np.select([now < 0, ~same], ["gone from the data", "relabelled"], "same label, no longer a suspect")
    return pd.DataFrame({"change": "fixed", "how": how, "before": there, "after": now})


def _by_rank(samples: pd.DataFrame) -> Rows:
    rows = np.flatnonzero(samples["flagged"].to_numpy(bool))
    return rows[np.argsort(samples["rank"].to_numpy()[rows], kind="stable")]


def _same_label(before: pd.DataFrame, after: pd.DataFrame, old: Rows, new: Rows) -> Mask:
    """Whether the pairs of rows that are both there bear the same label."""
    same = np.zeros(len(old), bool)
    both = (old >= 0) & (new >= 0)
    sides: Sequence[NDArray[np.object_]] = [
        frame["given_label"].to_numpy(object)[rows[both]] for frame, rows in ((before, old), (after, new))
    ]
    same[both] = sides[0] == sides[1]
    return same
